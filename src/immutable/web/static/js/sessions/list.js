/** The list of sessions: asks the server page by page, and remembers itself for the way back. */
import { sessions as fetchSessions } from "../api.js";
import { announce } from "../clipboard.js";
import { el, iconButton } from "../dom.js";
import { icon } from "../icons.js";
import { go, to } from "../router.js";
import { failure, notice, skeleton } from "../states.js";
import { spell, zone } from "../time.js";
import { totalOf } from "../words.js";
import { changed, parameters } from "./filters.js";
import { sessionRow } from "./row.js";
import { histogram } from "./histogram.js";
import { searchBox } from "./search-box.js";
import { dayOf } from "./span.js";

/** @typedef {import("../types.js").Session} Session */
/**
 * @typedef {object} Kept
 * @property {string} query
 * @property {string} zone
 * @property {Session[]} sessions
 * @property {string | null} cursor
 * @property {string} total
 * @property {number} scroll
 * @property {string | null} last id of the session that had the focus
 */

/** @type {Kept | null} the list as it was left, so that the way back from a session leads to the same place */
let kept = null;
export const forgetList = () => void (kept = null);
let isToSearch = false;
/** The next list begins with the cursor in its search box. */
export const searchNext = () => void (isToSearch = true);
export const listAddress = () => to.sessions(new URLSearchParams(kept?.query));

/**
 * @param {URLSearchParams} query
 * @param {(error: unknown) => string | null} failed
 * @returns {import("../types.js").Page}
 */
export function listPage(query, failed) {
  const abort = new AbortController();
  const box = searchBox(query, failed);
  const times = histogram(parameters(query), chooseSpan, failed, abort.signal);
  const total = el("span", { class: "count", role: "status" });
  // Safari does not focus a link that is clicked.
  const clicked = (/** @type {Event} */ { target }) => {
    list.last = (target instanceof Element && target.closest(".row")?.getAttribute("data-session")) || list.last;
  };
  const body = el("div", { class: "sessions", "aria-busy": "true", onclick: clicked });
  const more = el("button", { class: "more", type: "button", hidden: true, onclick: loadMore }, "Load more");
  const node = el(
    "div",
    { class: "list-page" },
    el(
      "header",
      { class: "page-head" },
      el("h1", {}, "Sessions"),
      total,
      iconButton("Refresh", { class: "refresh", onclick: () => (times.load(), refresh()) }, el("span", { "aria-hidden": "true" }, "↻")),
    ),
    el(
      "div",
      { class: "filters" },
      box.node,
      kindChoice(query),
      dayField(query, "from", "From"),
      dayField(query, "to", "To"),
    ),
    times.node,
    body,
    more,
  );

  /** @type {Kept} */
  let list = { query: query.toString(), zone: zone(), sessions: [], cursor: null, total: "", scroll: 0, last: null };
  if (kept && kept.query === list.query && kept.zone === list.zone) {
    list = kept;
    queueMicrotask(comeBack);
  } else refresh();

  /** @param {string} from @param {string} until */
  function chooseSpan(from, until) {
    go(to.sessions(changed(changed(query, "from", from), "to", until)));
  }

  function refresh() {
    list = { ...list, sessions: [], cursor: null, scroll: 0, last: null };
    body.replaceChildren(skeleton("row-skeleton", 8));
    return load();
  }

  function loadMore() {
    return load();
  }

  async function load() {
    body.setAttribute("aria-busy", "true");
    more.disabled = true;
    try {
      const { data, pagination } = await fetchSessions(
        { ...parameters(query), limit: "50", cursor: list.cursor },
        abort.signal,
      );
      const firstNew = list.sessions.length;
      list = {
        ...list,
        sessions: [...list.sessions, ...data],
        cursor: pagination.next_cursor,
        total: totalOf(pagination, "session"),
      };
      kept = list;
      draw();
      if (firstNew) rows()[firstNew]?.focus();
    } catch (error) {
      const message = failed(error);
      if (message) fail(message);
    } finally {
      more.disabled = false;
      body.setAttribute("aria-busy", "false");
    }
  }

  function draw() {
    total.textContent = list.total;
    body.replaceChildren(...(list.sessions.length ? days(list.sessions) : [nothing(query)]));
    more.hidden = !list.cursor;
  }

  /** @param {string} message */
  function fail(message) {
    total.textContent = "";
    if (list.sessions.length) announce(message);
    body.replaceChildren(
      ...(list.sessions.length ? days(list.sessions) : []),
      failure("The sessions could not be read", message, list.sessions.length ? loadMore : () => (times.load(), refresh())),
    );
    more.hidden = true;
  }

  function comeBack() {
    draw();
    body.setAttribute("aria-busy", "false");
    scrollTo(0, list.scroll);
    rows()
      .find((row) => row.dataset.session === list.last)
      ?.focus({ preventScroll: true });
  }

  const rows = () => /** @type {HTMLElement[]} */ ([...body.querySelectorAll(".row")]);

  /** @param {number} by */
  function move(by) {
    const all = rows();
    const at = all.indexOf(/** @type {HTMLElement} */ (document.activeElement));
    if (at === all.length - 1 && by > 0 && list.cursor) return void loadMore();
    const row = all[Math.max(0, Math.min(all.length - 1, at + by))];
    row?.focus({ preventScroll: true });
    row?.scrollIntoView({ block: "nearest" });
  }

  return {
    title: "Sessions",
    node,
    entered: () => {
      if (isToSearch) box.focus();
      isToSearch = false;
    },
    onZone: () => {
      times.draw();
      return query.has("from") || query.has("to") ? refresh() : draw();
    },
    leave: () => {
      abort.abort();
      box.leave();
      list.scroll = scrollY;
      list.last = /** @type {HTMLElement | null} */ (document.activeElement)?.dataset.session ?? list.last;
    },
    shortcuts: [
      { keys: ["/"], does: "Search", run: box.focus },
      { keys: ["j", "ArrowDown"], does: "Next session", run: () => move(1) },
      { keys: ["k", "ArrowUp"], does: "Previous session", run: () => move(-1) },
      { keys: ["Enter"], does: "Open the session", run: () => rows()[0]?.click() },
      { keys: ["r"], does: "Refresh", run: () => (times.load(), refresh()) },
      { keys: ["Escape"], does: "Clear the filters", run: () => go(to.sessions()) },
    ],
  };
}

