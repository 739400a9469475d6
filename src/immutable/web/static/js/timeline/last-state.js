/** What is known of a resource before it vanished: the newest value of each field that its events changed, and who set it. */
import { nameOf } from "../badges.js";
import { el, said } from "../dom.js";
import { table } from "../panel.js";
import { time } from "../time.js";
import { sentence } from "../words.js";
import { valueNode } from "./value.js";

/** @typedef {import("../types.js").Step} Step */

/**
 * The first of the destructive events at the end of a history. After it nothing more was done to the resource; without one it is
 * still there, as far as the events tell.
 * @param {Step[]} steps oldest first
 * @param {(step: Step) => boolean} isDoneToIt its resource, and not only a target
 */
export function vanishing(steps, isDoneToIt) {
  /** @type {Step | null} */
  let found = null;
  for (const step of steps.toReversed()) {
    if (step.destructive) found = step;
    else if (isDoneToIt(step)) break;
  }
  return found;
}

/**
 * @param {Step[]} steps all that were read, oldest first
 * @param {string} type @param {string} id
 * @param {(step: Step) => void} onPick
 */
export function lastState(steps, type, id, onPick) {
  const isDoneToIt = (/** @type {Step} */ step) => step.resource.type === type && step.resource.id === id;
  const gone = vanishing(steps, isDoneToIt);
  /** @type {Map<string, {value: unknown, step: Step}>} */
  const fields = new Map();
  for (const step of steps) {
    if (step === gone) break;
    if (isDoneToIt(step)) for (const [field, change] of Object.entries(step.changes ?? {})) fields.set(field, { value: change?.new, step });
  }
  if (!gone && fields.size === 0) return null;
  return el(
    "section",
    { class: gone ? "last-state gone" : "last-state", "aria-label": "Last known state" },
    gone
      ? el(
          "h2",
          {},
          "Vanished ",
          time(gone.occurred_at, "full"),
          ": ",
          el("button", { type: "button", class: "jump", onclick: () => onPick(gone) }, said(`${nameOf(gone.actor)}, ${sentence(gone.action)}`, null, 160)),
        )
      : el("h2", {}, "Still there, as far as its events tell"),
    fields.size === 0
      ? el("p", { class: "muted" }, "No event says what was in it: none before carries changes.")
      : table(
          gone ? "The last values before" : "The newest values",
          ["Field", "Value", "Set by", "When"],
          [...fields].map(([field, { value, step }]) => [
            said(field, null, 120),
            el("strong", {}, valueNode(value)),
            said(nameOf(step.actor), null, 80),
            el("button", { type: "button", class: "link", onclick: () => onPick(step) }, time(step.occurred_at, "full")),
          ]),
        ),
  );
}
