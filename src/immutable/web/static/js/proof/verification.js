/** Runs a verification of the whole log, part by part, and shows how far it is and what it found. */
import { events, verifyLog } from "../api.js";
import { el } from "../dom.js";
import { icon } from "../icons.js";
import { breakText } from "../timeline/verify-mark.js";
import { count } from "../words.js";

/** @typedef {import("../types.js").Verdict} Verdict */

const MOST_BREAKS = 20;

/**
 * @param {(error: unknown) => string | null} failed
 * @param {AbortSignal} signal
 */
export function verification(failed, signal) {
  const bar = el("progress", { hidden: true, max: 1, value: 0, "aria-label": "Verified so far" });
  const button = el("button", { type: "button", class: "primary", onclick: run }, icon("shield"), "Verify the whole log");
  const said = el("p", { class: "verdict", role: "status" });
  const found = el("ul", { class: "breaks" });
  const node = el(
    "section",
    { class: "proof-card wide" },
    el("h2", {}, "Verification"),
    el("p", { class: "muted" }, "The server recomputes every hash, the chain, the tree under the checkpoints and the sessions. An evidence pack does the same without the server."),
    button,
    bar,
    said,
    found,
  );
  let isRunning = false;

  async function run() {
    if (isRunning) return;
    isRunning = button.disabled = true;
    bar.hidden = false;
    bar.value = 0;
    found.replaceChildren();
    show("checking", "Verifying…");
    try {
      tell(await whole());
    } catch (error) {
      const message = failed(error);
      if (message) show("unknown", `Not verified: ${message}`);
    } finally {
      isRunning = button.disabled = false;
      bar.hidden = true;
    }
  }

  async function whole() {
    const last = (await events({ limit: "1" }, signal)).data[0]?.sequence ?? 0;
    /** @type {Verdict} */
    const sum = { valid: true, events_checked: 0, breaks: [], scope: [], signing_halted: null };
    /** @type {string | null | undefined} */
    let cursor = null;
    do {
      const { data } = /** @type {{data: Verdict}} */ (await verifyLog(cursor, signal));
      sum.valid &&= data.valid;
      sum.events_checked += data.events_checked;
      sum.breaks.push(...data.breaks);
      sum.scope.push(...data.scope);
      sum.signing_halted = data.signing_halted;
      cursor = data.next_cursor;
      bar.value = last ? Math.min(1, sum.events_checked / last) : 1;
      show("checking", `Verifying… ${sum.events_checked.toLocaleString("en")} of ${last.toLocaleString("en")}`);
    } while (cursor);
    return sum;
  }

  /** @param {Verdict} verdict */
  function tell(verdict) {
    const checked = `${count(verdict.events_checked, "event")} checked`;
    const seals = sealsText(verdict);
    if (verdict.valid) show("sound", `${checked}: none was altered, inserted, removed or moved. ${seals}`);
    else show("broken", `${checked}. The log does not hold: ${count(verdict.breaks.length, "break")}.`);
    if (verdict.signing_halted) found.append(el("li", {}, `Nothing more is signed: ${verdict.signing_halted}`));
    found.append(...verdict.breaks.slice(0, MOST_BREAKS).map((one) => el("li", {}, breakText(one))));
  }

  /** @param {"checking" | "sound" | "broken" | "unknown"} state @param {string} sentence */
  function show(state, sentence) {
    said.dataset.state = state;
    said.textContent = sentence;
  }
  return { node, run };
}

/** Through which event each seal reaches. @param {Verdict} verdict */
function sealsText({ scope }) {
  const through = (/** @type {string} */ seal) => Math.max(0, ...scope.filter(({ seals }) => seals.includes(seal)).map(({ last_sequence }) => last_sequence));
  const words = [["signed", "Signed"], ["witnessed", "witnessed"], ["anchored", "anchored"]];
  const told = words.filter(([seal]) => through(seal)).map(([seal, word]) => `${word} through event ${through(seal).toLocaleString("en")}`);
  return told.length ? `${told.join(", ")}.` : "Nothing of it is signed yet.";
}
