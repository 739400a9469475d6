/** The search box: the filters in force as chips, and for what is being typed the meanings to choose from. */
import { el, iconButton, visible } from "../dom.js";
import { icon } from "../icons.js";
import { go, to } from "../router.js";
import { changed, FIELDS, looksLikeSession, meanings } from "./filters.js";

/** @typedef {{label: string, address: string}} Choice */

/** @param {URLSearchParams} query */
export function searchBox(query) {
  /** @type {Choice[]} */
  let choices = [];
  let active = 0;
  const input = el("input", {
    type: "text",
    role: "combobox",
    "aria-label": "Search sessions",
    "aria-expanded": "false",
    "aria-controls": "meanings",
    "aria-autocomplete": "list",
    autocomplete: "off",
    spellcheck: "false",
    placeholder: "Search by name, id, action, resource…",
    oninput: suggest,
    onkeydown: onKey,
    onfocus: suggest,
    onblur: close,
  });
  const list = el("ul", { id: "meanings", role: "listbox", "aria-label": "Search for it as", hidden: true });
  const node = el(
    "div",
    { class: "search", role: "search", onclick: () => input.focus() },
    icon("search"),
    ...FIELDS.map(({ name, label }) => chip(query, name, label)),
    input,
    el("kbd", { class: "pointer-only" }, "/"),
    list,
  );

  function suggest() {
    const text = input.value.trim();
    choices = text ? choicesFor(query, text) : [];
    active = 0;
    draw(text);
  }

  /** @param {string} text */
  function draw(text) {
    list.hidden = choices.length === 0;
    input.setAttribute("aria-expanded", String(!list.hidden));
    list.replaceChildren(
      ...choices.map(({ label, address }, index) =>
        // mousedown, because the click comes after the blur that closes the list.
        el(
          "li",
          {
            id: `meaning-${index}`,
            role: "option",
            "aria-selected": String(index === active),
            onmousedown: () => go(address),
          },
          el("span", { class: "muted" }, label),
          el("bdi", {}, visible(text, 80)),
          index === active && el("kbd", {}, "Enter"),
        ),
      ),
    );
    if (list.hidden) input.removeAttribute("aria-activedescendant");
    else input.setAttribute("aria-activedescendant", `meaning-${active}`);
  }

  function close() {
    choices = [];
    draw("");
  }

  /** @param {KeyboardEvent} event */
  function onKey(event) {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step && choices.length) {
      event.preventDefault();
      active = (active + step + choices.length) % choices.length;
      draw(input.value.trim());
    } else if (event.key === "Enter" && choices.length) {
      go(choices[active].address);
    } else if (event.key === "Escape") {
      if (input.value) input.value = "";
      else input.blur();
      close();
    } else if (event.key === "Backspace" && !input.value) {
      const last = FIELDS.findLast(({ name }) => query.has(name));
      if (last) go(to.sessions(changed(query, last.name, null)));
    }
  }
  return { node, focus: () => input.focus() };
}

/** @param {URLSearchParams} query @param {string} text @returns {Choice[]} */
function choicesFor(query, text) {
  const filters = meanings(text).map(({ name, label }) => ({
    label: name === "text" ? "Text contains" : `${label} is`,
    address: to.sessions(changed(query, name, text)),
  }));
  return looksLikeSession(text) ? [{ label: "Open session", address: to.session(text) }, ...filters] : filters;
}

/** @param {URLSearchParams} query @param {string} name @param {string} label */
function chip(query, name, label) {
  const value = query.get(name);
  if (!value) return null;
  return el(
    "span",
    { class: "chip" },
    el("span", { class: "muted" }, label),
    el("bdi", {}, visible(value, 60)),
    iconButton(`Remove ${label}`, { onclick: () => go(to.sessions(changed(query, name, null))) }, icon("close")),
  );
}
