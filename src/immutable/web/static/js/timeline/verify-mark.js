/** Asks the server to recompute the hashes of a period, and shows the verdict. */
import { checkpoints, verify } from "../api.js";
import { el } from "../dom.js";
import { icon } from "../icons.js";
import { to } from "../router.js";
import { time } from "../time.js";
import { count } from "../words.js";

/** @typedef {import("../types.js").Step} Step */
/** @typedef {import("../types.js").Verdict} Verdict */

/**
 * @param {() => Step[]} stepsOf the steps whose period is verified
 * @param {(verdict: Verdict) => void} onVerdict
 * @param {(error: unknown) => string | null} failed
 * @param {AbortSignal} signal
 */
export function verifyMark(stepsOf, onVerdict, failed, signal) {
  const text = el("span", {}, "Verify");
  const node = el(
    "button",
    { type: "button", class: "verify", onclick: run, title: "Recompute the hashes of this period" },
    icon("shield"),
    text,
  );
  const verdictLine = el("p", { class: "verdict", role: "status" });

  async function run() {
    // The chain follows the server's time of recording, and so does the period: occurred_at is the client's word.
    const recorded = stepsOf()
      .map((step) => step.created_at)
      .sort();
    if (recorded.length === 0) return;
    node.disabled = true;
    show("checking", "Verifying…", "");
    try {
      const verdict = await wholePeriod(recorded[0], recorded[recorded.length - 1]);
      const checked = `${count(verdict.events_checked, "event")} of this period checked`;
      if (verdict.valid) {
        show("sound", "Verified", `${checked}: none was altered, inserted, removed or moved.`);
        await tellCheckpoint();
      }
      else {
        show(
          "broken",
          "Broken",
          `${checked}: ${verdict.breaks.slice(0, 5).map(breakText).join("; ") || "the chain does not hold"}.`,
        );
      }
      onVerdict(verdict);
    } catch (error) {
      const message = failed(error);
      if (message) show("unknown", "Not verified", message);
    } finally {
      node.disabled = false;
    }
  }

  /** Which signed checkpoint covers the last of the steps. */
  async function tellCheckpoint() {
    const last = Math.max(...stepsOf().map(({ sequence }) => sequence));
    const [newest] = (await checkpoints("1", signal)).data;
    verdictLine.append(
      " ",
      newest && newest.size >= last
        ? el("a", { href: to.proof() }, `In the signed checkpoint of ${count(newest.size, "event")}, `, time(newest.created_at, "short"))
        : "Not in a signed checkpoint yet.",
    );
  }

  /** @param {string} from @param {string} until @returns {Promise<Verdict>} */
  async function wholePeriod(from, until) {
    /** @type {Verdict} */
    const whole = { valid: true, events_checked: 0, breaks: [], scope: [], signing_halted: null };
    /** @type {string | null | undefined} */
    let cursor = null;
    do {
      const { data } = /** @type {{data: Verdict}} */ (await verify(from, until, cursor, signal));
      whole.valid &&= data.valid;
      whole.events_checked += data.events_checked;
      whole.breaks.push(...data.breaks);
      cursor = data.next_cursor;
      text.textContent = `Verifying… ${whole.events_checked.toLocaleString("en")}`;
    } while (cursor);
    return whole;
  }

  /** @param {"checking" | "sound" | "broken" | "unknown"} state @param {string} word @param {string} sentence */
  function show(state, word, sentence) {
    node.dataset.state = state;
    text.textContent = word;
    verdictLine.dataset.state = state;
    verdictLine.textContent = sentence;
  }
  return { node, verdictLine, run };
}

/** @param {Verdict["breaks"][number]} found An event that is gone has no id, only its number. */
export function breakText({ type, event_id, sequence }) {
  const where = event_id ? `event ${event_id}` : sequence ? `number ${sequence} of the log` : "the end of the log";
  return `${type.replaceAll("_", " ")} at ${where}`;
}
