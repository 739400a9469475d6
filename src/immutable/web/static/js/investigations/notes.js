/** Notes of an investigation, and what else was done to it, as the log tells it. */
import { nameOf } from "../badges.js";
import { el, said } from "../dom.js";
import { form } from "../form.js";
import { time } from "../time.js";

/** @param {(text: string) => Promise<void>} write @returns {HTMLFormElement} */
export function noteForm(write) {
  const input = el("textarea", { id: "case-note", name: "text", rows: 3, maxlength: 10_000 });
  const node = el("div", { class: "field" }, el("label", { for: "case-note" }, "Note"), input);
  const asked = form([{ node, input }], "Add the note", async () => {
    await write(input.value.trim());
    input.value = "";
    input.focus();
  });
  asked.button.after(el("p", { class: "muted" }, "It goes into the log: nobody can change or remove it."));
  return asked.node;
}

/** @type {Record<string, string>} */
const DID = { opened: "opened it", closed: "closed it", reopened: "reopened it", item_added: "added", item_removed: "took out" };

/** @param {import("../types.js").InvestigationTold[]} history */
export const historyList = (history) =>
  el(
    "ol",
    { class: "case-history" },
    ...history.map((one) =>
      el(
        "li",
        { class: one.what === "note_added" ? "case-note" : "" },
        el(
          "p",
          {},
          said(nameOf(one.by), "case-who", 80),
          one.what === "note_added" ? " noted" : ` ${DID[one.what] ?? one.what}`,
          one.item && ` the ${one.item.type} `,
          one.item && said(one.item.id ?? "", "mono", 80),
          el("span", { class: "muted" }, ", ", time(one.at, "full"), ` · #${one.sequence.toLocaleString("en")}`),
        ),
        one.what === "note_added" &&
          (one.note === null ? el("p", { class: "muted" }, "The text was erased.") : said(one.note, "case-text", 10_000)),
      ),
    ),
  );
