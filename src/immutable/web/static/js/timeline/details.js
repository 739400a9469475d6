/** All that an event holds, in the order in which an investigator asks for it. */
import { copyButton } from "../clipboard.js";
import { el, said, visible } from "../dom.js";
import { addButton } from "../investigations/add-button.js";
import { to } from "../router.js";
import { spell } from "../time.js";
import { changesNode } from "./changes.js";
import { resourceLink } from "./resource-link.js";
import { valueNode } from "./value.js";

/** @typedef {import("../types.js").Step} Step */

/** @param {Step} step */
export function detailsNode(step) {
  const { integrity } = step;
  return el(
    "div",
    {},
    step.changes &&
      Object.keys(step.changes).length > 0 &&
      el("section", {}, el("h4", {}, "Changes"), changesNode(step.changes)),
    step.metadata &&
      Object.keys(step.metadata).length > 0 &&
      el(
        "section",
        {},
        el("h4", {}, "Metadata"),
        facts(Object.entries(step.metadata).map(([name, value]) => [name, valueNode(value)])),
      ),
    step.targets.length > 0 &&
      el(
        "section",
        {},
        el("h4", {}, "Also touched"),
        el(
          "ul",
          { class: "targets" },
          ...step.targets.map((target) =>
            el("li", {}, said(target.type ?? "", "muted", 60), " ", resourceLink(target)),
          ),
        ),
      ),
    el(
      "section",
      {},
      el("h4", {}, "Who and where from"),
      facts([
        ["Actor", named(step.actor)],
        ["On behalf of", step.on_behalf_of && named(step.on_behalf_of)],
        ["Tenant", step.tenant_id],
        ["IP address", step.ip_address && code(step.ip_address)],
        ["User agent", step.user_agent && code(step.user_agent)],
        [
          "Session",
          step.session_id &&
            el("a", { class: "mono", href: to.session(step.session_id, step.id) }, said(step.session_id)),
        ],
        ["Request", step.request_id && code(step.request_id)],
        ["Trace", step.trace_id && code(step.trace_id)],
        ["Read more", linksNode(step)],
      ]),
    ),
    el(
      "section",
      {},
      el("h4", {}, "Place in the log"),
      facts([
        ["Occurred", instant(step.occurred_at)],
        ["Recorded", instant(step.created_at)],
        ["Sequence", step.sequence.toLocaleString("en")],
        ["Event", code(step.id)],
        ["Idempotency key", step.idempotency_key && code(step.idempotency_key)],
        ["Event hash", code(integrity.event_hash)],
        [
          "Previous hash",
          integrity.previous_event_hash ? code(integrity.previous_event_hash) : "none: the first event of the log",
        ],
      ]),
    ),
    el(
      "div",
      { class: "details-tools" },
      labelled(
        "Copy as JSON",
        copyButton("Copy the event as JSON", () => JSON.stringify(step, null, 2)),
      ),
      step.session_id &&
        labelled(
          "Copy link",
          copyButton(
            "Copy a link to this step",
            () => new URL(to.session(/** @type {string} */ (step.session_id), step.id), location.href).href,
            "link",
          ),
        ),
      addButton({ event_id: step.id }, "icon-button copy labelled"),
    ),
  );
}

/** @param {[string, Node | string | null | undefined | false][]} pairs those without a value are left out */
const facts = (pairs) =>
  el(
    "dl",
    { class: "facts" },
    ...pairs.flatMap(([name, value]) =>
      value ? [el("dt", {}, said(name, null, 255)), el("dd", {}, typeof value === "string" ? said(value) : value)] : [],
    ),
  );

/** The operator's own tools. @param {Step} step */
function linksNode({ links }) {
  const found = [
    outside("Trace", links?.trace),
    outside("Application logs", links?.logs),
    outside("Errors", links?.errors),
  ].filter((link) => link !== null);
  return found.length > 0 && el("span", { class: "links" }, ...found.flatMap((link) => [link, " "]));
}

/** @param {string} name @param {string | null | undefined} address */
const outside = (name, address) =>
  address && /^https?:\/\//.test(address)
    ? el("a", { href: address, target: "_blank", rel: "noopener noreferrer" }, name)
    : null;

/** @param {string} text */
const code = (text) =>
  el(
    "span",
    { class: "code" },
    said(text, "mono", 1100),
    copyButton("Copy", () => text),
  );

/** @param {import("../types.js").Named} who */
const named = (who) =>
  el(
    "span",
    {},
    who.name && said(who.name),
    who.name && " ",
    who.id && said(who.id, "mono"),
    who.type && el("span", { class: "muted" }, " ", said(who.type)),
  );

/** @param {string} iso */
const instant = (iso) => el("span", {}, spell(iso, "full"), " ", el("span", { class: "mono muted" }, visible(iso)));

/** @param {string} text @param {HTMLButtonElement} button */
const labelled = (text, button) => {
  button.append(el("span", {}, text));
  button.classList.add("labelled");
  return button;
};
