/** The form that asks for less: text, action, actor, resource, days. Only what the server knows to filter by. */
import { el } from "../static/js/dom.js";
import { icon } from "../static/js/icons.js";

/** @typedef {import("./texts.js").Texts} Texts */

const TYPING_MS = 350;
/** @type {Record<string, string>} */
const PARAMETERS = { search: "search", action: "action", actor: "actor_id", resource: "resource_id" };

/** @param {Texts} texts @param {() => void} changed */
export function filterForm(texts, changed) {
  /** @type {ReturnType<typeof setTimeout>} */ let timer;
  let asked = "";
  const tell = () => {
    clearTimeout(timer);
    const now = JSON.stringify(query());
    clear.hidden = now === "{}";
    if (now === asked) return;
    asked = now;
    changed();
  };
  const typed = () => {
    clearTimeout(timer);
    timer = setTimeout(tell, TYPING_MS);
  };
  /** @param {string} name @param {Record<string, any>} props */
  const input = (name, props) => el("input", { name, autocomplete: "off", spellcheck: "false", ...props });
  const search = input("search", { type: "search", maxlength: 255, placeholder: texts.of("searchHint") });
  const fields = {
    search,
    action: input("action", { type: "text", maxlength: 255, placeholder: texts.of("actionHint") }),
    actor: input("actor", { type: "text", maxlength: 255, placeholder: texts.of("id") }),
    resource: input("resource", { type: "text", maxlength: 255, placeholder: texts.of("id") }),
    from: input("from", { type: "date" }),
    to: input("to", { type: "date" }),
  };
  const clear = el("button", { type: "button", class: "link", hidden: true, onclick: empty }, texts.of("clear"));
  const more = el(
    "div",
    { class: "more-filters", id: "more-filters" },
    ...Object.entries(fields).flatMap(([name, field]) => (field === search ? [] : [el("label", {}, texts.of(name), field)])),
    clear,
  );
  const toggle = el(
    "button",
    {
      type: "button",
      class: "button toggle",
      "aria-expanded": "false",
      "aria-controls": "more-filters",
      onclick: () => toggle.setAttribute("aria-expanded", String(more.classList.toggle("open"))),
    },
    texts.of("filters"),
  );
  const node = el(
    "form",
    {
      class: "filters",
      role: "search",
      oninput: typed,
      onsubmit: (/** @type {Event} */ event) => {
        event.preventDefault();
        tell();
      },
    },
    el("label", { class: "search" }, el("span", { class: "off-screen" }, texts.of("search")), icon("search"), search),
    toggle,
    more,
  );

  function empty() {
    node.reset();
    tell();
    search.focus();
  }

  /** What the API is asked for. @returns {Record<string, string>} */
  function query() {
    /** @type {Record<string, string>} */ const asked = {};
    for (const [name, parameter] of Object.entries(PARAMETERS)) {
      const value = fields[/** @type {"search"} */ (name)].value.trim();
      if (value) asked[parameter] = value;
    }
    const { from, to } = fields;
    if (from.value) asked.from = midnight(from.value, 0).toISOString();
    // Both ends are inclusive, in microseconds.
    if (to.value) asked.to = new Date(midnight(to.value, 1).getTime() - 1).toISOString().replace("Z", "999Z");
    return asked;
  }

  /** @param {"actor" | "resource"} name @param {string} value */
  function set(name, value) {
    fields[name].value = value;
    tell();
  }

  return { node, query, set };
}

/** The beginning of a day in the browser's zone. @param {string} day as a date field gives it @param {number} plus days */
function midnight(day, plus) {
  const [year, month, date] = day.split("-").map(Number);
  const at = new Date(2000, 0, 1);
  at.setFullYear(year, month - 1, date + plus); // the constructor would take the year 99 for 1999
  return at;
}
