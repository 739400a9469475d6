/** The erasures that the log tells of, newest first: runs of one order together, each event with all that it holds. */
import { events } from "../api.js";
import { nameOf } from "../badges.js";
import { el, said } from "../dom.js";
import { detailsNode } from "../timeline/details.js";
import { time } from "../time.js";
import { count } from "../words.js";

/** @typedef {import("../types.js").Step} Step */

const ACTION = "immutable.details_erased";
const PAGE = "50";
const MOST_RANGES = 20;

/** @param {(error: unknown) => string | null} failed */
export async function pastErasures(failed) {
  const list = el("ol", { class: "erasures" });
  const none = el("p", { class: "muted" }, "Nothing was erased yet.");
  const problem = el("p", { class: "problem", role: "alert" });
  const more = el("button", { type: "button", class: "more", onclick: next }, "Show more");
  /** @type {Step[]} */
  let held = [];
  /** @type {string | null} */
  let cursor = null;
  await again();
  return { node: el("div", {}, none, list, problem, more), again, open };

  async function again() {
    held = [];
    cursor = null;
    await take();
  }

  async function next() {
    try {
      await take();
    } catch (error) {
      problem.textContent = failed(error) ?? "";
    }
  }

  async function take() {
    const { data, pagination } = await events({ action: ACTION, limit: PAGE, cursor });
    held.push(...data);
    cursor = pagination.next_cursor;
    more.hidden = !cursor;
    none.hidden = held.length > 0;
    list.replaceChildren(...runs(held).map(row));
  }

  /** Unfolds the event of this place, and goes there. @param {number} sequence */
  function open(sequence) {
    const found = /** @type {HTMLDetailsElement | null} */ (list.querySelector(`[data-sequence="${sequence}"]`));
    if (!found) return;
    /** @type {HTMLDetailsElement | null | undefined} */ (found.parentElement?.closest("details"))?.setAttribute("open", "");
    found.open = true;
    found.scrollIntoView({ block: "center" });
    found.querySelector("summary")?.focus();
  }
}

/** Events in a row by the same person for the same reason. @param {Step[]} all @returns {Step[][]} */
function runs(all) {
  /** @type {Step[][]} */
  const found = [];
  for (const one of all) {
    const last = found.at(-1);
    if (last && last[0].actor.id === one.actor.id && last[0].metadata?.reason === one.metadata?.reason) last.push(one);
    else found.push([one]);
  }
  return found;
}

/** @param {Step[]} run */
function row(run) {
  const [newest] = run;
  const erased = run.reduce((sum, one) => sum + Number(one.metadata?.events ?? 0), 0);
  return el(
    "li",
    {},
    el(
      "details",
      { class: "erasure" },
      el(
        "summary",
        {},
        el("span", { class: "erasure-what" }, count(erased, "event"), run.length > 1 ? el("span", { class: "muted" }, ` in ${run.length} parts`) : ""),
        said(newest.metadata?.reason ?? "no reason given", "erasure-why", 300),
        el("span", { class: "erasure-who muted" }, said(nameOf(newest.actor), null, 60), ", ", time(newest.occurred_at, "full")),
      ),
      ...run.map(part),
    ),
  );
}

/** @param {Step} one */
function part(one) {
  const places = one.targets.map(({ id }) => spoken(id ?? ""));
  const node = el(
    "details",
    { class: "erasure-part", "data-sequence": one.sequence, ontoggle: () => node.open && node.childElementCount === 1 && node.append(el("div", { class: "details" }, detailsNode({ ...one, targets: [] }))) },
    el(
      "summary",
      {},
      `Event ${one.sequence.toLocaleString("en")}`,
      el("span", { class: "muted" }, " erased ", places.slice(0, MOST_RANGES).join(", "), places.length > MOST_RANGES ? ` and ${count(places.length - MOST_RANGES, "more range")}` : ""),
    ),
  );
  return node;
}

/** "7-7" reads "7". @param {string} range */
const spoken = (range) => {
  const [first, last] = range.split("-");
  return first === last ? Number(first).toLocaleString("en") : `${Number(first).toLocaleString("en")} to ${Number(last).toLocaleString("en")}`;
};
