/** One investigation: the ticket, what was gathered with its facts, the notes and the history, and how it is handed over. */
import { change, read } from "../api.js";
import { announce } from "../clipboard.js";
import { el, iconButton, said, visible } from "../dom.js";
import { icon } from "../icons.js";
import { identity } from "../identity.js";
import { eventRow } from "../live/event-row.js";
import { problemLine } from "../panel.js";
import { to } from "../router.js";
import { sessionRow } from "../sessions/row.js";
import { failure, notice, skeleton } from "../states.js";
import { time } from "../time.js";
import { evidenceButton } from "../timeline/evidence-button.js";
import { shareButton } from "../timeline/share-button.js";
import { historyList, noteForm } from "./notes.js";

/** @typedef {import("../types.js").WholeInvestigation} Whole */

/**
 * @param {string} id @param {(error: unknown) => string | null} failed
 * @returns {import("../types.js").Page}
 */
export function investigationPage(id, failed) {
  const abort = new AbortController();
  const path = ["investigations", id];
  /** @type {Whole | null} */
  let whole = null;
  // Every change of it is an event of the log.
  const mayChange = identity.may("ingest");
  const withNotes = el("input", { type: "checkbox" });
  const problem = problemLine();
  const head = el("div", {}, skeleton("head-skeleton", 1));
  const items = el("section", { "aria-label": "Gathered" });
  const told = el("section", { "aria-label": "Notes and history" });
  const note = noteForm(async (text) => draw(await change([...path, "notes"], { text })));
  const node = el("div", { class: "list-page case-page" }, crumbs(id), head, problem, items, told);
  const pack = evidenceButton(path, () => ({ notes: String(withNotes.checked) }), failed, abort.signal);
  const share = shareButton("Share this investigation", () => ({ investigation_id: id, notes: withNotes.checked }));

  /** @param {Whole} found */
  function draw(found) {
    whole = found;
    document.title = `${found.ticket} · Immutable`;
    head.replaceChildren(headOf(found));
    items.replaceChildren(...itemsOf(found));
    const older = found.has_more_history && el("p", { class: "muted" }, "The newest 1,000.");
    told.replaceChildren(el("h2", {}, "Notes and history"), found.closed_at || !mayChange ? "" : note, historyList(found.history), older || "");
  }

  /** @param {Whole} found */
  function headOf(found) {
    const isHttp = found.ticket_url && /^https?:\/\//.test(found.ticket_url);
    const ticket = said(found.ticket, "mono", 120);
    return el(
      "header",
      { class: "case-head" },
      el("h1", {}, said(found.title, null, 255), found.closed_at && el("span", { class: "badge" }, "closed")),
      el(
        "p",
        {},
        "Ticket ",
        isHttp ? el("a", { class: "link", href: found.ticket_url, target: "_blank", rel: "noopener noreferrer" }, ticket) : ticket,
        el("span", { class: "muted" }, " opened ", time(found.created_at, "full")),
        found.closed_at && el("span", { class: "muted" }, ", closed ", time(found.closed_at, "full")),
      ),
      el(
        "div",
        { class: "case-actions" },
        pack,
        share,
        el("label", { class: "check" }, withNotes, "with the notes and history"),
        mayChange && el("button", { type: "button", class: "button push", onclick: () => act([found.closed_at ? "reopen" : "close"], {}, found.closed_at ? "Reopened" : "Closed") }, found.closed_at ? "Reopen" : "Close it"),
      ),
    );
  }

  /** @param {Whole} found */
  function itemsOf(found) {
    const title = el("h2", { tabindex: -1 }, "Gathered");
    if (!found.items.length) {
      const how = mayChange
        ? "Open a session and press “Add to investigation”; an event has the same button among its details."
        : "What others gather under this ticket appears here.";
      return [title, notice("sessions", "Nothing is gathered yet", how, el("a", { class: "button", href: to.sessions() }, "Go to the sessions"))];
    }
    return [title, el("ol", { class: "case-items" }, ...found.items.map((item) => el("li", {}, itemOf(item), !found.closed_at && mayChange && removal(item))))];
  }

  /** @param {import("../types.js").InvestigationItem} item */
  function removal(item) {
    const what = { [`${item.kind}_id`]: item.id };
    const press = async () => {
      await act(["items", "remove"], what, "Taken out");
      items.querySelector("h2")?.focus();
    };
    return iconButton(`Take out the ${item.kind} ${visible(item.id, 60)}`, { onclick: press }, icon("close"));
  }

  /** @param {string[]} does @param {object} body @param {string} said */
  async function act(does, body, said) {
    problem.textContent = "";
    try {
      draw(await change([...path, ...does], body));
      announce(said);
    } catch (error) {
      problem.textContent = failed(error) ?? "";
    }
  }

  const load = () =>
    read(path, abort.signal).then(draw, (error) => {
      const message = failed(error);
      if (message) head.replaceChildren(failure("The investigation could not be read", message, load));
    });
  load();
  return { title: "Investigation", node, leave: () => abort.abort(), onZone: () => whole && draw(whole) };
}

/** @param {import("../types.js").InvestigationItem} item */
function itemOf({ kind, id, session, event }) {
  if (session) return sessionRow(session, "short");
  if (event) return eventRow(event, "short");
  return el("p", { class: "case-gone muted" }, `This ${kind} is no longer in the log: `, said(id, "mono", 60));
}

/** @param {string} id */
const crumbs = (id) =>
  el(
    "nav",
    { class: "crumbs", "aria-label": "Where you are" },
    el("a", { href: to.investigations() }, "Investigations"),
    el("span", { "aria-hidden": "true" }, "/"),
    said(id, "mono", 60),
  );
