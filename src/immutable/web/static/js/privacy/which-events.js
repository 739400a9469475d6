/** Fields that say which events are meant: a person, found by name or id, and what else narrows it. */
import { search } from "../api.js";
import { avatar, nameOf } from "../badges.js";
import { el, said, visible } from "../dom.js";
import { field } from "../form.js";
import { latest } from "../latest.js";
import { count } from "../words.js";

/** @typedef {"session" | "resourceType" | "resource" | "tenant" | "action" | "from" | "to"} Name */

/** @type {Record<Name, [string, Record<string, any>]>} */
const MORE = {
  session: ["Session", {}],
  resourceType: ["Type of the thing", {}],
  resource: ["Id of the thing", {}],
  tenant: ["Tenant", {}],
  action: ["Action, such as document.*", {}],
  from: ["From the day (UTC)", { type: "date" }],
  to: ["To the day (UTC)", { type: "date" }],
};

/**
 * @param {Partial<Record<Name, string>>} names what the API calls each condition that can be set
 * @param {() => void} [changed]
 */
export function whichEvents(names, changed = () => {}) {
  const actor = field("Person", { maxlength: 255, spellcheck: "false", placeholder: "A name or an id" });
  const found = el("ul", { class: "people", "aria-label": "People found", hidden: true });
  const asked = latest(
    (signal) => search(actor.input.value.trim(), signal),
    ({ data }) => draw(data.actors),
    () => draw([]),
  );
  actor.input.addEventListener("input", () => {
    changed();
    if (actor.input.value.trim()) asked.soon();
    else {
      asked.stop();
      draw([]);
    }
  });
  let isId = false;
  actor.input.addEventListener("keydown", (event) => {
    // What was typed may be a name, and nobody's id: Enter leads to the people it means before it is taken for one.
    if (found.hidden || !(event.key === "ArrowDown" || (event.key === "Enter" && !isId))) return;
    event.preventDefault();
    found.querySelector("button")?.focus();
  });
  found.addEventListener("keydown", (event) => {
    const step = event.key === "ArrowDown" ? 1 : event.key === "ArrowUp" ? -1 : 0;
    if (!step && event.key !== "Escape") return;
    event.preventDefault();
    const buttons = [...found.querySelectorAll("button")];
    const next = step ? buttons.indexOf(/** @type {HTMLButtonElement} */ (document.activeElement)) + step : -1;
    (buttons[Math.min(next, buttons.length - 1)] ?? actor.input).focus();
    if (!step) draw([]);
  });
  const fields = Object.entries(names).map(([name, parameter]) => {
    const [label, props] = MORE[/** @type {Name} */ (name)];
    return { parameter, ...field(label, { maxlength: 255, spellcheck: "false", ...props, oninput: changed }) };
  });
  const more = el("details", { class: "more-conditions" }, el("summary", {}, "Narrow it, or choose otherwise"), el("div", { class: "field-grid" }, ...fields.map(({ node }) => node)));
  const node = el("div", { class: "which-events" }, actor.node, found, more);

  /** @param {import("../types.js").FoundActor[]} actors */
  function draw(actors) {
    const others = actors.filter(({ id }) => id !== actor.input.value.trim());
    isId = others.length < actors.length;
    found.hidden = !others.length;
    found.replaceChildren(
      ...others.slice(0, 5).map((one) =>
        el(
          "li",
          {},
          el(
            "button",
            { type: "button", "aria-label": `Choose ${visible(nameOf(one), 60)}, ${visible(one.id, 60)}`, onclick: () => choose(one.id) },
            avatar(one),
            said(nameOf(one), "person-name", 60),
            said(one.id, "mono muted", 60),
            el("span", { class: "muted number" }, count(one.events_count, "event")),
          ),
        ),
      ),
    );
  }

  /** @param {string} id */
  function choose(id) {
    actor.input.value = id;
    asked.stop();
    draw([]);
    actor.input.focus();
    changed();
  }

  /** @returns {Record<string, string>} the conditions, those that are empty left out */
  function wanted() {
    const all = [["actor_id", actor.input], ...fields.map(({ parameter, input }) => [parameter, input])];
    return Object.fromEntries(
      all.map(([name, input]) => [name, /** @type {HTMLInputElement} */ (input).value.trim()]).filter(([, value]) => value),
    );
  }

  function clear() {
    for (const { input } of [actor, ...fields]) input.value = "";
    more.open = false;
    asked.stop();
    draw([]);
  }
  return { node, input: actor.input, wanted, clear, settle: () => (asked.stop(), draw([])) };
}
