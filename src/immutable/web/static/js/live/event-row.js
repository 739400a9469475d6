/** One event in a line: a link to its step in its session, or to the history of what it was done to. */
import { avatar, flagOf, nameOf } from "../badges.js";
import { el, said } from "../dom.js";
import { icon } from "../icons.js";
import { to } from "../router.js";
import { time } from "../time.js";
import { place, sentence } from "../words.js";

/** @param {import("../types.js").Step} event @param {import("../time.js").TimeStyle} [when] how it is told when: in a list of one day, or of any */
export function eventRow(event, when = "clock") {
  const where = place(event.ip_country, event.ip_city);
  const thing = event.resource.name ?? event.resource.id;
  return el(
    event.session_id ? "a" : "div",
    {
      class: event.destructive ? "event-row destructive" : "event-row",
      href: event.session_id && to.session(event.session_id, event.id),
      tabindex: event.session_id ? null : 0,
      "data-event": event.id,
    },
    time(event.created_at, when),
    avatar(event.actor),
    el("span", { class: "event-who" }, said(nameOf(event.actor), null, 60)),
    el(
      "span",
      { class: "event-what" },
      event.destructive && el("span", { class: "badge danger" }, icon("alert"), "Destructive"),
      said(sentence(event.action), null, 100),
      thing && el("span", { class: "muted" }, " ", said(thing, null, 100)),
    ),
    el("span", { class: "event-where muted" }, flagOf(event.ip_country), said(where, null, 50)),
    el("span", { class: "event-number muted" }, `#${event.sequence.toLocaleString("en")}`),
  );
}
