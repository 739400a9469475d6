/** An event as one row that unfolds: who did what, and on demand all that the log says of it. */
import { el, iconButton, said, visible } from "../static/js/dom.js";
import { icon } from "../static/js/icons.js";
import { place } from "../static/js/words.js";
import { dangerBadge, time, who } from "./parts.js";

/** @typedef {import("./texts.js").Texts} Texts */
/** @typedef {import("../static/js/types.js").Step} Step */
/**
 * @typedef {object} Ways Where an event leads; a way that is not given is not offered.
 * @property {(name: "actor" | "resource", value: string) => void} [filter]
 * @property {(sessionId: string) => void} [open]
 */

/** @param {Texts} texts @param {Step} event @param {Ways} ways */
export function eventItem(texts, event, ways) {
  const details = el("div", { class: "details", hidden: true });
  const { id, name, type } = event.resource;
  const fold = () => {
    const isOpen = details.hidden;
    if (isOpen && !details.firstChild) details.append(...detailsOf(texts, event, ways));
    details.hidden = !isOpen;
    row.setAttribute("aria-expanded", String(isOpen));
  };
  const row = el(
    "button",
    { type: "button", class: "row", "aria-expanded": "false", onclick: fold },
    el("span", { class: "when" }, time(texts, event.occurred_at, "clock"), since(texts, event)),
    el(
      "span",
      { class: "what" },
      said(texts.action(event.action), "action"),
      (name || id || type) && said(name || id || type, "resource", 160),
      event.destructive && dangerBadge(texts.of("destructive")),
    ),
    who(texts, event.actor),
    icon("chevron"),
  );
  return el("li", { class: event.destructive ? "item destructive" : "item" }, row, details);
}

/** In a timeline: how long after its beginning. @param {Texts} texts @param {Step} event */
const since = (texts, { elapsed_ms: ms }) => Boolean(ms) && el("span", { class: "muted" }, `+${texts.span(Number(ms), "narrow")}`);

/** @param {Texts} texts @param {Step} event @param {Ways} ways */
function* detailsOf(texts, event, ways) {
  if (/** @type {any} */ (event.integrity).details_erased) yield el("p", { class: "muted" }, texts.of("erased"));
  const { metadata, changes, targets, session_id: session } = event;
  if (changes && Object.keys(changes).length) yield section(texts.of("changes"), changesTable(texts, changes));
  if (metadata && Object.keys(metadata).length)
    yield section(texts.of("metadata"), facts(Object.entries(metadata).map(([name, value]) => [name, valueNode(texts, value)])));
  if (targets.length)
    yield section(texts.of("targets"), el("ul", {}, ...targets.map((target) => el("li", {}, ...named(target)))));
  yield facts([
    [texts.of("actor"), with_(named(event.actor), filterButton(texts, ways, "actor", event.actor))],
    [texts.of("onBehalfOf"), event.on_behalf_of && named(event.on_behalf_of)],
    [texts.of("resource"), with_(named(event.resource), filterButton(texts, ways, "resource", event.resource))],
    [texts.of("place"), place(event.ip_country, event.ip_city)],
    [texts.of("ipAddress"), event.ip_address],
    [texts.of("device"), event.device || event.user_agent],
    [texts.of("occurred"), texts.when(event.occurred_at, "full")],
    [texts.of("recorded"), texts.when(event.created_at, "full")],
    [texts.of("sequence"), texts.number(event.sequence)],
    [texts.of("eventId"), said(event.id, "mono")],
    [texts.of("hash"), said(event.integrity.event_hash, "mono")],
    [texts.of("action"), said(event.action, "mono")],
    [texts.of("session"), session && said(session, "mono")],
  ]);
  const { open } = ways;
  if (open && session)
    yield el("button", { type: "button", class: "button", onclick: () => open(session) }, texts.of("openSession"));
}

/** @param {string} title @param {Node} content */
const section = (title, content) => el("section", {}, el("h4", {}, title), content);

/** @param {[string, any][]} pairs those without a value are left out */
const facts = (pairs) =>
  el(
    "dl",
    {},
    ...pairs.flatMap(([name, value]) => {
      const nodes = Array.isArray(value) ? value.filter(Boolean) : value ? [value] : [];
      const shown = nodes.map((one) => (typeof one === "string" ? said(one, null, 1_100) : one));
      return shown.length ? [el("dt", {}, said(name)), el("dd", {}, ...shown)] : [];
    }),
  );

/** @param {Node[]} nodes @param {Node | null} more */
const with_ = (nodes, more) => (nodes.length && more ? [...nodes, " ", more] : nodes);

/** @param {import("../static/js/types.js").Named} one @returns {any[]} */
function named({ id, name, type }) {
  const parts = [name && said(name), id && said(id, "mono"), type && said(type, "muted")].filter(Boolean);
  return parts.flatMap((part, at) => (at ? [" ", part] : [part]));
}

/** @param {Texts} texts @param {Ways} ways @param {"actor" | "resource"} name @param {import("../static/js/types.js").Named} one */
function filterButton(texts, { filter }, name, { id, name: called }) {
  const label = texts.of("filterBy", { what: visible(called || id || "", 80) });
  return filter && id ? iconButton(label, { onclick: () => filter(name, id) }, icon("search")) : null;
}

/** @param {Texts} texts @param {import("../static/js/types.js").Changes} changes */
const changesTable = (texts, changes) =>
  el(
    "table",
    {},
    el("thead", {}, el("tr", {}, ...["field", "before", "after"].map((key) => el("th", { scope: "col" }, texts.of(key))))),
    el(
      "tbody",
      {},
      ...Object.entries(changes).map(([field, change]) =>
        el(
          "tr",
          {},
          el("th", { scope: "row" }, said(field)),
          el("td", {}, valueNode(texts, change?.old)),
          el("td", {}, valueNode(texts, change?.new)),
        ),
      ),
    ),
  );

/** A JSON value as a person reads it. @param {Texts} texts @param {unknown} value */
function valueNode(texts, value) {
  if (value === undefined || value === "")
    return el("span", { class: "muted" }, texts.of(value === "" ? "emptyText" : "absent"));
  if (typeof value === "number") return el("span", {}, texts.number(value));
  const text = typeof value === "string" ? value : JSON.stringify(value, null, 1);
  return text.length > 200 ? el("pre", { tabindex: 0 }, visible(text)) : said(text);
}
