/** The search box: the filters in force as chips, and for what is being typed what it may mean and what the log holds of it. */
import { search } from "../api.js";
import { el, iconButton, visible } from "../dom.js";
import { icon } from "../icons.js";
import { go, to } from "../router.js";
import { changed, FIELDS, looksLikeSession, meanings } from "./filters.js";
import { groupsOf, lookedNote } from "./found.js";
import { spanText } from "./span.js";

/**
 * @typedef {{address: string, content: Node[], id: string}} Choice
 * @typedef {{name: string, choices: Choice[]}} Group
 */

// Long enough that a fast typist does not ask for every letter, short enough that nobody waits for it.
const PAUSE_MS = 120;
const FEW_WORDS = 5;

/**
 * @param {URLSearchParams} query
 * @param {(error: unknown) => string | null} failed
 */
export function searchBox(query, failed) {
  /** @type {Group[]} */
  let groups = [];
  /** @type {Group} */
  let meant = { name: "", choices: [] };
  let active = 0;
  let hasMoved = false;
  let asked = "";
  let note = "";
  /** @type {AbortController | null} */
  let asking = null;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let pause;
  const input = el("input", {
    type: "text",
    role: "combobox",
    "aria-label": "Search",
    "aria-expanded": "false",
    "aria-controls": "choices",
    "aria-autocomplete": "list",
    autocomplete: "off",
    spellcheck: "false",
    maxlength: 2000,
    placeholder: "A person, a document, an address, an id, or the words of a ticket…",
    oninput: suggest,
    onkeydown: onKey,
    onfocus: suggest,
    onblur: close,
  });
  const list = el("div", { id: "choices", role: "listbox", "aria-label": "What it may mean" });
  const foot = el("p", { class: "choices-note", role: "status" });
  const panel = el("div", { class: "choices", hidden: true }, list, foot);
  const node = el(
    "div",
    { class: "search", role: "search", onclick: () => input.focus() },
    icon("search"),
    ...FIELDS.map(({ name, label }) => chip(query, [name], label, query.get(name))),
    chip(query, ["from", "to"], "Began", spanText(query)),
    input,
    el("kbd", { class: "pointer-only" }, "/"),
    panel,
  );

  const choices = () => groups.flatMap((group) => group.choices);

  function suggest() {
    const text = input.value.trim();
    const isPasted = Math.abs(text.length - asked.length) > 1;
    asked = text;
    clearTimeout(pause);
    asking?.abort();
    hasMoved = false;
    active = 0;
    meant = text ? meaningsOf(query, text) : { name: "", choices: [] };
    groups = [meant];
    note = text ? "Looking…" : "";
    draw();
    // Who pastes an id has written all of it; who types may go on.
    if (text) pause = setTimeout(() => ask(text), isPasted ? 0 : PAUSE_MS);
  }

  /** @param {string} text */
  async function ask(text) {
    asking = new AbortController();
    try {
      const { data } = await search(text, asking.signal);
      const chosen = choices()[active]?.id;
      // What one asks for most plainly stays first: Enter is then the same before the answer and after it.
      groups = [first(meant), ...groupsOf(data), others(meant)].filter((group) => group.choices.length);
      note = lookedNote(data);
      if (hasMoved) active = Math.max(0, choices().findIndex(({ id }) => id === chosen));
      draw();
    } catch (error) {
      const message = failed(error);
      if (message) {
        note = message;
        draw();
      }
    }
  }

  function draw() {
    const all = choices();
    panel.hidden = !input.value.trim();
    input.setAttribute("aria-expanded", String(!panel.hidden));
    foot.textContent = note;
    list.replaceChildren(
      ...groups.map((group, at) =>
        el(
          "div",
          { role: "group", "aria-label": group.name },
          group !== groups[0] || !meant.choices.length ? el("div", { class: "choices-head", "aria-hidden": "true" }, group.name) : null,
          ...group.choices.map((choice) => option(choice, all.indexOf(choice))),
        ),
      ),
    );
    if (panel.hidden || !all.length) input.removeAttribute("aria-activedescendant");
    else input.setAttribute("aria-activedescendant", `choice-${active}`);
  }

  /** @param {Choice} choice @param {number} index */
  const option = (choice, index) =>
    el(
      "div",
      {
        id: `choice-${index}`,
        role: "option",
        "aria-selected": String(index === active),
        // The click would come after the blur that closes the list.
        onmousedown: (/** @type {Event} */ event) => {
          event.preventDefault();
          go(choice.address);
        },
      },
      ...choice.content,
      index === active && el("kbd", { class: "pointer-only" }, "↵"),
    );

  function close() {
    clearTimeout(pause);
    asking?.abort();
    groups = [];
    panel.hidden = true;
    input.setAttribute("aria-expanded", "false");
    input.removeAttribute("aria-activedescendant");
  }

  /** @param {KeyboardEvent} event */
  function onKey(event) {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    const all = choices();
    if (step && all.length) {
      event.preventDefault();
      hasMoved = true;
      active = (active + step + all.length) % all.length;
      draw();
      list.querySelector('[aria-selected="true"]')?.scrollIntoView({ block: "nearest" });
    } else if (event.key === "Enter" && all.length) {
      go(all[active].address);
    } else if (event.key === "Escape") {
      if (input.value) input.value = "";
      else input.blur();
      close();
    } else if (event.key === "Backspace" && !input.value) {
      const last = FIELDS.findLast(({ name }) => query.has(name));
      if (last) go(to.sessions(changed(query, last.name, null)));
    }
  }
  return { node, focus: () => input.focus(), leave: close };
}

/** The filters that a text may mean. The words of a whole ticket are no filter. @param {URLSearchParams} query @param {string} text */
function meaningsOf(query, text) {
  const choice = (/** @type {string} */ label, /** @type {string} */ address) => ({
    id: label,
    address,
    content: [el("span", { class: "muted" }, label), el("bdi", {}, visible(text, 80))],
  });
  const choices = text.split(/\s+/).length > FEW_WORDS ? [] : meanings(text).map(({ name, label }) =>
    choice(name === "text" ? "Text contains" : `${label} is`, to.sessions(changed(query, name, text))),
  );
  if (looksLikeSession(text)) choices.unshift(choice("Open session", to.session(text)));
  return { name: "Filter the list", choices };
}

/** @param {Group} group @returns {Group} */
const first = ({ name, choices }) => ({ name, choices: choices.slice(0, 1) });
/** @param {Group} group @returns {Group} */
const others = ({ name, choices }) => ({ name, choices: choices.slice(1) });

/** @param {URLSearchParams} query @param {string[]} names @param {string} label @param {string | null} value */
function chip(query, names, label, value) {
  if (!value) return null;
  const without = names.reduce((left, name) => changed(left, name, null), query);
  return el(
    "span",
    { class: "chip" },
    el("span", { class: "muted" }, label),
    el("bdi", {}, visible(value, 60)),
    iconButton(`Remove ${label}`, { onclick: () => go(to.sessions(without)) }, icon("close")),
  );
}
