/** The head of a session's page: who, when, where from, with what, how much. */
import { avatar, flagOf, inferredBadge, nameOf } from "../badges.js";
import { copyButton } from "../clipboard.js";
import { el, said } from "../dom.js";
import { listAddress } from "../sessions/list.js";
import { span, time } from "../time.js";
import { count, place } from "../words.js";

/** @typedef {import("../types.js").Session} Session */

/** @param {Session} session @param {Node[]} actions @param {() => void} onDestructive */
export function sessionHeader(session, actions, onDestructive) {
  const [actor, ...others] = session.actors;
  return el(
    "header",
    { class: "story-head" },
    el(
      "div",
      { class: "story-title" },
      avatar(actor),
      el(
        "div",
        {},
        el(
          "h1",
          {},
          said(nameOf(actor), null, 120),
          others.length > 0 && el("span", { class: "badge" }, `+${others.length}`),
          session.inferred && inferredBadge(),
        ),
        el(
          "p",
          { class: "ids" },
          said(actor?.id ?? "", "mono"),
          " ",
          said(session.session_id, "mono muted"),
          copyButton("Copy the session's id", () => session.session_id),
        ),
      ),
      el("div", { class: "story-actions" }, ...actions),
    ),
    el(
      "dl",
      { class: "totals" },
      total(
        "When",
        time(session.started_at, "full"),
        el("span", { class: "muted" }, "for ", span(session.duration_ms)),
      ),
      total("Where", ...whereNodes(session)),
      total(
        "Device",
        ...(session.devices.length ? session.devices.slice(0, 3).map((name) => said(name, null, 60)) : ["Unknown"]),
      ),
      session.tenant_id && total("Tenant", said(session.tenant_id, null, 60)),
      total(
        "Events",
        String(session.events_count.toLocaleString("en")),
        el("span", { class: "muted" }, "on ", count(session.resources_count, "resource")),
      ),
      el(
        "div",
        { class: session.destructive_count ? "danger" : "" },
        el("dt", {}, "Destructive"),
        el(
          "dd",
          {},
          session.destructive_count
            ? el(
                "button",
                { type: "button", class: "jump", onclick: onDestructive, title: "Go to the next destructive step" },
                count(session.destructive_count, "action"),
              )
            : "None",
        ),
      ),
    ),
  );
}

/** @param {string} name @param {...(Node | string)} values */
const total = (name, ...values) => el("div", {}, el("dt", {}, name), el("dd", {}, ...values));

/** @param {Session} session */
function whereNodes(session) {
  if (session.places.length === 0) return ["Unknown"];
  return session.places
    .slice(0, 3)
    .map(({ country, city }) =>
      el("span", { class: "place" }, flagOf(country), said(place(country, city) || "Unknown", null, 60)),
    );
}

/** @param {Node} crumb */
export const crumbs = (crumb) =>
  el(
    "nav",
    { class: "crumbs", "aria-label": "Where you are" },
    el("a", { href: listAddress() }, "Sessions"),
    el("span", { "aria-hidden": "true" }, "/"),
    crumb,
  );
