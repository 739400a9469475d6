/** Small things that several views are made of: the state of a view in place of its content, badges, times. */
import { el, said } from "../static/js/dom.js";
import { icon } from "../static/js/icons.js";

/** @typedef {import("./texts.js").Texts} Texts */

/** @param {import("../static/js/icons.js").IconName} name @param {string} title @param {string} text @param {...any} actions */
export const notice = (name, title, text, ...actions) =>
  el(
    "div",
    { class: "notice", role: name === "alert" ? "alert" : null },
    icon(name),
    el("h2", {}, title),
    el("p", {}, text),
    ...actions,
  );

/** @param {Texts} texts */
export const skeleton = (texts) =>
  el(
    "div",
    { class: "skeleton" },
    el("span", { class: "off-screen" }, texts.of("loading")),
    ...Array.from({ length: 6 }, () => el("div")),
  );

/** @param {Texts} texts @param {import("./client.js").ViewerError} error */
export const reason = (texts, { status, message }) =>
  status === 0 ? texts.of("offline") : status === 429 || status === 503 ? texts.of("busy") : message;

/** @param {Texts} texts @param {string} iso @param {string} style */
export const time = (texts, iso, style) =>
  el("time", { datetime: iso, title: texts.when(iso, "full") }, texts.when(iso, style));

/** @param {Texts} texts @param {{id?: string | null, name?: string | null} | undefined} actor */
export const who = (texts, actor) => said(actor?.name || actor?.id || texts.of("unknownActor"), "who", 120);

/** @param {string} text */
export const dangerBadge = (text) => el("span", { class: "badge" }, icon("alert"), text);
