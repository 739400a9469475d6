/** What an event changed: each field with the old and the new value side by side. */
import { el, said } from "../dom.js";
import { valueNode } from "./value.js";

/** @param {import("../types.js").Changes} changes */
export const changesNode = (changes) =>
  el(
    "table",
    { class: "changes" },
    el("thead", {}, el("tr", {}, ...["Field", "Old", "New"].map((name) => el("th", { scope: "col" }, name)))),
    el(
      "tbody",
      {},
      ...Object.entries(changes).map(([field, change]) =>
        el(
          "tr",
          {},
          el("th", { scope: "row" }, said(field)),
          el("td", { class: "old" }, valueNode(change?.old)),
          el("td", { class: "new" }, valueNode(change?.new)),
        ),
      ),
    ),
  );
