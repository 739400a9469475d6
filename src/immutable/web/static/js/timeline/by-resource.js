/** The steps of a session under the resources that they touched, each as one line that leads to the step. */
import { el, said } from "../dom.js";
import { span, time } from "../time.js";
import { count, sentence } from "../words.js";
import { resourceLink } from "./resource-link.js";

/** @typedef {import("../types.js").Step} Step */
/** @typedef {{resource: import("../types.js").Named | null, steps: Step[]}} Group */

/** In the order in which they first came up; what touched nothing stands last. @param {Step[]} steps */
function groupsOf(steps) {
  /** @type {Map<string, Group>} */
  const groups = new Map();
  for (const step of steps) {
    const touched = [step.resource, ...step.targets].filter(({ type, id }) => type || id);
    for (const one of touched.length ? touched : [null]) {
      const key = one ? JSON.stringify([one.type, one.id]) : "";
      const group = groups.get(key) ?? { resource: one, steps: [] };
      if (one?.name) group.resource = one;
      if (group.steps.at(-1) !== step) group.steps.push(step);
      groups.set(key, group);
    }
  }
  const nothing = groups.get("");
  groups.delete("");
  return [...groups.values(), ...(nothing ? [nothing] : [])];
}

/** @param {Step[]} steps @param {(step: Step) => void} onPick */
export const byResource = (steps, onPick) =>
  el(
    "div",
    { class: "by-resource" },
    ...groupsOf(steps).map(({ resource, steps: own }) =>
      el(
        "section",
        {},
        el(
          "h2",
          {},
          resource ? resourceLink(resource) : "On nothing that was named",
          resource?.type && said(resource.type, "muted", 60),
          el("span", { class: "muted" }, count(own.length, "event")),
        ),
        el(
          "ol",
          {},
          ...own.map((step) =>
            el(
              "li",
              { class: step.destructive ? "destructive" : null },
              time(step.occurred_at, "clock"),
              el("span", { class: "muted number" }, step.elapsed_ms ? `+${span(step.elapsed_ms)}` : "start"),
              el("button", { type: "button", class: "link", onclick: () => onPick(step) }, said(sentence(step.action), null, 160)),
            ),
          ),
        ),
      ),
    ),
  );
