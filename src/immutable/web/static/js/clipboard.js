/** Copies to the clipboard, and says so where it was asked. */
import { el, iconButton } from "./dom.js";
import { icon } from "./icons.js";

/** @param {string} text */
async function copy(text) {
  if (navigator.clipboard) return navigator.clipboard.writeText(text);
  // Browsers hide the clipboard from pages that came over plain HTTP from another machine; the old way still works.
  const field = el("textarea", { class: "off-screen" });
  field.value = text;
  const focused = /** @type {HTMLElement | null} */ (document.activeElement);
  // Below an open dialog nothing can be selected.
  (document.querySelector("dialog[open]") ?? document.body).append(field);
  field.select();
  const isCopied = document.execCommand("copy");
  field.remove();
  focused?.focus();
  if (!isCopied) throw new Error("The browser does not let this page copy.");
}

/** @param {Element} button @param {string} text */
export async function copyFrom(button, text) {
  try {
    await copy(text);
  } catch {
    return announce("The browser does not let this page copy");
  }
  button.classList.add("copied");
  announce("Copied");
  setTimeout(() => button.classList.remove("copied"), 1200);
}

/** @param {string} label @param {() => string} text @param {import("./icons.js").IconName} [name] */
export const copyButton = (label, text, name = "copy") => {
  const button = iconButton(
    label,
    { class: "copy", onclick: () => copyFrom(button, text()) },
    icon(name),
    icon("check"),
  );
  return button;
};

const live = el("div", { class: "off-screen", role: "status" });

/** Says a short thing to those who listen instead of looking. @param {string} text */
export function announce(text) {
  if (!live.isConnected) document.body.append(live);
  live.textContent = text;
}