/** @param {Session[]} sessions newest first */
function days(sessions) {
  /** @type {Map<string, Session[]>} */
  const groups = new Map();
  for (const session of sessions) {
    const day = spell(session.started_at, "day");
    groups.set(day, [...(groups.get(day) ?? []), session]);
  }
  return [...groups].map(([day, group]) =>
    el(
      "section",
      { class: "day" },
      el("h2", {}, day),
      el("ol", {}, ...group.map((session) => el("li", {}, sessionRow(session)))),
    ),
  );
}

/** @param {URLSearchParams} query */
function nothing(query) {
  return query.size
    ? notice(
        "search",
        "No session matches",
        "Take a filter away, or search for the same words as text.",
        el("a", { class: "button", href: to.sessions() }, "Clear the filters"),
      )
    : notice(
        "sessions",
        "No sessions yet",
        "They appear here as soon as your application sends its first event. What it sends, and how, can be tried out from the browser.",
        el("a", { class: "button", href: "docs" }, "Try the API"),
      );
}

const KINDS = [
  ["", "All", "All sessions"],
  ["no", "Given", "Sessions whose id the application gave"],
  ["yes", "Inferred", "Sessions that the server grouped by actor and time"],
];

/** @param {URLSearchParams} query */
function kindChoice(query) {
  const chosen = query.get("inferred") ?? "";
  return el(
    "fieldset",
    { class: "segments" },
    el("legend", { class: "off-screen" }, "Kind of session"),
    ...KINDS.map(([value, label, title]) =>
      el(
        "label",
        { title },
        el("input", {
          type: "radio",
          name: "inferred",
          value,
          checked: value === chosen,
          onchange: () => go(to.sessions(changed(query, "inferred", value))),
        }),
        el("span", {}, label),
      ),
    ),
  );
}

/** @param {URLSearchParams} query @param {string} name @param {string} label */
function dayField(query, name, label) {
  const input = el("input", {
    type: "date",
    value: dayOf(query.get(name)),
    class: query.get(name) && "filled",
    onchange: () => {
      // While a year is being typed it passes through the first centuries.
      if (!input.value || input.value >= "1970") go(to.sessions(changed(query, name, input.value)));
    },
  });
  return el("label", { class: "date" }, el("span", {}, label), input);
}
