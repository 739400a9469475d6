/** Beside a session: what the same actor did elsewhere at the time, and what others did to the same things; each in a lane. */
import { neighbours } from "../api.js";
import { avatar, destructiveBadge, nameOf } from "../badges.js";
import { el, said, visible } from "../dom.js";
import { to } from "../router.js";
import { span, spell } from "../time.js";

/** @typedef {import("../types.js").Session} Session */
/** @typedef {import("../types.js").Neighbour} Neighbour */

const AROUND_MS = 3_600_000;

/**
 * @param {Session} session
 * @param {(error: unknown) => string | null} failed
 * @param {AbortSignal} signal
 */
export function lanes(session, failed, signal) {
  const node = el("section", { class: "lanes", hidden: true, "aria-label": "At the same time" });
  /** @type {Neighbour[]} */
  let found = [];

  async function load() {
    try {
      found = (await neighbours(session.session_id, signal)).data;
      draw();
    } catch (error) {
      const message = failed(error);
      if (message) {
        node.hidden = false;
        node.replaceChildren(el("p", { class: "problem", role: "alert" }, `What went on beside it could not be read: ${message}`));
      }
    }
  }

  function draw() {
    node.hidden = found.length === 0;
    const [start, end] = [Date.parse(session.started_at) - AROUND_MS, Date.parse(session.ended_at) + AROUND_MS];
    const from = Math.max(start, Math.min(Date.parse(session.started_at), ...found.map((one) => Date.parse(one.started_at))));
    const until = Math.min(end, Math.max(Date.parse(session.ended_at), ...found.map((one) => Date.parse(one.ended_at))));
    const length = Math.max(1, until - from);
    const at = (/** @type {number} */ time) => Math.max(0, Math.min(100, ((time - from) / length) * 100));
    node.replaceChildren(
      el("h2", {}, "At the same time"),
      el("ul", {}, lane(session, null), ...found.map((one) => lane(one, one))),
      el("p", { class: "lanes-axis", "aria-hidden": "true" }, el("span", {}, spell(new Date(from).toISOString(), "minute")), el("span", {}, spell(new Date(until).toISOString(), "minute"))),
    );

    /** @param {Session} one @param {Neighbour | null} beside */
    function lane(one, beside) {
      const [left, right] = [at(Date.parse(one.started_at)), at(Date.parse(one.ended_at))];
      const bar = el("span", { class: `lane-bar${one.destructive_count ? " destructive" : ""}` });
      bar.style.setProperty("left", `${left}%`);
      bar.style.setProperty("width", `${Math.max(0.6, right - left)}%`);
      const why = !beside ? "this session" : beside.shared.length ? `on ${beside.shared.map(({ id }) => id).join(", ")}` : "the same actor";
      return el(
        "li",
        {},
        el(
          beside ? "a" : "div",
          { class: "lane", href: beside && to.session(one.session_id), title: visible(`${spell(one.started_at, "full")}, ${span(one.duration_ms)}`) },
          avatar(one.actors[0]),
          el("span", { class: "lane-who" }, said(nameOf(one.actors[0]), null, 60), el("span", { class: "muted" }, said(why, null, 80)), destructiveBadge(one.destructive_count)),
          el("span", { class: "lane-track" }, bar),
        ),
      );
    }
  }
  load();
  return { node, draw };
}
