/** One-key shortcuts of the view on screen, and the sheet that lists them. */
import { el, iconButton } from "./dom.js";
import { icon } from "./icons.js";
import { prefer, preferred } from "./preference.js";

/** @typedef {import("./types.js").Shortcut} Shortcut */

/** @type {Shortcut[]} */
let current = [];
const help = { keys: ["?"], does: "This sheet", run: showSheet };

/** @param {Shortcut[]} shortcuts of the view that is now on screen */
export const useShortcuts = (shortcuts) => void (current = [...shortcuts, help]);

// Single keys can be switched off (WCAG 2.1.4): speech input and slips of the hand press them unmeant.
const isOn = () => preferred("shortcuts", "on") === "on";

/** @param {EventTarget | null} target */
const isTyping = (target) => target instanceof Element && !!target.closest("input, textarea, select, dialog");

addEventListener("keydown", (event) => {
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
  // An open sheet has all keys, also where nothing in it has the focus.
  if (document.querySelector("dialog[open]")) return;
  const shortcut = current.find(({ keys }) => keys.includes(event.key));
  if (!shortcut || (event.key.length === 1 && !isOn())) return;
  // Enter and space on a link or button are theirs.
  if (["Enter", " "].includes(event.key) && event.target instanceof Element && event.target.closest("a, button, summary")) return;
  event.preventDefault();
  shortcut.run();
});

const NAMES = { " ": "Space", ArrowDown: "↓", ArrowUp: "↑", Escape: "Esc" };

function showSheet() {
  const on = el("input", {
    type: "checkbox",
    checked: isOn(),
    onchange: () => prefer("shortcuts", on.checked ? "on" : "off"),
  });
  const sheet = el(
    "dialog",
    { class: "sheet", "aria-label": "Keyboard", onclose: () => sheet.remove() },
    el("header", {}, el("h2", {}, "Keyboard"), iconButton("Close", { onclick: () => sheet.close() }, icon("close"))),
    el(
      "dl",
      {},
      ...current.map(({ keys, does }) =>
        el(
          "div",
          {},
          el("dt", {}, does),
          el("dd", {}, ...keys.map((key) => el("kbd", {}, /** @type {Record<string, string>} */ (NAMES)[key] ?? key))),
        ),
      ),
    ),
    el("label", { class: "check" }, on, "Single-key shortcuts"),
  );
  document.body.append(sheet);
  sheet.showModal();
}

export const keyboardButton = () =>
  iconButton("Keyboard shortcuts", { class: "pointer-only", onclick: showSheet }, icon("keyboard"));
