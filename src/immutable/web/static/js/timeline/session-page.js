/** A session's page: reads it page by page, and puts head, activity strip, story and aside together. */
import { ApiError, session as fetchSession } from "../api.js";
import { nameOf } from "../badges.js";
import { copyButton } from "../clipboard.js";
import { el, said } from "../dom.js";
import { addButton } from "../investigations/add-button.js";
import { go, rewrite, to } from "../router.js";
import { listAddress } from "../sessions/list.js";
import { failure, notice, skeleton } from "../states.js";
import { count } from "../words.js";
import { activityStrip } from "./activity.js";
import { asideNode } from "./aside.js";
import { byResource } from "./by-resource.js";
import { evidenceButton } from "./evidence-button.js";
import { crumbs, sessionHeader } from "./session-header.js";
import { replay } from "./replay.js";
import { lanes } from "./lanes.js";
import { shareButton } from "./share-button.js";
import { makeStory } from "./story.js";
import { verifyMark } from "./verify-mark.js";
import { wordsView } from "./words.js";

/** @typedef {import("../types.js").Session} Session */
/** @typedef {import("../types.js").Step} Step */

// A longer period may hold millions of other events; that is for the person to ask for.
const VERIFY_UNASKED_MS = 3_600_000;

/** @type {["timeline" | "resources" | "words", string][]} */
const VIEWS = [
  ["timeline", "Timeline"],
  ["resources", "By resource"],
  ["words", "In words"],
];

/**
 * @param {string} id
 * @param {string | null} wanted event to stand on
 * @param {string | null} view "words" or "resources" where it is not to be shown as a timeline
 * @param {(error: unknown) => string | null} failed
 * @returns {import("../types.js").Page}
 */
