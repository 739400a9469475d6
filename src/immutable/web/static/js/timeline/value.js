/** A JSON value as a person reads it: text as text, small values in one line, nested ones indented. */
import { el, said, visible } from "../dom.js";

/** @param {unknown} value */
export function valueNode(value) {
  if (value === undefined) return el("span", { class: "muted" }, "absent");
  if (value === "") return el("span", { class: "muted" }, "empty text");
  if (typeof value === "string") return value.length > 200 ? el("pre", { tabindex: 0 }, visible(value)) : said(value);
  if (value === null || typeof value !== "object") return el("span", { class: "mono" }, String(value));
  const line = JSON.stringify(value);
  return line.length <= 60 ? said(line, "mono") : el("pre", { tabindex: 0 }, visible(JSON.stringify(value, null, 2)));
}
