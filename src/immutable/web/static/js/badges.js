/** Small marks that several views share: who (avatar, name), where (flag), and what to beware of. */
import { el } from "./dom.js";
import { icon } from "./icons.js";
import { flag } from "./words.js";

/** @param {import("./types.js").Named | undefined} actor */
export const nameOf = (actor) => actor?.name || actor?.id || "Unknown actor";

/** @param {import("./types.js").Named | undefined} actor */
export function avatar(actor) {
  const words = nameOf(actor)
    .normalize()
    .replace(/[^\p{L}\p{N}\s]/gu, " ")
    .trim()
    .split(/\s+/);
  const initials =
    words.length > 1 ? [words[0], words[words.length - 1]].map((word) => [...word][0]) : [...words[0]].slice(0, 2);
  const node = el("span", { class: "avatar", "aria-hidden": "true" }, initials.join("").toUpperCase() || "?");
  let hue = 0;
  for (const letter of actor?.id ?? "") hue = (hue * 31 + letter.charCodeAt(0)) % 360;
  node.style.setProperty("--hue", String(hue));
  return node;
}

export const inferredBadge = () =>
  el(
    "span",
    {
      class: "badge inferred",
      title:
        "These events carried no session id; the server grouped them by actor, up to the next long silence.",
    },
    "inferred",
  );

/** @param {number} destructive */
export const destructiveBadge = (destructive) =>
  destructive > 0 &&
  el("span", { class: "badge danger" }, icon("alert"), `${destructive.toLocaleString("en")} destructive`);

/** @param {string | null} country */
export const flagOf = (country) =>
  flag(country) && el("span", { class: "flag", role: "img", "aria-label": country }, flag(country));