export function sessionPage(id, wanted, view, failed) {
  const abort = new AbortController();
  /** @type {Session | null} */
  let session = null;
  /** @type {string | null} */
  let cursor = null;
  let isVerified = false;
  /** @type {ReturnType<typeof lanes> | null} */
  let beside = null;
  /** @type {ReturnType<typeof activityStrip> | null} */
  let strip = null;
  const head = el("div", {}, skeleton("head-skeleton", 1));
  const side = el("div", { class: "aside-slot" });
  const more = el("button", { type: "button", class: "more", hidden: true, onclick: read });
  const waiting = skeleton("step-skeleton", 6);
  const how = { hasActors: false, hasSessions: false, onSelect: (/** @type {Step} */ step) => strip?.point(step) };
  const story = makeStory(how);
  const column = el("div", { class: "story-column" }, waiting);
  const pack = evidenceButton(["sessions", id], () => ({}), failed, abort.signal);
  const mark = verifyMark(
    () => story.steps,
    (verdict) => story.markBroken(new Set(verdict.breaks.map((found) => found.event_id ?? ""))),
    failed,
    abort.signal,
  );
  const player = replay(story, async () => void (cursor && (await read())));
  const words = wordsView(id, failed, abort.signal);
  const body = el("div", { class: "story-body" }, column, side);
  /** @type {"timeline" | "resources" | "words"} */
  let shown = "timeline";
  const tabs = el(
    "div",
    { class: "segments view-switch", role: "group", "aria-label": "The session as" },
    ...VIEWS.map(([name, label]) =>
      el("button", { type: "button", "data-view": name, "aria-pressed": String(name === shown), onclick: () => show(name) }, label),
    ),
  );
  const row = el("div", { class: "tab-row" }, tabs, player.node);
  const node = el("div", { class: "story-page" }, crumbs(said(id, "mono", 60)), head, row, body);

  /** @param {"timeline" | "resources" | "words"} name */
  function show(name) {
    shown = name;
    player.stop();
    player.node.hidden = name !== "timeline";
    for (const tab of tabs.querySelectorAll("button")) tab.setAttribute("aria-pressed", String(tab.dataset.view === name));
    drawBody();
    rewrite(to.session(id, null, name === "timeline" ? null : name));
  }

  function drawBody() {
    if (shown === "words" && !words.node.firstChild) words.load();
    const grouped = () => el("div", {}, byResource(story.steps, pick), more);
    body.replaceChildren(shown === "words" ? words.node : shown === "resources" ? grouped() : column, side);
    if (shown === "timeline" && story.node.isConnected) column.append(more);
  }

  function play() {
    if (shown !== "timeline") show("timeline");
    player.toggle();
  }

  /** @param {Step} step */
  function pick(step) {
    show("timeline");
    story.selectEvent(step.id);
  }

  async function read() {
    more.disabled = true;
    try {
      const { data, pagination } = await fetchSession(id, cursor, abort.signal);
      cursor = pagination.next_cursor;
      if (session === null) begin(data);
      row.hidden = false;
      session = data;
      story.add(data.timeline);
      draw();
      if (!isVerified && session.duration_ms <= VERIFY_UNASKED_MS) mark.run();
      isVerified = true;
    } catch (error) {
      const message = failed(error);
      if (message) fail(message, error instanceof ApiError && error.status === 404);
    } finally {
      more.disabled = false;
    }
  }

  /** @param {Session} first */
  function begin(first) {
    how.hasActors = first.actors.length > 1;
    strip = activityStrip(first.started_at, first.ended_at, (step) => story.selectEvent(step.id));
    beside = lanes(first, failed, abort.signal);
    document.title = `${nameOf(first.actors[0])} · Immutable`;
    drawHead(first);
    column.replaceChildren(story.node, more);
  }

  /** @param {Session} current */
  function drawHead(current) {
    const link = copyButton("Copy a link to this session", () => new URL(to.session(id), location.href).href, "link");
    const share = shareButton("Share this session", () => ({ session_id: id }));
    const add = addButton({ session_id: id }, "verify");
    head.replaceChildren(
      sessionHeader(current, [mark.node, pack, share, add, link].filter((one) => one !== null), story.nextDestructive),
      mark.verdictLine,
      /** @type {Node} */ (strip?.node),
      /** @type {Node} */ (beside?.node),
    );
  }

  function draw() {
    if (!session) return;
    strip?.draw(story.steps, !cursor);
    side.replaceChildren(asideNode(session.actions, story.steps));
    more.hidden = !cursor;
    if (shown === "resources") drawBody();
    const all = session.events_count.toLocaleString("en");
    more.textContent = `Load more: ${count(story.steps.length, "event")} of ${all} read`;
    if (wanted && story.selectEvent(wanted)) wanted = null;
  }

  /** @param {string} message @param {boolean} isMissing */
  function fail(message, isMissing) {
    const list = el("a", { class: "button", href: listAddress() }, "Go to the sessions");
    const again = () => {
      problem.remove();
      if (!session) words.node.replaceChildren();
      drawBody();
      read();
    };
    const title = session ? "The rest could not be read" : "The session could not be read";
    const problem = isMissing ? notice("search", "There is no such session", message, list) : failure(title, message, again);
    waiting.remove();
    if (!session) head.replaceChildren();
    row.hidden = !session;
    column.append(problem);
    if (!session) body.replaceChildren(column, side); // one thing failed for all views of it
  }

  read();
  if (view === "words" || view === "resources") show(view);
  return {
    title: id,
    node,
    leave: () => {
      abort.abort();
      player.stop();
    },
    onZone: () => {
      if (!session) return;
      drawHead(session);
      beside?.draw();
      story.redraw();
      draw();
      words.node.replaceChildren();
      drawBody();
    },
    shortcuts: [
      ...story.shortcuts,
      { keys: ["w"], does: "In words, or as a timeline", run: () => show(shown === "words" ? "timeline" : "words") },
      { keys: ["g"], does: "Grouped by resource, or as a timeline", run: () => show(shown === "resources" ? "timeline" : "resources") },
      { keys: [" ", "p"], does: "Replay, or pause", run: play },
      { keys: ["v"], does: "Verify", run: mark.run },
      { keys: ["Escape", "u"], does: "Back to the sessions", run: () => go(listAddress()) },
    ],
  };
}
