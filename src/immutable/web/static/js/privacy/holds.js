/** Legal holds: events that are neither erased nor pruned until the hold is released; placed and released on the record. */
import { change, events, read } from "../api.js";
import { announce } from "../clipboard.js";
import { el, said, visible } from "../dom.js";
import { field, form } from "../form.js";
import { sheet } from "../investigations/sheet.js";
import { panel, table } from "../panel.js";
import { time } from "../time.js";
import { whichEvents } from "./which-events.js";

/** @typedef {Record<string, string | null> & {id: string, reason: string, created_at: string, released_at: string | null}} Hold */

const NAMES = { session: "session_id", resourceType: "resource_type", resource: "resource_id", tenant: "tenant_id", from: "from", to: "to" };
/** @type {[string, string][]} */
const TOLD = [["actor_id", "person"], ["session_id", "session"], ["tenant_id", "tenant"], ["resource_type", "type"], ["resource_id", "thing"], ["from", "from"], ["to", "to"]];

/** @returns {Promise<HTMLElement>} */
export async function holdPanel() {
  const list = el("div", {});
  const note = el("p", { role: "status" });
  const which = whichEvents(NAMES, () => (note.textContent = ""));
  const reason = field("Reason", { name: "reason", maxlength: 1000, required: true, placeholder: "Case 7 before the labour court" });
  const place = form([{ node: which.node, input: which.input }, reason], "Place the hold", async () => {
    which.settle();
    const wanted = which.wanted();
    await change(["holds"], { ...wanted, reason: reason.input.value.trim() });
    which.clear();
    reason.input.value = "";
    announce("The hold is placed");
    await draw();
    const { actor_id: actor } = wanted;
    if (actor && !(await events({ actor_id: actor, limit: "1" })).data.length)
      note.replaceChildren("No event has the person's id ", said(actor, "mono", 80), " yet: only those to come are held. A name is not an id.");
  });
  place.node.classList.add("wide");
  await draw();
  return panel(
    "Legal holds",
    "Events under a hold are neither erased nor pruned, those to come too, until it is released. Both are told by the log.",
    list,
    note,
    el("details", { class: "place-hold" }, el("summary", { class: "button" }, "Place a hold"), place.node),
  );

  async function draw() {
    /** @type {Hold[]} */
    const holds = (await read(["holds"])).reverse();
    const active = holds.filter((one) => !one.released_at);
    list.replaceChildren(
      holds.length
        ? table(
            "Legal holds",
            ["Events", "Reason", "Placed", ""],
            [...active, ...holds.filter((one) => one.released_at)].map((one) => [
              el("span", { class: "held-events" }, ...TOLD.filter(([name]) => one[name]).flatMap(([name, word], at) => [`${at ? ", " : ""}${word} `, said(shown(one[name]), "mono", 80)])),
              said(one.reason, null, 200),
              time(one.created_at, "relative"),
              one.released_at
                ? el("span", { class: "muted" }, "released ", time(one.released_at, "relative"))
                : el("button", { type: "button", class: "button", "aria-label": `Release the hold: ${visible(one.reason, 80)}`, onclick: () => askRelease(one) }, "Release"),
            ]),
          )
        : el("p", { class: "muted" }, "None was placed."),
    );
  }

  /** @param {Hold} one */
  function askRelease(one) {
    const why = field("Reason", { name: "reason", maxlength: 1000, required: true });
    const asked = form([why], "Release it for good", async () => {
      await change(["holds", one.id, "release"], { reason: why.input.value.trim() });
      close();
      announce("Released");
      await draw();
    });
    const { close } = sheet(
      "Release the hold",
      el("div", {}, el("p", {}, "Its events may be erased and pruned again: ", said(one.reason, null, 200)), asked.node),
    );
  }
}

/** A moment of the first or last microsecond of a day reads as the day. @param {string | null} value */
const shown = (value) => (value ?? "").replace(/T(00:00:00\.000000|23:59:59\.999999)Z$/, "");
