/** What a view shows while it waits, when there is nothing, and when something failed. */
import { el } from "./dom.js";
import { icon } from "./icons.js";

/** @param {string} className of one bar @param {number} bars */
export const skeleton = (className, bars) =>
  el(
    "div",
    { class: "skeleton", role: "status", "aria-label": "Loading" },
    ...Array.from({ length: bars }, () => el("div", { class: className })),
  );

/**
 * @param {import("./icons.js").IconName} name
 * @param {string} title
 * @param {string} text
 * @param {...Node} actions
 */
export const notice = (name, title, text, ...actions) =>
  el(
    "div",
    { class: "notice", role: name === "alert" ? "alert" : null },
    el("span", { class: "notice-icon" }, icon(name)),
    el("h2", {}, title),
    el("p", {}, text),
    ...actions,
  );
