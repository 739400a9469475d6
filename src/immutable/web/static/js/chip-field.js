/** A field that holds several texts, each as a chip: Enter or a comma adds what was typed, Backspace takes the last one back. */
import { el, iconButton, said, visible } from "./dom.js";
import { icon } from "./icons.js";

let count = 0;

/**
 * @param {string} label @param {string} hint @param {string[]} values @param {() => void} changed
 * @returns {{node: HTMLElement, input: HTMLInputElement, values: () => string[], set: (values: string[]) => void}}
 */
export function chipField(label, hint, values, changed) {
  const id = `chips-${++count}`;
  let held = values;
  const list = el("ul", { class: "chip-list", "aria-label": `${label}, so far` });
  const input = el("input", {
    id,
    type: "text",
    autocomplete: "off",
    autocapitalize: "off",
    spellcheck: "false",
    maxlength: 255,
    "aria-describedby": `${id}-hint`,
    onkeydown: onKey,
    onblur: add,
  });
  const box = el("div", { class: "chip-box", onclick: () => input.focus() }, list, input);
  const node = el(
    "div",
    { class: "field" },
    el("label", { for: id }, label),
    el("p", { class: "muted", id: `${id}-hint` }, hint),
    box,
  );
  draw();

  /** @param {KeyboardEvent} event */
  function onKey(event) {
    if (event.isComposing) return;
    if ((event.key === "Enter" || event.key === ",") && input.value.trim()) {
      event.preventDefault();
      add();
    } else if (event.key === "Enter") event.preventDefault();
    else if (event.key === "Backspace" && !input.value && held.length) set(held.slice(0, -1));
  }

  function add() {
    const typed = input.value.split(",").map((one) => one.trim()).filter(Boolean);
    input.value = "";
    if (typed.length) set([...held, ...typed]);
  }

  /** @param {string[]} wanted */
  function set(wanted) {
    held = [...new Set(wanted)];
    draw();
    changed();
  }

  function draw() {
    list.replaceChildren(
      ...held.map((one) =>
        el(
          "li",
          { class: "chip mono" },
          said(one, null, 120),
          iconButton(`Remove ${visible(one, 60)}`, { onclick: () => (set(held.filter((other) => other !== one)), input.focus()) }, icon("close")),
        ),
      ),
    );
  }
  return { node, input, values: () => held, set };
}
