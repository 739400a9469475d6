/** The session at a glance: how much happened when, to scale, with the destructive moments marked. */
import { el, svg } from "../dom.js";
import { span, spell } from "../time.js";
import { count } from "../words.js";

/** @typedef {import("../types.js").Step} Step */

const BINS = 240;
const HEIGHT = 44;
const STEPS_S = [
  1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14_400, 21_600, 43_200, 86_400, 172_800, 604_800,
];

/**
 * @param {string} startedAt
 * @param {string} endedAt
 * @param {(step: Step) => void} onPick
 */
export function activityStrip(startedAt, endedAt, onPick) {
  const start = Date.parse(startedAt);
  // A margin of a bin on both sides, and never nothing: a session may be a single event.
  const length = Math.max(Date.parse(endedAt) - start, 1000);
  const position = (/** @type {number} */ at) => Math.max(0, Math.min(1, (at - start) / length)) * 98 + 1;
  const bars = svg("g");
  const cursor = svg("rect", { class: "strip-cursor", y: 0, width: 2, height: HEIGHT, visibility: "hidden" });
  const picture = svg(
    "svg",
    { class: "strip-picture", height: HEIGHT, role: "img" },
    svg("rect", { class: "strip-base", x: 0, y: HEIGHT - 1, width: "100%", height: 1 }),
    bars,
    cursor,
  );
  const labels = el("div", { class: "strip-labels", "aria-hidden": "true" });
  const node = el("div", { class: "strip" }, picture, labels);

  /** @param {Step[]} steps those that were read so far @param {boolean} isWhole */
  function draw(steps, isWhole) {
    /** @type {Map<number, Step[]>} */
    const bins = new Map();
    for (const step of steps) {
      const bin = Math.round((position(Date.parse(step.occurred_at)) / 100) * BINS);
      bins.set(bin, [...(bins.get(bin) ?? []), step]);
    }
    const most = Math.max(1, ...[...bins.values()].map((bin) => bin.length));
    bars.replaceChildren(...[...bins].map(([bin, inside]) => barNode(bin, inside, most)));
    const unread = isWhole ? null : position(Date.parse(steps[steps.length - 1]?.occurred_at ?? startedAt));
    if (unread !== null)
      bars.append(
        svg("rect", {
          class: "strip-unread",
          x: `${unread + 0.5}%`,
          y: 0,
          width: `${Math.max(0, 99.5 - unread)}%`,
          height: HEIGHT,
        }),
      );
    const destructive = steps.filter((step) => step.destructive).length;
    const label = `Activity: ${count(steps.length, "event")} in ${span(length)}, ${destructive} destructive`;
    picture.setAttribute("aria-label", label);
    drawLabels();
  }

  /** @param {number} bin @param {Step[]} inside @param {number} most */
  function barNode(bin, inside, most) {
    const destructive = inside.find((step) => step.destructive);
    const height = destructive ? HEIGHT - 6 : 8 + (HEIGHT - 20) * Math.sqrt(inside.length / most);
    const first = destructive ?? inside[0];
    return svg(
      "g",
      { class: destructive ? "strip-bar destructive" : "strip-bar", onclick: () => onPick(first) },
      svg(
        "title",
        {},
        `${spell(first.occurred_at, "clock")}: ${count(inside.length, "event")}${destructive ? ", destructive" : ""}`,
      ),
      svg("rect", { class: "strip-hit", x: `${(bin / BINS) * 100 - 0.4}%`, y: 0, width: "0.8%", height: HEIGHT }),
      svg("rect", {
        class: "strip-fill",
        x: `${(bin / BINS) * 100}%`,
        y: HEIGHT - 1 - height,
        width: 3,
        height,
        rx: 1.5,
      }),
      destructive &&
        svg("circle", {
          class: "strip-head",
          cx: `${(bin / BINS) * 100}%`,
          cy: 5,
          r: 3.5,
          transform: "translate(1.5 0)",
        }),
    );
  }

  function drawLabels() {
    const step = (STEPS_S.find((seconds) => length / 1000 / seconds <= 5) ?? 604_800) * 1000;
    const style = step >= 86_400_000 ? "day" : step >= 60_000 ? "minute" : "clock";
    labels.replaceChildren();
    for (let at = Math.ceil(start / step) * step; at <= start + length; at += step) {
      if (labels.childElementCount > 8) break;
      const left = position(at);
      const label = el(
        "span",
        { class: left < 6 ? "first" : left > 94 ? "last" : null },
        spell(new Date(at).toISOString(), style),
      );
      label.style.setProperty("left", `${left}%`);
      labels.append(label);
    }
  }

  /** @param {Step} step */
  function point(step) {
    cursor.setAttribute("x", `${position(Date.parse(step.occurred_at))}%`);
    cursor.setAttribute("visibility", "visible");
  }
  return { node, draw, point };
}
