/** A story: steps along a rail, with the time between them drawn as distance. Used for sessions and for resources. */
import { el } from "../dom.js";
import { span, spell } from "../time.js";
import { stepNode } from "./step.js";

/** @typedef {import("../types.js").Step} Step */

// Beyond this silence the rail is drawn broken: the distance no longer tells how long it was, the label does.
const BROKEN_RAIL_MS = 60_000;
// So many are drawn at once; of more, the browser lays out only those in sight.
const LONG = 60;

/** @param {import("./step.js").Telling & {onSelect?: (step: Step) => void}} how */
export function makeStory(how) {
  /** @type {Step[]} */
  const steps = [];
  /** @type {Set<string>} ids of the steps whose details are open */
  const unfolded = new Set();
  /** @type {Set<string>} ids of the steps that a verification found altered */
  let broken = new Set();
  let selected = -1;
  /** how many of the steps are on the page */
  let drawn = 0;
  const node = el("ol", { class: `story${how.hasSessions ? " across" : ""}` });

  /** @param {Step[]} added */
  function add(added) {
    steps.push(...added);
    node.classList.toggle("long", steps.length > LONG);
    drawOn();
  }

  /** Draws the next steps, and the others while the browser has nothing else to do: hundreds at once would hold it up. */
  function drawOn() {
    drawUntil(drawn + LONG);
    if (drawn < steps.length) setTimeout(drawOn);
  }

  /** @param {number} count */
  function drawUntil(count) {
    const fresh = new DocumentFragment();
    for (const end = Math.min(count, steps.length); drawn < end; drawn += 1) {
      const [before, step] = [steps[drawn - 1], steps[drawn]];
      const day = spell(step.occurred_at, "day");
      if (!before || spell(before.occurred_at, "day") !== day)
        fresh.append(el("li", { class: "story-day" }, el("span", {}, day)));
      if (before) fresh.append(gapNode(before, step));
      const shown = stepNode(step, { ...how, unfolded });
      shown.classList.toggle("broken", broken.has(step.id));
      fresh.append(shown);
    }
    node.append(fresh);
  }

  function redraw() {
    selected = -1;
    drawn = 0;
    node.replaceChildren();
    drawOn();
  }

  const drawnNodes = () => /** @type {HTMLElement[]} */ ([...node.querySelectorAll(":scope > .step")]);

  /** Whoever goes from step to step goes through all of them. */
  function nodes() {
    drawUntil(steps.length);
    return drawnNodes();
  }

  /** @param {number} index */
  function select(index) {
    stand(index)?.focus({ preventScroll: true });
  }

  /** Stands on a step and leaves the focus where it is, unless it is among the steps. @param {number} index */
  function play(index) {
    const isAmong = node.contains(document.activeElement);
    const chosen = stand(index);
    if (isAmong) chosen?.focus({ preventScroll: true });
  }

  /** @param {number} index */
  function stand(index) {
    const all = nodes();
    all[selected]?.removeAttribute("aria-current");
    selected = Math.max(0, Math.min(all.length - 1, index));
    const chosen = all[selected];
    if (!chosen) return null;
    chosen.setAttribute("aria-current", "step");
    // Who wants little motion has the page stand still as long as the step is on screen.
    const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
    const isLong = steps.length > LONG;
    const where = /** @type {ScrollIntoViewOptions} */ ({ block: calm ? "nearest" : "center", behavior: calm || isLong ? "auto" : "smooth" });
    chosen.scrollIntoView(where);
    // What comes into sight only now has its true height only now.
    if (isLong) chosen.scrollIntoView(where);
    how.onSelect?.(steps[selected]);
    return chosen;
  }

  /** The step that has the focus is the selected one, however it got there. */
  const current = () => {
    const focused = nodes().findIndex((step) => step.contains(document.activeElement));
    return focused >= 0 ? focused : selected;
  };

  /** @param {string} id */
  const selectEvent = (id) => {
    const index = steps.findIndex((step) => step.id === id);
    if (index >= 0) select(index);
    return index >= 0;
  };

  function nextDestructive() {
    const after = steps.findIndex((step, index) => step.destructive && index > current());
    const index = after >= 0 ? after : steps.findIndex((step) => step.destructive);
    if (index >= 0) select(index);
  }

  /** @type {import("../types.js").Shortcut[]} */
  const shortcuts = [
    { keys: ["j", "ArrowDown"], does: "Next step", run: () => select(current() + 1) },
    { keys: ["k", "ArrowUp"], does: "Previous step", run: () => select(current() - 1) },
    {
      keys: ["Enter", "o"],
      does: "Fold or unfold the details",
      run: () => {
        if (current() < 0) select(0);
        /** @type {HTMLElement | null | undefined} */ (nodes()[current()]?.querySelector(".unfold"))?.click();
      },
    },
    { keys: ["d"], does: "Next destructive step", run: nextDestructive },
  ];

  /** @param {Set<string>} ids */
  function markBroken(ids) {
    broken = ids;
    for (const step of drawnNodes()) step.classList.toggle("broken", ids.has(step.dataset.event ?? ""));
  }
  return { node, steps, add, redraw, play, current, selectEvent, nextDestructive, markBroken, shortcuts };
}

/** @param {Step} before @param {Step} step */
function gapNode(before, step) {
  const ms = step.gap_ms ?? Date.parse(step.occurred_at) - Date.parse(before.occurred_at);
  const kind = Math.abs(ms) >= BROKEN_RAIL_MS ? "gap broken-rail" : "gap";
  const gap = el(
    "li",
    { class: before.destructive && step.destructive ? `${kind} hot` : kind },
    Math.abs(ms) >= 1000 && el("span", {}, `${span(ms)} ${ms < 0 ? "earlier" : "later"}`),
  );
  gap.style.setProperty("--gap", `${Math.round(Math.min(52, 8 + 6 * Math.log2(1 + Math.abs(ms) / 1000)))}px`);
  return gap;
}
