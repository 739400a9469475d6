/** A resource's page: everything that happened to it, across sessions and people, as one story. */
import { history as fetchHistory } from "../api.js";
import { copyButton } from "../clipboard.js";
import { el, said } from "../dom.js";
import { go, to } from "../router.js";
import { listAddress } from "../sessions/list.js";
import { failure, notice, skeleton } from "../states.js";
import { count, totalOf } from "../words.js";
import { lastState } from "./last-state.js";
import { crumbs } from "./session-header.js";
import { makeStory } from "./story.js";

/**
 * @param {string} type
 * @param {string} id
 * @param {(error: unknown) => string | null} failed
 * @returns {import("../types.js").Page}
 */
export function resourcePage(type, id, failed) {
  const abort = new AbortController();
  /** @type {string | null} */
  let cursor = null;
  const story = makeStory({ hasActors: true, hasSessions: true, about: id });
  const title = el("h1", {}, said(id, null, 120));
  const summary = el("p", { class: "muted", role: "status" });
  const more = el("button", { type: "button", class: "more", hidden: true, onclick: read }, "Load more");
  const state = el("div", {});
  const column = el("div", { class: "story-column" }, skeleton("step-skeleton", 6));
  const node = el(
    "div",
    { class: "story-page" },
    crumbs(said(`${type} ${id}`, "mono", 80)),
    el(
      "header",
      { class: "story-head" },
      el(
        "div",
        { class: "story-title" },
        el(
          "div",
          {},
          title,
          el(
            "p",
            { class: "ids" },
            said(type, "muted", 60),
            " ",
            said(id, "mono", 120),
            copyButton("Copy the resource's id", () => id),
          ),
          summary,
        ),
        el(
          "div",
          { class: "story-actions" },
          copyButton("Copy a link to this history", () => new URL(to.resource(type, id), location.href).href, "link"),
        ),
      ),
    ),
    state,
    column,
  );

  async function read() {
    more.disabled = true;
    try {
      const { data, pagination } = await fetchHistory(type, id, cursor, abort.signal);
      cursor = pagination.next_cursor;
      if (story.steps.length === 0) column.replaceChildren(story.node, more);
      story.add(data);
      more.hidden = !cursor;
      describe(pagination);
    } catch (error) {
      const message = failed(error);
      if (message)
        column.replaceChildren(
          failure("The history could not be read", message, read),
        );
    } finally {
      more.disabled = false;
    }
  }

  /** @param {import("../types.js").Pagination} pagination */
  function describe(pagination) {
    const { steps } = story;
    if (steps.length === 0)
      return column.replaceChildren(
        notice("search", "Nothing happened to it", "No event names this resource, as far as this key can see."),
      );
    // The newest name that is known: it may have been renamed on the way.
    const named = steps
      .flatMap((step) => [step.resource, ...step.targets])
      .findLast((one) => one.id === id && one.type === type && one.name);
    if (named) title.replaceChildren(said(named.name, null, 120));
    const shown = lastState(steps, type, id, (step) => story.selectEvent(step.id));
    state.replaceChildren(...(shown ? [shown] : []));
    const people = new Set(steps.map((step) => step.actor.id)).size;
    const sessions = new Set(steps.map((step) => step.session_id)).size;
    const read = cursor ? `, ${steps.length} read` : "";
    const who = `${count(people, "actor")} in ${count(sessions, "session")}`;
    summary.textContent = `${totalOf(pagination, "event")}, oldest first${read}: ${who}`;
  }

  read();
  return {
    title: id,
    node,
    onZone: () => {
      story.redraw();
      const shown = lastState(story.steps, type, id, (step) => story.selectEvent(step.id));
      state.replaceChildren(...(shown ? [shown] : []));
    },
    leave: () => abort.abort(),
    shortcuts: [
      ...story.shortcuts,
      { keys: ["Escape", "u"], does: "Back to the sessions", run: () => go(listAddress()) },
    ],
  };
}
