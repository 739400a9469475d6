/** What a view shows while it waits, when there is nothing, and when something failed. */
import { el } from "./dom.js";
import { icon } from "./icons.js";

const SLOW_MS = 5000;

/** Says so where it takes long. @param {string} className of one bar @param {number} bars */
export function skeleton(className, bars) {
  const node = el(
    "div",
    { class: "skeleton", role: "status", "aria-label": "Loading" },
    ...Array.from({ length: bars }, () => el("div", { class: className })),
  );
  setTimeout(() => node.isConnected && node.prepend(el("p", { class: "slow" }, "Still waiting for the server…")), SLOW_MS);
  return node;
}

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

/**
 * What failed and why, and a button that tries again; it is pressed by itself once a server that was away answers (`recovery.js`).
 * @param {string} title @param {string} message @param {() => void} again
 */
export const failure = (title, message, again) =>
  notice("alert", title, message, el("button", { type: "button", class: "primary retry", onclick: again }, "Try again"));
