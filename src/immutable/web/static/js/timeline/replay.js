/** Replays a story: stands on one step after the other, in the rhythm in which they happened, only faster. */
import { announce } from "../clipboard.js";
import { el } from "../dom.js";
import { sentence } from "../words.js";

/** @typedef {import("../types.js").Step} Step */

const FASTER = 20;
const SHORTEST_MS = 500;
const LONGEST_MS = 2500;

/** @param {{steps: Step[], select: (index: number) => void, current: () => number}} story */
export function replay({ steps, select, current }) {
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;
  let isRunning = false;
  const node = el("button", { type: "button", class: "button replay", "aria-pressed": "false", onclick: toggle, title: "Step through what happened (p)" }, "Replay");

  function toggle() {
    if (isRunning) return stop();
    isRunning = true;
    node.textContent = "Stop";
    node.setAttribute("aria-pressed", "true");
    // From where one stands; from the end it begins anew.
    play(current() >= steps.length - 1 ? 0 : Math.max(0, current()));
  }

  /** @param {number} index */
  function play(index) {
    if (index >= steps.length) return stop();
    select(index);
    announce(sentence(steps[index].action));
    const gap = steps[index + 1]?.gap_ms ?? 0;
    timer = setTimeout(() => play(index + 1), Math.min(LONGEST_MS, Math.max(SHORTEST_MS, gap / FASTER)));
  }

  function stop() {
    clearTimeout(timer);
    isRunning = false;
    node.textContent = "Replay";
    node.setAttribute("aria-pressed", "false");
  }
  return { node, toggle, stop };
}
