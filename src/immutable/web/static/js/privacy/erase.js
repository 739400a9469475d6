/** Forgets the details of events: shows first what it means, asks for a reason and the person's id, and tells what came of it. */
import { change, events } from "../api.js";
import { announce, copyButton } from "../clipboard.js";
import { el, said, visible } from "../dom.js";
import { field, form, sentence } from "../form.js";
import { icon } from "../icons.js";
import { panel, problemLine } from "../panel.js";
import { spell } from "../time.js";
import { count } from "../words.js";
import { whichEvents } from "./which-events.js";

/** @typedef {{events: number, erasable: number, held: number, erased: number, own: number, pruned: number}} Preview */
/** @typedef {{id: string, sequence: number, event_hash: string}} Receipt */
/** @typedef {{archive: string, at: string, first_sequence: number, last_sequence: number, problem: string}} Unreached */
/** @typedef {{erased: number, erased_in_archives: number, held: number, erasures: Receipt[], unreached_archives: Unreached[]}} Done */

const NAMES = { session: "session_id", resourceType: "resource", resource: "resource_id", tenant: "tenant_id", action: "action", from: "from", to: "to" };

/** @param {(error: unknown) => string | null} failed @param {{again: () => Promise<void>, open: (sequence: number) => void}} past */
export function erasePanel(failed, past) {
  const problem = problemLine();
  const seen = el("div", { class: "erase-seen", role: "region", "aria-label": "What the erasure would do", hidden: true });
  const which = whichEvents(NAMES, () => {
    problem.textContent = "";
    seen.hidden = true;
  });
  const look = el("button", { class: "primary" }, "Show what it would do");
  const ask = el("form", { class: "stack wide", novalidate: true, onsubmit: show }, which.node, problem, look);
  const node = panel(
    "Forget on the record",
    "Erases what is personal or free-form in events, for good (GDPR Art. 17). The events stay in the chain with their hashes, and the log says what was erased, by whom and why.",
    ask,
    seen,
  );
  return node;

  /** @param {SubmitEvent} event */
  async function show(event) {
    event.preventDefault();
    const wanted = which.wanted();
    if (!Object.keys(wanted).length) {
      problem.textContent = "Say whose events are meant, or which.";
      which.input.focus();
      return;
    }
    look.disabled = true;
    which.settle();
    try {
      const [preview, newest] = await Promise.all([change(["erasures", "preview"], wanted), events({ ...wanted, limit: "25" })]);
      draw(wanted, preview, newest.data);
      seen.hidden = false;
      const heading = seen.querySelector("h3");
      heading?.focus();
    } catch (error) {
      problem.textContent = failed(error) ?? "";
    } finally {
      look.disabled = false;
    }
  }

  /** @param {Record<string, string>} wanted @param {Preview} preview @param {import("../types.js").Step[]} newest */
  function draw(wanted, preview, newest) {
    const example = newest.find((one) => !one.integrity.details_erased && !one.action.startsWith("immutable."));
    const archived = preview.pruned > 0 && `Retention pruned ${count(preview.pruned, "event")} before; their archives are looked through too.`;
    seen.replaceChildren(
      el("h3", { tabindex: -1 }, preview.erasable ? `${count(preview.erasable, "event")} would lose ${preview.erasable === 1 ? "its" : "their"} details` : "No event in the log would lose its details"),
      el(
        "dl",
        { class: "tiles" },
        tile("Meant", preview.events),
        tile("To be erased", preview.erasable, "danger"),
        tile("Held, kept", preview.held, preview.held ? "warn" : ""),
        tile("Erased before", preview.erased),
        preview.own > 0 && tile("The server's own", preview.own),
      ),
      archived ? el("p", { class: "muted" }, archived) : "",
      preview.erasable || preview.pruned ? stays(example) : "",
      preview.erasable || preview.pruned ? confirmation(wanted, preview) : "",
    );
  }

  /** @param {Record<string, string>} wanted @param {Preview} preview */
  function confirmation(wanted, preview) {
    const [word, what] = typed(wanted, preview);
    const reason = field("Reason", { name: "reason", maxlength: 1000, required: true, placeholder: "Request of the data subject, ticket 5120" });
    const again = field(`Type ${what} to confirm`, { autocapitalize: "off", spellcheck: "false", class: "mono" });
    again.node.querySelector("label")?.after(el("p", { class: "mono confirm-word" }, said(word, null, 255), copyButton("Copy what is to be typed", () => word)));
    const bar = el("progress", { hidden: true, max: Math.max(1, preview.erasable), value: 0, "aria-label": "Erased so far" });
    const state = el("p", { class: "erase-state", role: "status" });
    const result = el("div", {});
    const asked = form([reason, again], preview.erasable ? `Erase the details of ${count(preview.erasable, "event")}` : "Erase in the archives", async () => {
      if (!reason.input.value.trim()) return refuse(reason.input, "Say why: the reason is kept in the log.");
      const given = again.input.value.trim();
      if (given !== word && given !== visible(word)) return refuse(again.input, `That is not ${what}.`);
      await run(wanted, reason.input.value.trim(), { bar, state, result, form: asked.node });
    });
    asked.button.classList.add("destroys");
    return el("div", {}, asked.node, bar, state, result);

    /** @param {HTMLInputElement} input @param {string} text */
    function refuse(input, text) {
      asked.problem.textContent = text;
      input.focus();
    }
  }

  /**
   * Page after page, as long as the page is looked at; what was erased stays erased, and on the record, wherever it ends.
   * @param {Record<string, string>} wanted @param {string} reason
   * @param {{bar: HTMLProgressElement, state: HTMLElement, result: HTMLElement, form: HTMLElement}} at
   */
  async function run(wanted, reason, { bar, state, result, form }) {
    /** @type {Done} */
    const sum = { erased: 0, erased_in_archives: 0, held: 0, erasures: [], unreached_archives: [] };
    let after = 0;
    bar.hidden = false;
    state.textContent = "Erasing… Stay on this page until it is done.";
    try {
      for (let isComplete = false; !isComplete && node.isConnected; ) {
        const done = await change(["erasures"], { ...wanted, reason, after_sequence: after });
        sum.erased += done.erased;
        sum.erased_in_archives += done.erased_in_archives ?? 0;
        sum.held += done.held;
        sum.erasures.push(...done.erasures);
        sum.unreached_archives.push(...(done.unreached_archives ?? []));
        after = done.last_sequence;
        isComplete = done.is_complete;
        bar.value = Math.min(bar.max, sum.erased);
        state.textContent = `Erasing… ${sum.erased.toLocaleString("en")} so far. Stay on this page until it is done.`;
      }
      form.remove();
      bar.hidden = true;
      state.textContent = `The details of ${count(sum.erased, "event")} are erased${sum.erased_in_archives ? `, ${sum.erased_in_archives.toLocaleString("en")} of them in archives` : ""}.`;
      state.classList.add("done");
      announce(state.textContent);
      which.clear();
    } catch (error) {
      bar.hidden = true;
      state.textContent = `Stopped after ${count(sum.erased, "event")}: what was erased is on the record. Erase again to go on.`;
      throw error;
    } finally {
      result.replaceChildren(...outcome(sum));
      await past.again().catch(sentence);
    }
  }

  /** @param {Done} sum */
  function outcome({ held, erasures, unreached_archives }) {
    return [
      ...(held ? [el("p", { class: "muted held-note" }, `${count(held, "event")} under a hold kept ${held === 1 ? "its" : "their"} details.`)] : []),
      ...(unreached_archives.length
        ? [
            el(
              "div",
              { class: "unreached", role: "alert" },
              el("p", {}, `${count(unreached_archives.length, "archive")} could not be reached, and may hold details still. Erase the same again once that is repaired.`),
              el("ul", {}, ...unreached_archives.map((one) => el("li", {}, said(one.archive, "mono", 200), ` (events ${one.first_sequence.toLocaleString("en")} to ${one.last_sequence.toLocaleString("en")}) at `, said(one.at, "mono", 300), ": ", said(one.problem, null, 300)))),
            ),
          ]
        : []),
      ...(erasures.length
        ? [
            el("h4", {}, "Receipts"),
            el(
              "ul",
              { class: "receipts" },
              ...erasures.map(({ sequence, event_hash }) =>
                el(
                  "li",
                  {},
                  el("button", { type: "button", class: "link", onclick: () => past.open(sequence) }, `Event ${sequence.toLocaleString("en")}`),
                  el("span", { class: "mono muted" }, event_hash),
                  copyButton(`Copy the hash of event ${sequence}`, () => event_hash),
                ),
              ),
            ),
          ]
        : []),
    ];
  }
}

