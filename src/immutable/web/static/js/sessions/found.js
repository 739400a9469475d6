/** What a search found, as choices: sessions, people and things, each leading to its page. */
import { avatar, destructiveBadge, nameOf } from "../badges.js";
import { el, said } from "../dom.js";
import { icon } from "../icons.js";
import { to } from "../router.js";
import { time } from "../time.js";
import { count } from "../words.js";

/** @typedef {import("../types.js").Found} Found */

/** @param {Found} found @returns {import("./search-box.js").Group[]} */
export function groupsOf(found) {
  return [
    { name: "Sessions", choices: found.sessions.map(sessionChoice) },
    { name: "People and programs", choices: found.actors.map(actorChoice) },
    { name: "Things", choices: found.resources.map(resourceChoice) },
  ].filter(({ choices }) => choices.length > 0);
}

/** How far was looked, where that was not everywhere. @param {Found} found */
export function lookedNote(found) {
  const hits = found.sessions.length + found.actors.length + found.resources.length;
  if (found.phrases.length === 0) return "Nothing in this text names a thing to look for. Put a name in quotes, or type it alone.";
  const short = found.looked.filter(({ whole }) => !whole);
  const words = { ids: "ids", texts: "names and texts", addresses: "addresses" };
  const what = [...new Set(short.map(({ what }) => words[what]))].join(" and ");
  const from = Math.max(...short.map(({ from_sequence }) => from_sequence));
  const far = short.length ? `Looked for ${what} in the newest events only, back to number ${from.toLocaleString("en")}.` : "";
  return [hits ? "" : "Nothing found.", far].filter(Boolean).join(" ");
}

/** @param {Found["sessions"][number]} session */
function sessionChoice(session) {
  const [actor] = session.actors;
  return {
    id: `session ${session.session_id}`,
    address: to.session(session.session_id),
    content: [
      avatar(actor),
      el(
        "span",
        { class: "choice-text" },
        el("span", { class: "choice-name" }, said(nameOf(actor), null, 60), destructiveBadge(session.destructive_count)),
        el("span", { class: "choice-more" }, said(session.session_id, "mono", 40), time(session.started_at, "full"), count(session.events_count, "event")),
      ),
    ],
  };
}

/** @param {Found["actors"][number]} actor */
const actorChoice = (actor) => ({
  id: `actor ${actor.id}`,
  address: to.sessions(new URLSearchParams({ actor: actor.id })),
  content: [
    avatar(actor),
    el(
      "span",
      { class: "choice-text" },
      el("span", { class: "choice-name" }, said(nameOf(actor), null, 60)),
      el("span", { class: "choice-more" }, said(actor.id, "mono", 60), count(actor.events_count, "event"), el("span", {}, "last received ", time(actor.last_at, "relative"))),
    ),
  ],
});

/** @param {Found["resources"][number]} resource */
const resourceChoice = (resource) => ({
  id: `resource ${resource.type} ${resource.id}`,
  address: to.resource(resource.type, resource.id),
  content: [
    el("span", { class: "choice-icon" }, icon("thing")),
    el(
      "span",
      { class: "choice-text" },
      el("span", { class: "choice-name" }, said(resource.name ?? resource.id, null, 80)),
      el("span", { class: "choice-more" }, said(resource.type, null, 40), said(resource.id, "mono", 60), count(resource.events_count, "event")),
    ),
  ],
});
