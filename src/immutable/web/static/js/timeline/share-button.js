/** Shares a session or an investigation with somebody who has no key: a link to its evidence that ends by itself, and can be taken back. */
import { change } from "../api.js";
import { copyButton } from "../clipboard.js";
import { el, iconButton } from "../dom.js";
import { choice, form } from "../form.js";
import { icon } from "../icons.js";
import { identity } from "../identity.js";
import { time } from "../time.js";

/** @type {[string, string][]} */
const LENGTHS = [
  ["3600", "An hour"],
  ["86400", "A day"],
  ["604800", "A week"],
  ["2592000", "30 days"],
];

/**
 * @param {string} title @param {() => object} what is shared, as the API is asked for it
 * @returns {HTMLButtonElement | null} null for those who may not share
 */
export function shareButton(title, what) {
  if (!identity.may("admin")) return null;
  const open = () => {
    const length = choice("It works for", LENGTHS, "604800");
    const made = el("div", { role: "status" });
    const asked = form([length], "Make the link", async () => {
      const link = await change(["evidence", "links"], { ...what(), ttl: Number(length.input.value) });
      // Relative to the desk, as all our addresses are: a proxy may have put the server under any path.
      const address = new URL(link.path.replace(/^\//, ""), document.baseURI).href;
      made.replaceChildren(
        el("p", { class: "shared-link" }, el("a", { href: address, target: "_blank", rel: "noopener noreferrer" }, address), copyButton("Copy the link", () => address)),
        el("p", { class: "muted" }, "Whoever has it reads the report and takes the pack, until ", time(link.expires_at, "full"), ". It is shown only now. The log keeps that it was made, and each time it is opened."),
      );
    });
    const sheet = el(
      "dialog",
      { class: "sheet", "aria-label": title, onclose: () => sheet.remove() },
      el("header", {}, el("h2", {}, title), iconButton("Close", { onclick: () => sheet.close() }, icon("close"))),
      asked.node,
      made,
    );
    document.body.append(sheet);
    sheet.showModal();
  };
  return el("button", { type: "button", class: "verify", onclick: open, title: "A read-only link that ends by itself" }, icon("link"), "Share");
}
