/** What a token shows: a bar, filters, and below them a list (of events or of sessions) or one session's timeline. */
import { el, iconButton } from "../static/js/dom.js";
import { icon } from "../static/js/icons.js";
import { eventItem } from "./event.js";
import { csv, save } from "./export.js";
import { filterForm } from "./filters.js";
import { pagedList } from "./list.js";
import { notice } from "./parts.js";
import { sessionItem } from "./session.js";
import { timeline } from "./timeline.js";

const PAGE = "50";
const KINDS = /** @type {const} */ (["events", "sessions"]);
/** @typedef {typeof KINDS[number]} Kind */
/** @typedef {import("./texts.js").Texts} Texts */
/**
 * @typedef {object} Host
 * @property {(path: string[], query: Record<string, any>, signal: AbortSignal) => Promise<{data: any, pagination: any}>} ask
 * @property {(error: any) => boolean} failed whether the rest is done elsewhere
 * @property {() => HTMLElement | null} focused
 */

/** @param {Texts} texts @param {Host} host */
export function views(texts, host) {
  /** @type {Kind} */ let kind = "events";
  /** @type {ReturnType<typeof timeline> | null} */ let story = null;
  const count = el("span", { class: "count", role: "status" });
  const panel = el("div", { role: "tabpanel", id: "panel" });
  const form = filterForm(texts, () => list.reload());
  const tabs = { events: tab("events"), sessions: tab("sessions") };
  let list = listOf();
  select("events");
  return { nodes: [bar(), form.node, panel], leave };

  function leave() {
    story?.leave();
    list.leave();
    story = null;
  }

  /** @param {Kind} wanted */
  function select(wanted) {
    leave();
    kind = wanted;
    for (const one of KINDS) {
      tabs[one].setAttribute("aria-selected", String(one === kind));
      tabs[one].tabIndex = one === kind ? 0 : -1;
    }
    panel.setAttribute("aria-labelledby", tabs[kind].id);
    form.node.hidden = false;
    list = listOf();
    panel.replaceChildren(list.node);
    void list.reload();
  }

  function listOf() {
    const isOfEvents = kind === "events";
    return pagedList(texts, {
      load: async (cursor, signal) => {
        const query = { ...form.query(), limit: PAGE, cursor, ...(isOfEvents ? { order: "desc" } : {}) };
        const { data, pagination } = await host.ask([kind], query, signal);
        const { total, total_is_exact: isExact, next_cursor: next } = pagination;
        return { items: data, next, total: texts.number(total) + (isExact === false ? "+" : ""), n: total };
      },
      nodes: (one) => [isOfEvents ? eventItem(texts, one, { filter: form.set, open }) : sessionItem(texts, one, open)],
      at: (one) => (isOfEvents ? one.occurred_at : one.started_at),
      empty: () =>
        Object.keys(form.query()).length
          ? notice("search", texts.of("nothingFound"), texts.of("nothingFoundText"))
          : notice("sessions", texts.of(isOfEvents ? "noEvents" : "noSessions"), texts.of("noEventsText")),
      failed: host.failed,
      told: tell(isOfEvents ? "shownEvents" : "shownSessions"),
    });
  }

  /** @param {string} key */
  function tell(key) {
    return (/** @type {number} */ shown, /** @type {string} */ total, /** @type {number} */ n) =>
      count.replaceChildren(texts.of(key, { shown, total, n }));
  }

  /** Shows a session's timeline in place of the list, which stays as it is for the way back. @param {string} id */
  function open(id) {
    const [from, counted] = [host.focused(), count.textContent ?? ""];
    story = timeline(texts, host, id, tell("shownEvents"), () => {
      story?.leave();
      story = null;
      form.node.hidden = false;
      count.replaceChildren(counted);
      panel.replaceChildren(list.node);
      (from?.isConnected ? from : tabs[kind]).focus();
    });
    form.node.hidden = true;
    panel.replaceChildren(story.node);
    story.focus();
    void story.reload();
  }

  /** @param {Kind} one */
  function tab(one) {
    const onkeydown = (/** @type {KeyboardEvent} */ event) => {
      if (event.key !== "ArrowLeft" && event.key !== "ArrowRight") return;
      const other = one === "events" ? "sessions" : "events";
      tabs[other].focus();
      select(other);
    };
    const props = { type: "button", role: "tab", id: `tab-${one}`, "aria-controls": "panel", onkeydown };
    return el("button", { ...props, onclick: () => select(one) }, texts.of(one));
  }

  function bar() {
    const tools = el(
      "span",
      { class: "tools" },
      iconButton(texts.of("refresh"), { onclick: () => (story ?? list).reload() }, "↻"),
      exportButton("CSV", "exportCsv", () => {
        save(fileName("csv"), "text/csv;charset=utf-8", csv(story ? "events" : kind, (story ?? list).items()));
      }),
      exportButton("JSON", "exportJson", () => {
        save(fileName("json"), "application/json", JSON.stringify((story ?? list).items(), null, 2));
      }),
    );
    const tablist = el("div", { role: "tablist", "aria-label": texts.of("views") }, tabs.events, tabs.sessions);
    return el("div", { class: "bar" }, tablist, count, tools);
  }

  /** @param {string} name @param {string} key @param {() => void} onclick */
  function exportButton(name, key, onclick) {
    const props = { type: "button", class: "button", "aria-label": texts.of(key), onclick };
    return el("button", props, icon("download"), name);
  }

  /** @param {string} extension */
  function fileName(extension) {
    return `audit-log-${story ? "session" : kind}-${new Date().toISOString().slice(0, 10)}.${extension}`;
  }
}
