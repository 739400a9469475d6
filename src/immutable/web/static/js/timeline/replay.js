/** Replays a story: stands on one step after the other, in the rhythm in which they happened, at a speed that is chosen. */
import { el } from "../dom.js";
import { icon } from "../icons.js";
import { prefer, preferred } from "../preference.js";
import { span } from "../time.js";
import { sentence } from "../words.js";

/** @typedef {import("../types.js").Step} Step */

const SPEEDS = ["1", "4", "16"];
// Below this nobody can follow; what would take longer is skipped, and the silence told instead of waited for.
const SHORTEST_MS = 400;
const LONGEST_MS = 8000;
const SKIPPED_MS = 1200;

/**
 * @param {{steps: Step[], play: (index: number) => void, current: () => number}} story
 * @param {() => Promise<void>} readMore reads further steps into the story, where there are any
 */
export function replay(story, readMore) {
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;
  /** Counts the starts: what was begun before the last one goes on no more. */
  let run = 0;
  let isRunning = false;
  const text = el("span", {}, "Replay");
  const button = el("button", { type: "button", class: "button", onclick: toggle, title: "Play and pause (space)" }, icon("play"), text);
  const speed = el(
    "select",
    { "aria-label": "Speed", onchange: () => prefer("speed", speed.value) },
    ...SPEEDS.map((one) => el("option", { value: one, selected: one === preferred("speed", "16") }, `${one}×`)),
  );
  const told = el("span", { class: "replay-told", role: "status" });
  const node = el("div", { class: "replay", role: "group", "aria-label": "Replay" }, button, speed, told);

  function toggle() {
    if (isRunning) return stop("Paused");
    set(true);
    // From where one stands; from the end it begins anew.
    const at = story.current();
    play(at >= story.steps.length - 1 ? 0 : Math.max(0, at), 0, ++run);
  }

  /** @param {number} index @param {number} skipped milliseconds of silence before it that were not waited for @param {number} mine */
  async function play(index, skipped, mine) {
    if (index >= story.steps.length) await readMore();
    if (mine !== run || !isRunning) return;
    const step = story.steps[index];
    if (!step) return stop(`The end, after ${story.steps.length.toLocaleString("en")} steps`);
    story.play(index);
    const place = `Step ${(index + 1).toLocaleString("en")}: ${sentence(step.action)}`;
    told.textContent = skipped ? `${place}, ${span(skipped)} later (skipped)` : place;
    const gap = Math.abs(story.steps[index + 1]?.gap_ms ?? 0);
    const wait = gap / Number(speed.value);
    const isSkipped = wait > LONGEST_MS;
    timer = setTimeout(() => play(index + 1, isSkipped ? gap : 0, mine), isSkipped ? SKIPPED_MS : Math.max(SHORTEST_MS, wait));
  }

  /** @param {string} why */
  function stop(why) {
    if (!isRunning) return;
    clearTimeout(timer);
    set(false);
    told.textContent = why;
  }

  /** @param {boolean} running */
  function set(running) {
    isRunning = running;
    text.textContent = running ? "Pause" : "Replay";
    button.replaceChildren(icon(running ? "pause" : "play"), text);
  }
  return { node, toggle, stop: () => stop("") };
}
