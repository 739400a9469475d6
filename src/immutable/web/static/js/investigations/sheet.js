/** A dialog over the page, with a title and a button that closes it. */
import { el, iconButton } from "../dom.js";
import { icon } from "../icons.js";

/** @param {string} title @param {...Node} content */
export function sheet(title, ...content) {
  const node = el(
    "dialog",
    { class: "sheet", "aria-label": title, onclose: () => node.remove() },
    el("header", {}, el("h2", {}, title), iconButton("Close", { onclick: () => node.close() }, icon("close"))),
    ...content,
  );
  document.body.append(node);
  node.showModal();
  return { close: () => node.close() };
}
