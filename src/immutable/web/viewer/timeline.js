/** One session as a story: its head, and its steps oldest first with the pauses between them. */
import { el } from "../static/js/dom.js";
import { icon } from "../static/js/icons.js";
import { eventItem } from "./event.js";
import { pagedList } from "./list.js";
import { notice } from "./parts.js";
import { sessionHead } from "./session.js";

const STEPS = "200";
const LONG_PAUSE_MS = 60_000;

/**
 * @param {import("./texts.js").Texts} texts
 * @param {import("./views.js").Host} host
 * @param {string} id
 * @param {(shown: number, total: string, n: number) => void} told
 * @param {() => void} back
 */
export function timeline(texts, host, id, told, back) {
  const head = el("div");
  const steps = pagedList(texts, {
    load: async (cursor, signal) => {
      const { data, pagination } = await host.ask(["sessions", id], { limit: STEPS, cursor }, signal);
      if (!cursor) head.replaceChildren(sessionHead(texts, data));
      const { total, next_cursor: next } = pagination;
      return { items: data.timeline, next, total: texts.number(total), n: total };
    },
    nodes: (step) => [pause(texts, step.gap_ms), eventItem(texts, step, {})].filter((node) => node !== null),
    at: (step) => step.occurred_at,
    empty: () => el("span"),
    failed: (error) => {
      if (error.status !== 404) return host.failed(error);
      steps.node.replaceChildren(notice("alert", texts.of("sessionGone"), ""));
      return true;
    },
    told,
  });
  steps.node.classList.add("timeline");
  const button = el("button", { type: "button", class: "button", onclick: back }, icon("back"), texts.of("back"));
  const onkeydown = (/** @type {KeyboardEvent} */ event) => event.key === "Escape" && back();
  const node = el("div", { onkeydown }, button, head, steps.node);
  return { ...steps, node, focus: () => button.focus() };
}

/** @param {import("./texts.js").Texts} texts @param {number} ms */
const pause = (texts, ms) =>
  ms < LONG_PAUSE_MS ? null : el("li", { class: "pause" }, texts.of("pause", { span: texts.span(ms) }));
