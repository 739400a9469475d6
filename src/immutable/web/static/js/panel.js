/** Parts of the account and the settings: a titled panel, a table, a button that asks before it does. */
import { el } from "./dom.js";
import { sentence } from "./form.js";

/** @param {string} title @param {string} text @param {...import("./dom.js").Child} content */
export const panel = (title, text, ...content) =>
  el("section", { class: "panel" }, el("h2", {}, title), text && el("p", { class: "muted" }, text), ...content);

/**
 * On a phone each row is a card, whose cells say what they are. Drawn as blocks, a table would be none any more to those who
 * listen; hence the roles.
 * @param {string} label for those who do not see it
 * @param {string[]} heads
 * @param {import("./dom.js").Child[][]} rows
 */
export const table = (label, heads, rows) =>
  el(
    "div",
    { class: "table", role: "region", "aria-label": label, tabindex: 0 },
    el(
      "table",
      { role: "table" },
      el("thead", { role: "rowgroup" }, el("tr", { role: "row" }, ...heads.map((head) => el("th", { scope: "col", role: "columnheader" }, head)))),
      el(
        "tbody",
        { role: "rowgroup" },
        ...rows.map((row) =>
          el("tr", { role: "row" }, ...row.map((cell, at) => el("td", { role: "cell", "data-label": heads[at] || null }, cell))),
        ),
      ),
    ),
  );

/**
 * A button that, pressed once, asks; pressed again, does it.
 * @param {string} label @param {string} of what, for those who do not see the row
 * @param {() => Promise<void>} run
 * @param {HTMLElement} problem where it is said what went wrong
 */
export function carefulButton(label, of, run, problem) {
  const button = el("button", { type: "button", class: "button", "aria-label": `${label}: ${of}`, onclick: press, onblur: calm }, label);
  let asked = false;

  async function press() {
    if (!asked) {
      asked = true;
      // Safari focuses no button that is clicked, and one without the focus would never calm down.
      button.focus();
      button.textContent = "Really?";
      button.setAttribute("aria-label", `Really ${label.toLowerCase()}: ${of}?`);
      button.classList.add("danger");
      return;
    }
    calm();
    button.disabled = true;
    try {
      await run();
    } catch (error) {
      problem.textContent = sentence(error);
    } finally {
      button.disabled = false;
    }
  }

  function calm() {
    asked = false;
    button.textContent = label;
    button.setAttribute("aria-label", `${label}: ${of}`);
    button.classList.remove("danger");
  }
  return button;
}

export const problemLine = () => el("p", { class: "problem", role: "alert" });
