/** One session in the list: a link that says who, what, where, how long and when. */
import { avatar, destructiveBadge, flagOf, inferredBadge, nameOf } from "../badges.js";
import { el, said, visible } from "../dom.js";
import { to } from "../router.js";
import { span, time } from "../time.js";
import { count, place, sentence } from "../words.js";

/** @typedef {import("../types.js").Session} Session */

/** @param {import("../types.js").Session} session @param {import("../time.js").TimeStyle} [when] how it is told when: in a list of one day, or of any */
export function sessionRow(session, when = "minute") {
  const [actor, ...others] = session.actors;
  return el(
    "a",
    {
      class: `row${session.destructive_count ? " destructive" : ""}`,
      href: to.session(session.session_id),
      "data-session": session.session_id,
    },
    avatar(actor),
    el(
      "span",
      { class: "row-who" },
      el(
        "span",
        { class: "row-name" },
        said(nameOf(actor), null, 80),
        others.length > 0 && el("span", { class: "badge" }, `+${others.length}`),
        session.inferred && inferredBadge(),
      ),
      el("span", { class: "row-id" }, said(actor?.id ?? "", "mono", 60)),
    ),
    el(
      "span",
      { class: "row-what" },
      el("span", { class: "row-actions" }, ...topActions(session.actions)),
      el(
        "span",
        { class: "row-note" },
        destructiveBadge(session.destructive_count),
        count(session.resources_count, "resource"),
      ),
    ),
    el(
      "span",
      { class: "row-where" },
      ...places(session),
      session.devices.length > 0 &&
        el(
          "span",
          { class: "row-device", title: visible(session.devices.join("\n"), 600) },
          said(session.devices[0], null, 60),
          session.devices.length > 1 && ` +${session.devices.length - 1}`,
        ),
    ),
    el(
      "span",
      { class: "row-size" },
      el("span", {}, count(session.events_count, "event")),
      el("span", { class: "muted" }, span(session.duration_ms)),
    ),
    el(
      "span",
      { class: "row-when" },
      time(session.started_at, when),
      time(session.started_at, "relative", "muted"),
    ),
  );
}

/** @param {Session} session */
function places(session) {
  if (session.places.length === 0) return [el("span", { class: "muted" }, "Place unknown")];
  const [first, ...others] = session.places;
  const rest = others.map(({ country, city }) => place(country, city)).join("\n");
  return [
    el(
      "span",
      { class: "place" },
      flagOf(first.country),
      said(first.city ?? first.country ?? "Place unknown", null, 60),
      others.length > 0 && el("span", { class: "badge", title: visible(rest, 600) }, `+${others.length}`),
    ),
  ];
}

/** The most frequent first; as many as there is room for. @param {Record<string, number>} actions */
const topActions = (actions) =>
  Object.entries(actions)
    .sort((a, b) => b[1] - a[1])
    .slice(0, 6)
    .flatMap(([action, times], index) => [
      index > 0 && ", ",
      said(sentence(action), null, 48),
      times > 1 && el("span", { class: "muted" }, ` ×${times}`),
    ]);
