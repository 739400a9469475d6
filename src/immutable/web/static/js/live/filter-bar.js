/** The filters of the live view: chips, and a field to add one. */
import { el, iconButton, visible } from "../dom.js";
import { icon } from "../icons.js";
import { go, to } from "../router.js";
import { changed, FIELDS } from "../sessions/filters.js";

/** @param {URLSearchParams} query */
export function filterBar(query) {
  const field = el(
    "select",
    { "aria-label": "Filter by" },
    ...FIELDS.map(({ name, label }) => el("option", { value: name }, label)),
  );
  const value = el("input", { type: "text", "aria-label": "Value", placeholder: "Only events with…", autocomplete: "off", spellcheck: "false", maxlength: 255 });
  const node = el(
    "form",
    { class: "filter-bar", onsubmit: add },
    field,
    value,
    el("button", { class: "button" }, "Add"),
    ...FIELDS.filter(({ name }) => query.has(name)).map(({ name, label }) =>
      el(
        "span",
        { class: "chip" },
        el("span", { class: "muted" }, label),
        el("bdi", {}, visible(query.get(name), 60)),
        iconButton(`Remove ${label}`, { onclick: () => go(to.live(changed(query, name, null))) }, icon("close")),
      ),
    ),
  );

  /** @param {SubmitEvent} event */
  function add(event) {
    event.preventDefault();
    if (value.value.trim()) go(to.live(changed(query, field.value, value.value.trim())));
  }
  return { node, focus: () => value.focus() };
}
