/** Beside the story: what was done how often, and to which resources. */
import { el, said } from "../dom.js";
import { sentence } from "../words.js";
import { resourceLink } from "./resource-link.js";

/** @typedef {import("../types.js").Step} Step */

/** @param {Record<string, number>} actions @param {Step[]} steps */
export function asideNode(actions, steps) {
  const byCount = Object.entries(actions).sort((a, b) => b[1] - a[1]);
  const most = byCount[0]?.[1] ?? 1;
  /** @type {Map<string, {resource: import("../types.js").Named, times: number}>} */
  const touched = new Map();
  for (const { resource, targets } of steps)
    for (const one of [resource, ...targets]) {
      if (!one.type || !one.id) continue;
      const id = JSON.stringify([one.type, one.id]);
      touched.set(id, {
        resource: one.name ? one : (touched.get(id)?.resource ?? one),
        times: (touched.get(id)?.times ?? 0) + 1,
      });
    }
  const destructive = new Set(steps.filter((step) => step.destructive).map((step) => step.action));
  return el(
    "aside",
    { class: "aside" },
    el(
      "section",
      {},
      el("h2", {}, "Actions"),
      el(
        "ul",
        { class: "bars" },
        ...byCount.slice(0, 12).map(([action, times]) => {
          const bar = el(
            "li",
            { class: destructive.has(action) ? "destructive" : "" },
            said(sentence(action), null, 60),
            el("span", { class: "number" }, times),
          );
          bar.style.setProperty("--share", `${Math.round((times / most) * 100)}%`);
          return bar;
        }),
      ),
    ),
    touched.size > 0 &&
      el(
        "section",
        {},
        el("h2", {}, "Resources"),
        el(
          "ul",
          { class: "touched" },
          ...[...touched.values()]
            .sort((a, b) => b.times - a.times)
            .slice(0, 12)
            .map(({ resource, times }) =>
              el(
                "li",
                {},
                el("div", {}, resourceLink(resource), said(resource.type ?? "", "muted", 40)),
                el("span", { class: "number" }, times),
              ),
            ),
        ),
      ),
  );
}
