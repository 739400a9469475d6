/** The newest events, and each new one as it is appended; it stands still while one reads further down. */
import { announce } from "../clipboard.js";
import { el } from "../dom.js";
import { icon } from "../icons.js";
import { go, to } from "../router.js";
import { parameters } from "../sessions/filters.js";
import { notice, skeleton } from "../states.js";
import { count } from "../words.js";
import { eventRow } from "./event-row.js";
import { filterBar } from "./filter-bar.js";
import { listen } from "./listen.js";

/** @typedef {import("../types.js").Step} Step */

const FIRST = "50";
const MOST_SHOWN = 500;
// Further down than this, somebody reads: what is new then waits, so that nothing moves under their eyes.
const READING_PX = 120;

/**
 * @param {URLSearchParams} query
 * @param {(error: unknown) => string | null} failed
 * @returns {import("../types.js").Page}
 */
export function livePage(query, failed) {
  const abort = new AbortController();
  /** @type {Step[]} the newest first */
  let shown = [];
  /** @type {Step[]} what came while it stands still, the newest first */
  let waiting = [];
  let isPaused = false;
  let hasBegun = false;
  /** @type {"listening" | "waiting"} */
  let heard = "waiting";
  const bar = filterBar(query);
  const state = el("span", { class: "live-state", role: "status" }, "Connecting…");
  const pause = el("button", { type: "button", class: "button", "aria-pressed": "false", onclick: () => setPaused(!isPaused) }, "Pause");
  const fresh = el("button", { type: "button", class: "fresh", hidden: true, onclick: catchUp }, icon("arrow-up"), el("span"));
  const list = el("ol", { class: "event-list" });
  const body = el("div", {}, skeleton("row-skeleton", 8));
  const node = el(
    "div",
    { class: "list-page" },
    el("header", { class: "page-head" }, el("h1", {}, "Live"), state, el("span", { class: "push" }), pause),
    bar.node,
    fresh,
    body,
  );
  const { from: _from, to: _to, inferred: _inferred, ...filters } = parameters(query);

  /** @param {Step[]} events the oldest first */
  function begin(events) {
    hasBegun = true;
    shown = events.toReversed();
    draw();
  }

  /** @param {Step[]} events the oldest first */
  function take(events) {
    if (events.length === 0) return;
    waiting = [...events.toReversed(), ...waiting].slice(0, MOST_SHOWN);
    if (isPaused || scrollY > READING_PX) return tellWaiting();
    catchUp();
  }

  function catchUp() {
    const added = waiting;
    shown = [...added, ...shown].slice(0, MOST_SHOWN);
    waiting = [];
    tellWaiting();
    if (!list.isConnected) draw();
    else {
      list.prepend(...added.map((event) => el("li", { class: "new" }, eventRow(event))));
      while (list.childElementCount > MOST_SHOWN) list.lastElementChild?.remove();
    }
    if (added.length) announce(`${count(added.length, "new event")}`);
    if (scrollY > READING_PX) scrollTo(0, 0);
  }

  function tellWaiting() {
    fresh.hidden = waiting.length === 0;
    fresh.lastElementChild?.replaceChildren(`${waiting.length === MOST_SHOWN ? "over " : ""}${count(waiting.length, "new event")}`);
  }

  /** @param {boolean} paused */
  function setPaused(paused) {
    isPaused = paused;
    pause.textContent = paused ? "Go on" : "Pause";
    pause.setAttribute("aria-pressed", String(paused));
    tell(heard);
    if (!paused) catchUp();
  }

  /** @param {"listening" | "waiting"} now @param {string} [why] */
  function tell(now, why) {
    heard = now;
    state.dataset.state = isPaused ? "paused" : now;
    state.textContent = isPaused ? "Paused" : now === "waiting" ? "Cut off; trying again…" : "Listening";
    // What is shown stays; where nothing is yet, it is said why.
    if (!hasBegun) body.replaceChildren(why ? notice("alert", "The events could not be read", why) : skeleton("row-skeleton", 8));
  }

  function draw() {
    list.replaceChildren(...shown.map((event) => el("li", {}, eventRow(event))));
    body.replaceChildren(
      shown.length
        ? list
        : notice("live", "Nothing yet", query.size ? "No event meets these filters. New ones that do appear here." : "Events appear here as your application sends them."),
    );
  }

  const onScroll = () => void (scrollY <= READING_PX && !isPaused && waiting.length && catchUp());
  addEventListener("scroll", onScroll, { passive: true });
  listen(filters, FIRST, { onFirst: begin, onEvents: take, onState: tell, failed }, abort.signal);
  return {
    title: "Live",
    node,
    onZone: draw,
    leave: () => {
      abort.abort();
      removeEventListener("scroll", onScroll);
    },
    shortcuts: [
      { keys: ["p"], does: "Pause, or go on", run: () => setPaused(!isPaused) },
      { keys: ["n"], does: "Show the new events", run: catchUp },
      { keys: ["f"], does: "Filter", run: bar.focus },
      { keys: ["j", "ArrowDown"], does: "Next event", run: () => move(1) },
      { keys: ["k", "ArrowUp"], does: "Previous event", run: () => move(-1) },
      { keys: ["Escape"], does: "Clear the filters", run: () => go(to.live()) },
    ],
  };

  /** @param {number} by */
  function move(by) {
    const rows = /** @type {HTMLElement[]} */ ([...list.querySelectorAll(".event-row")]);
    const at = rows.indexOf(/** @type {HTMLElement} */ (document.activeElement));
    rows[Math.max(0, Math.min(rows.length - 1, at + by))]?.focus();
  }
}
