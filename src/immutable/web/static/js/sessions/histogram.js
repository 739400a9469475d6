/** When the sessions of the list began, as bars; a span is chosen by drawing over them, or with the two sliders. */
import { sessionActivity } from "../api.js";
import { el, svg } from "../dom.js";
import { spell } from "../time.js";
import { count } from "../words.js";

/** @typedef {import("../types.js").Activity} Activity */

const PARTS = 80;
const HEIGHT = 52;

/**
 * @param {Record<string, string | null>} parameters of the list
 * @param {(from: string, to: string) => void} onSpan
 * @param {(error: unknown) => string | null} failed
 * @param {AbortSignal} signal
 */
export function histogram(parameters, onSpan, failed, signal) {
  /** @type {Activity | null} */
  let activity = null;
  const bars = svg("g");
  const shade = svg("rect", { class: "brush", y: 0, height: HEIGHT, visibility: "hidden" });
  const picture = svg("svg", { class: "histogram-picture", height: HEIGHT, preserveAspectRatio: "none", role: "img" }, bars, shade);
  const labels = el("div", { class: "histogram-labels", "aria-hidden": "true" });
  const note = el("p", { class: "histogram-note" });
  const [low, high] = ["From", "To"].map((name, at) =>
    el("input", { type: "range", class: `brush-end ${at ? "high" : "low"}`, "aria-label": `${name}: end of the span`, min: 0, max: 1, oninput: sketch, onchange: apply }),
  );
  const node = el("div", { class: "histogram", hidden: true }, el("div", { class: "histogram-bars" }, picture, low, high), labels, note);
  picture.addEventListener("pointerdown", begin);

  async function load() {
    try {
      activity = (await sessionActivity({ ...parameters, parts: String(PARTS) }, signal)).data;
      draw();
    } catch (error) {
      const message = failed(error);
      if (message) node.hidden = true;
    }
  }

  const at = (/** @type {number} */ part) =>
    new Date(Date.parse(activity?.from ?? "") + part * (activity?.part_seconds ?? 0) * 1000);

  function draw() {
    const counts = activity?.counts ?? [];
    // One bar tells nothing about when.
    node.hidden = counts.length < 2;
    if (node.hidden || !activity) return;
    const most = Math.max(1, ...counts);
    const wholeFrom = activity.counted_from ? Date.parse(activity.counted_from) : -Infinity;
    picture.setAttribute("viewBox", `0 0 ${counts.length} ${HEIGHT}`);
    picture.setAttribute("aria-label", `Sessions over time: ${count(counts.reduce((sum, one) => sum + one, 0), "session")} between ${spell(at(0).toISOString(), "full")} and ${spell(at(counts.length).toISOString(), "full")}`);
    bars.replaceChildren(
      ...counts.flatMap((one, part) => {
        if (!one) return [];
        const height = Math.max(2, (HEIGHT - 4) * (one / most));
        return [
          svg(
            "rect",
            { class: at(part).getTime() < wholeFrom ? "bar bound" : "bar", x: part + 0.1, width: 0.8, y: HEIGHT - height, height },
            svg("title", {}, `${spell(at(part).toISOString(), "short")}: ${count(one, "session")}`),
          ),
        ];
      }),
    );
    for (const [end, value] of /** @type {[HTMLInputElement, number][]} */ ([[low, 0], [high, counts.length]])) {
      end.max = String(counts.length);
      end.value = String(value);
      tell(end);
    }
    const marks = Math.min(5, counts.length);
    const style = styleOf(activity);
    labels.replaceChildren(...Array.from({ length: marks }, (_, mark) => el("span", {}, spell(at((mark * counts.length) / marks).toISOString(), style))));
    note.textContent = activity.counted_from ? `Counted back to ${spell(activity.counted_from, "short")}; before that there are more.` : "";
  }

  /** @param {HTMLInputElement} end */
  const tell = (end) => end.setAttribute("aria-valuetext", spell(at(Number(end.value)).toISOString(), "full"));

  function sketch() {
    tell(low);
    tell(high);
    mark(Number(low.value), Number(high.value));
  }

  /** @param {number} one @param {number} other */
  function mark(one, other) {
    shade.setAttribute("x", String(Math.min(one, other)));
    shade.setAttribute("width", String(Math.abs(one - other)));
    shade.setAttribute("visibility", "visible");
  }

  function apply() {
    choose(Number(low.value), Number(high.value));
  }

  /** Dates hold milliseconds and the log microseconds: the end is taken a millisecond later, so that nothing is cut off. @param {number} one @param {number} other */
  function choose(one, other) {
    const [first, last] = [Math.min(one, other), Math.max(one, other)];
    if (last > first) onSpan(at(first).toISOString(), new Date(at(last).getTime() + 1).toISOString());
  }

  /** @param {PointerEvent} event */
  function begin(event) {
    const parts = activity?.counts.length ?? 0;
    const box = picture.getBoundingClientRect();
    const part = (/** @type {PointerEvent} */ moved) => Math.max(0, Math.min(parts, ((moved.clientX - box.left) / box.width) * parts));
    const start = part(event);
    const move = (/** @type {PointerEvent} */ moved) => mark(start, part(moved));
    const drag = new AbortController();
    picture.setPointerCapture(event.pointerId);
    picture.addEventListener("pointermove", move, { signal: drag.signal });
    // What is written around the bars would be selected on the way.
    addEventListener("selectstart", (started) => started.preventDefault(), { signal: drag.signal });
    picture.addEventListener(
      "pointerup",
      (ended) => {
        drag.abort();
        // A click chooses the part under it.
        const [one, other] = [start, part(ended)].sort((a, b) => a - b);
        choose(Math.floor(one), Math.max(Math.floor(one) + 1, Math.ceil(other)));
      },
      { signal: drag.signal },
    );
    picture.addEventListener("pointercancel", () => drag.abort(), { signal: drag.signal });
  }
  load();
  return { node, load, draw };
}

/** How finely the axis is labelled, so that no two labels say the same. @param {Activity} activity */
function styleOf({ part_seconds, counts }) {
  const seconds = part_seconds * counts.length;
  if (seconds > 5 * 86_400) return "date";
  if (seconds > 86_400) return "short";
  return seconds >= 5 * 60 ? "minute" : "clock";
}