/** What one types to confirm, and what it is. @param {Record<string, string>} wanted @param {Preview} preview @returns {[string, string]} */
function typed(wanted, preview) {
  if (wanted.actor_id) return [wanted.actor_id, "the person's id"];
  if (wanted.session_id) return [wanted.session_id, "the session's id"];
  if (wanted.resource_id) return [wanted.resource_id, "the thing's id"];
  if (wanted.tenant_id) return [wanted.tenant_id, "the tenant's id"];
  return [String(preview.erasable), "the number of events"];
}

/** @param {string} name @param {number} number @param {string} [className] */
const tile = (name, number, className = "") => el("div", { class: `tile ${number ? className : ""}` }, el("dt", {}, name), el("dd", {}, number.toLocaleString("en")));

/** What goes and what stays, with the values of an event that is meant. @param {import("../types.js").Step | undefined} one */
function stays(one) {
  const names = (/** @type {object | null | undefined} */ held) => (held && Object.keys(held).length ? Object.keys(held).join(", ") : null);
  const targets = one?.targets ?? [];
  return el(
    "div",
    { class: "goes-stays" },
    side("Goes", "close", [
      ["Names", [one?.actor.name, one?.resource.name, ...targets.map(({ name }) => name)].filter(Boolean).join(", ")],
      ["Metadata", names(one?.metadata)],
      ["Changes", names(one?.changes)],
      ["Address", one?.ip_address],
      ["City", one?.ip_city],
      ["Device", one?.user_agent],
    ]),
    side("Stays", "check", [
      ["Who", one?.actor.id],
      ["What", one?.action],
      ["When", one && spell(one.occurred_at, "full")],
      ["On what", one && [one.resource.type, one.resource.id].filter(Boolean).join(" ")],
      ["Country", one?.ip_country],
      ["Hash", one?.integrity.event_hash],
    ]),
    el(
      "p",
      { class: "muted goes-note" },
      `${one ? "Values of the newest event that is meant. " : ""}Ids stay, whatever they are made of. What others' events say about the same person is not among these: look for it as well. Backups keep it until they expire.`,
    ),
  );
}

/** @param {string} title @param {import("../icons.js").IconName} name @param {[string, string | null | undefined | false][]} pairs */
const side = (title, name, pairs) =>
  el(
    "section",
    { class: title.toLowerCase() },
    el("h4", {}, icon(name), title),
    el("dl", { class: "facts" }, ...pairs.flatMap(([term, value]) => [el("dt", {}, term), el("dd", {}, value ? said(value, null, 120) : el("span", { class: "muted" }, "–"))])),
  );
