/** A list that is loaded page by page, under a heading for each day: events, sessions, or the steps of one session. */
import { el } from "../static/js/dom.js";
import { notice, reason, skeleton } from "./parts.js";

/** @typedef {import("./texts.js").Texts} Texts */
/**
 * @typedef {object} How
 * @property {(cursor: string | null, signal: AbortSignal) => Promise<{items: any[], next: string | null, total: string, n: number}>} load
 * @property {(one: any, before: any) => Node[]} nodes what is shown of an item
 * @property {(one: any) => string} at when it was
 * @property {() => Node} empty
 * @property {(error: any) => boolean} failed whether the rest is done elsewhere
 * @property {(loaded: number, total: string, n: number) => void} told
 */

/** @param {Texts} texts @param {How} how */
export function pagedList(texts, how) {
  /** @type {any[]} */ let items = [];
  /** @type {string | null} */ let cursor = null;
  let abort = new AbortController();
  let day = "";
  const body = el("div", { class: "days" });
  const trouble = el("div");
  const more = el("button", { type: "button", class: "button more", hidden: true, onclick: () => load(false) }, texts.of("more"));
  const node = el("div", { class: "list", onkeydown: walk }, body, trouble, more);

  /** @param {boolean} fromStart */
  async function load(fromStart) {
    abort.abort();
    abort = new AbortController();
    const { signal } = abort;
    node.setAttribute("aria-busy", "true");
    if (fromStart && !items.length) body.replaceChildren(skeleton(texts));
    try {
      const page = await how.load(fromStart ? null : cursor, signal);
      if (signal.aborted) return;
      if (fromStart) restart();
      trouble.replaceChildren();
      const first = page.items.map(append)[0];
      cursor = page.next;
      if (!items.length) body.replaceChildren(how.empty());
      if (!fromStart) first?.querySelector("button")?.focus();
      how.told(items.length, page.total, page.n);
    } catch (error) {
      if (signal.aborted || how.failed(error)) return;
      const retry = el("button", { type: "button", class: "button", onclick: () => load(fromStart) }, texts.of("retry"));
      if (fromStart) restart();
      trouble.replaceChildren(notice("alert", texts.of("failed"), reason(texts, /** @type {any} */ (error)), retry));
    }
    more.hidden = !cursor || trouble.hasChildNodes(); // whoever retries goes on where the failure was
    node.removeAttribute("aria-busy");
  }

  function restart() {
    items = [];
    cursor = null;
    day = "";
    body.replaceChildren();
  }

  /** @param {any} one @returns {HTMLElement} */
  function append(one) {
    const on = texts.when(how.at(one), "day");
    if (on !== day) body.append(el("h3", {}, (day = on)), el("ol"));
    const nodes = how.nodes(one, items[items.length - 1]);
    /** @type {Element} */ (body.lastElementChild).append(...nodes);
    items.push(one);
    return /** @type {HTMLElement} */ (nodes[nodes.length - 1]);
  }

  /** Arrows, Home and End go from row to row. @param {KeyboardEvent} event */
  function walk(event) {
    const rows = /** @type {HTMLElement[]} */ ([...node.querySelectorAll(".row")]);
    const at = rows.indexOf(/** @type {HTMLElement} */ (event.target));
    const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: rows.length - 1 }[event.key];
    if (at < 0 || to === undefined || event.altKey || event.ctrlKey || event.metaKey || !rows[to]) return;
    rows[to].focus();
    event.preventDefault();
  }

  return { node, items: () => items, reload: () => load(true), leave: () => abort.abort() };
}
