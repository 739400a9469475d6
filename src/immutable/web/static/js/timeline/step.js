/** One step of a story: when, what, on what, from where; the rest folded away until it is wanted. */
import { flagOf, nameOf } from "../badges.js";
import { el, said } from "../dom.js";
import { icon } from "../icons.js";
import { to } from "../router.js";
import { span, time } from "../time.js";
import { count, device, place, sentence } from "../words.js";
import { detailsNode } from "./details.js";
import { resourceLink } from "./resource-link.js";

/** @typedef {import("../types.js").Step} Step */

/**
 * @typedef {object} Telling What each step says besides the event itself.
 * @property {boolean} hasActors who acted: there are several
 * @property {boolean} hasSessions in which session
 * @property {string} [about] id of the resource that the whole story is about, which need not be repeated
 */

/** @param {Step} step @param {Telling & {unfolded: Set<string>}} how */
export function stepNode(step, { hasActors, hasSessions, about, unfolded }) {
  const isAbout = about !== undefined && step.resource.id === about;
  const panel = el("div", { class: "details", hidden: true });
  const button = el(
    "button",
    { type: "button", class: "unfold", "aria-expanded": "false", onclick: toggle, title: "Details" },
    el("span", { class: "off-screen" }, "Details"),
    icon("chevron"),
  );

  function toggle() {
    const isOpen = panel.hidden;
    if (isOpen && !panel.firstChild) panel.append(detailsNode(step));
    panel.hidden = !isOpen;
    button.setAttribute("aria-expanded", String(isOpen));
    if (isOpen) unfolded.add(step.id);
    else unfolded.delete(step.id);
  }
  if (unfolded.has(step.id)) toggle();

  return el(
    "li",
    {
      class: `step${step.destructive ? " destructive" : ""}`,
      tabindex: -1,
      "data-event": step.id,
      "data-action": step.action,
    },
    el(
      "div",
      { class: "step-time" },
      time(step.occurred_at, "clock"),
      step.elapsed_ms != null &&
        el("span", { class: "elapsed" }, step.elapsed_ms === 0 ? "start" : `+${span(step.elapsed_ms)}`),
    ),
    el("span", { class: "dot", "aria-hidden": "true" }, step.destructive && icon("alert")),
    el(
      "div",
      { class: "step-card" },
      el(
        "div",
        { class: "step-head" },
        el(
          "div",
          { class: "step-title" },
          hasActors && el("span", { class: "step-actor" }, said(nameOf(step.actor), null, 80)),
          el("h3", {}, said(sentence(step.action), null, 160)),
          !isAbout && resourceLink(step.resource),
        ),
        step.integrity.details_erased && el("span", { class: "badge", title: "Names, metadata and the like were erased on the record: who did what, when and on what stays." }, "Details erased"),
        step.destructive && el("span", { class: "badge danger" }, "Destructive"),
        el("span", { class: "badge danger broken-mark" }, "Does not verify"),
        button,
      ),
      step.marks && step.marks.length > 0 && el("div", { class: "marks" }, ...step.marks.map(markBadge)),
      el("div", { class: "step-meta" }, ...meta(step, hasSessions, isAbout)),
      notes(step),
      panel,
    ),
  );
}

/** What stands out against the actor's step before. @param {NonNullable<Step["marks"]>[number]} mark */
function markBadge({ kind, since_sequence, seconds, km }) {
  const after = span(seconds * 1000);
  const words = {
    device_changed: "Other device",
    country_changed: `Other country after ${after}`,
    impossible_travel: `Impossible travel: ${(km ?? 0).toLocaleString("en")} km in ${after}`,
  };
  return el("span", { class: "badge warn", title: `Compared with event ${since_sequence.toLocaleString("en")}, the actor's step before. A hint: a VPN looks the same.` }, words[kind]);
}

/** @param {Step} step @param {boolean} hasSessions @param {boolean} isAbout */
function meta(step, hasSessions, isAbout) {
  const where = place(step.ip_country, step.ip_city);
  const from = step.device ?? device(step.user_agent);
  const onBehalf = step.on_behalf_of && nameOf(step.on_behalf_of);
  return [
    said(step.action, "mono", 120),
    !isAbout && step.resource.id && step.resource.name && said(step.resource.id, "mono", 80),
    where && el("span", { class: "place" }, flagOf(step.ip_country), said(where, null, 60)),
    from && said(from, null, 60),
    onBehalf && el("span", {}, "for ", said(onBehalf, null, 80)),
    hasSessions &&
      step.session_id &&
      el("a", { class: "mono", href: to.session(step.session_id, step.id) }, said(step.session_id, null, 60)),
  ];
}

/** The first plain facts of the metadata, so that most steps need no unfolding. @param {Step} step */
function notes(step) {
  const changes = Object.keys(step.changes ?? {}).length;
  const facts = Object.entries(step.metadata ?? {})
    .filter(([, value]) => value !== null && typeof value !== "object")
    .slice(0, 3);
  if (!facts.length && !changes) return null;
  return el(
    "div",
    { class: "notes" },
    changes > 0 && el("span", { class: "note" }, count(changes, "change")),
    ...facts.map(([name, value]) => el("span", { class: "note" }, said(name, "muted", 32), said(value, null, 60))),
  );
}
