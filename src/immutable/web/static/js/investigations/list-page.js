/** The list of investigations, newest first: those that are open, or those that are closed. */
import { investigations } from "../api.js";
import { el, said } from "../dom.js";
import { form } from "../form.js";
import { identity } from "../identity.js";
import { go, to } from "../router.js";
import { failure, notice, skeleton } from "../states.js";
import { time } from "../time.js";
import { openFields, openInvestigation } from "./open-form.js";
import { sheet } from "./sheet.js";

/** @typedef {import("../types.js").Investigation} Investigation */

/**
 * @param {URLSearchParams} query @param {(error: unknown) => string | null} failed
 * @returns {import("../types.js").Page}
 */
export function investigationsPage(query, failed) {
  const abort = new AbortController();
  const isClosed = query.get("closed") === "true";
  /** @type {Investigation[]} */
  let found = [];
  /** @type {string | null} */
  let cursor = null;
  const list = el("div", {}, skeleton("row-skeleton", 4));
  const more = el("button", { type: "button", class: "more", hidden: true, onclick: read }, "Load more");
  const node = el(
    "div",
    { class: "list-page" },
    el(
      "header",
      { class: "page-head" },
      el("h1", {}, "Investigations"),
      identity.may("ingest") &&
        el("button", { type: "button", class: "primary push", "aria-label": "New investigation", onclick: open }, "New"),
    ),
    el(
      "nav",
      { class: "tabs", "aria-label": "Which investigations" },
      tab("Open", to.investigations(), !isClosed),
      tab("Closed", to.investigations(true), isClosed),
    ),
    list,
    more,
  );

  async function read() {
    more.disabled = true;
    try {
      const answer = await investigations({ closed: String(isClosed), cursor }, abort.signal);
      found = [...found, ...answer.data];
      cursor = answer.pagination.next_cursor;
      draw();
    } catch (error) {
      const message = failed(error);
      if (message) list.replaceChildren(failure("The investigations could not be read", message, read));
    } finally {
      more.disabled = false;
    }
  }

  function draw() {
    more.hidden = !cursor;
    list.replaceChildren(found.length ? el("ol", { class: "case-list" }, ...found.map((one) => el("li", {}, row(one)))) : nothing());
  }

  function nothing() {
    if (isClosed) return notice("folder", "None is closed", "Investigations that are closed are kept here; they can be reopened.");
    return notice(
      "folder",
      "No open investigation",
      "An investigation gathers sessions, events and notes under a ticket number, so that the whole case can be handed over " +
        "as one evidence pack, or shared by a link. " +
        (identity.may("ingest")
          ? "Open one here, or with “Add to investigation” on a session or an event."
          : "You may read what others gather here; to open one takes the role member, or a key that may also append."),
    );
  }

  function open() {
    const fields = openFields();
    const asked = form(fields, "Open it", async () => {
      const made = await openInvestigation(fields);
      close();
      go(to.investigation(made.id));
    });
    const { close } = sheet("New investigation", asked.node);
  }

  read();
  return { title: "Investigations", node, leave: () => abort.abort(), onZone: draw };
}

/** @param {Investigation} one */
const row = (one) =>
  el(
    "a",
    { class: "case-row", href: to.investigation(one.id) },
    said(one.ticket, "mono", 60),
    said(one.title, "case-title", 200),
    one.closed_at
      ? el("span", { class: "muted" }, "closed ", time(one.closed_at, "relative"))
      : el("span", { class: "muted" }, "opened ", time(one.created_at, "relative")),
  );

/** @param {string} name @param {string} href @param {boolean} isHere */
const tab = (name, href, isHere) => el("a", { href, "aria-current": isHere ? "page" : null }, name);
