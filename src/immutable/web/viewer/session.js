/** A session as one row of the list, and as the head of its timeline: who, when, how much, from where. */
import { el, said } from "../static/js/dom.js";
import { icon } from "../static/js/icons.js";
import { place } from "../static/js/words.js";
import { dangerBadge, time, who } from "./parts.js";

/** @typedef {import("./texts.js").Texts} Texts */
/** @typedef {import("../static/js/types.js").Session} Session */

/** @param {Texts} texts @param {Session} session @param {(id: string) => void} open */
export const sessionItem = (texts, session, open) =>
  el(
    "li",
    { class: session.destructive_count ? "item destructive" : "item" },
    el(
      "button",
      { type: "button", class: "row", onclick: () => open(session.session_id) },
      el("span", { class: "when" }, time(texts, session.started_at, "clock")),
      el(
        "span",
        { class: "what" },
        el("span", { class: "action" }, texts.of("eventsCount", { n: session.events_count })),
        ...parts(texts, session),
      ),
      who(texts, session.actors[0]),
      icon("chevron"),
    ),
  );

/** @param {Texts} texts @param {Session} session @returns {any[]} */
function parts(texts, { duration_ms: ms, destructive_count: destructive, inferred, places, devices, actors }) {
  return [
    ms >= 1000 && el("span", { class: "muted" }, texts.span(ms)),
    destructive > 0 && dangerBadge(texts.of("destructiveCount", { n: destructive })),
    inferred && el("span", { class: "muted" }, texts.of("inferred")),
    actors.length > 1 && el("span", { class: "muted" }, `+${texts.number(actors.length - 1)}`),
    ...[...places.map((one) => place(one.country, one.city)), ...devices].slice(0, 4).map((text) => said(text, "muted", 80)),
  ];
}

/** @param {Texts} texts @param {Session} session */
export const sessionHead = (texts, session) =>
  el(
    "div",
    { class: "head" },
    el(
      "h2",
      { tabindex: -1 },
      ...session.actors.slice(0, 3).flatMap((actor, at) => [at ? ", " : null, who(texts, actor)]),
    ),
    el(
      "p",
      {},
      time(texts, session.started_at, "minute"),
      el("span", {}, texts.of("eventsCount", { n: session.events_count })),
      ...parts(texts, session),
      said(session.session_id, "mono muted", 120),
    ),
  );
