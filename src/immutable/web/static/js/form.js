/** Forms of the account and the settings: labelled fields, one button, and what went wrong said beside them. */
import { ApiError } from "./api.js";
import { el } from "./dom.js";
import { identity } from "./identity.js";

/** @typedef {{node: HTMLElement, input: HTMLInputElement | HTMLSelectElement | HTMLTextAreaElement}} Field */

let count = 0;

/**
 * @param {string} label
 * @param {Record<string, any>} [props] `name`: what the API calls the field, so that what is wrong with it is said beside it
 * @returns {{node: HTMLElement, input: HTMLInputElement}}
 */
export function field(label, props = {}) {
  const id = `field-${++count}`;
  const input = el("input", { id, type: "text", autocomplete: "off", ...props });
  return { node: el("div", { class: "field" }, el("label", { for: id }, label), input), input };
}

/**
 * @param {string} label @param {[string, string][]} options value and what is shown @param {string} chosen
 * @param {Record<string, any>} [props] as of a field
 * @returns {{node: HTMLElement, input: HTMLSelectElement}}
 */
export function choice(label, options, chosen, props = {}) {
  const id = `field-${++count}`;
  const input = el(
    "select",
    { id, ...props },
    ...options.map(([value, text]) => el("option", { value, selected: value === chosen }, text)),
  );
  return { node: el("div", { class: "field" }, el("label", { for: id }, label), input), input };
}

/**
 * A form that says in place what went wrong: beside each field what is wrong with it, the rest above the button. The first
 * field that is wrong gets the focus.
 * @param {Field[]} fields
 * @param {string} label of the button
 * @param {() => Promise<void>} submit
 * @param {(error: unknown) => string | null} [failed]
 */
export function form(fields, label, submit, failed = sentence) {
  const id = `problem-${++count}`;
  const problem = el("p", { id, class: "problem", role: "alert" });
  const button = el("button", { class: "primary" }, label);
  for (const one of fields) {
    clear(one);
    one.input.addEventListener("input", () => clear(one));
  }
  const node = el("form", { novalidate: true, class: "stack", onsubmit: run }, ...fields.map((one) => one.node), problem, button);

  /** @param {SubmitEvent} event */
  async function run(event) {
    event.preventDefault();
    const wasOnButton = document.activeElement === button;
    button.disabled = true;
    problem.textContent = "";
    fields.forEach(clear);
    try {
      await submit();
    } catch (error) {
      tell(failed(error), error instanceof ApiError ? error.fields : {});
    } finally {
      button.disabled = false;
      // A button that is disabled loses the focus, and with it the keyboard its place.
      if (wasOnButton && document.activeElement === document.body) button.focus();
    }
  }

  /** @param {string | null} said @param {Record<string, string[]>} wrong by the API's names of the fields */
  function tell(said, wrong) {
    const shown = fields.filter(({ node: one }) => !one.hidden);
    /** @type {Map<Field, string[]>} */
    const beside = new Map();
    const others = [];
    for (const [name, texts] of Object.entries(wrong)) {
      const one = shown.find(({ input }) => input.name && name.split(".", 1)[0] === input.name);
      if (one) beside.set(one, [...(beside.get(one) ?? []), ...texts]);
      else others.push(...texts);
    }
    problem.textContent = beside.size ? others.join(" ") : (said ?? "");
    for (const [one, texts] of beside) mark(one, texts.join(" "));
    (shown.find((one) => beside.has(one)) ?? shown.at(-1))?.input.focus();
  }

  /** @param {Field} one @param {string} text */
  function mark({ node: place, input }, text) {
    const told = el("p", { id: `problem-${++count}`, class: "problem field-problem" }, text);
    place.append(told);
    input.setAttribute("aria-invalid", "true");
    input.setAttribute("aria-describedby", `${told.id} ${id}`);
  }

  /** @param {Field} one */
  function clear({ node: place, input }) {
    place.querySelector(".field-problem")?.remove();
    input.removeAttribute("aria-invalid");
    input.setAttribute("aria-describedby", id);
  }
  return { node, problem, button };
}

/** @param {unknown} error */
export function sentence(error) {
  if (!(error instanceof ApiError)) throw error;
  // Whoever is let in no more is led to the first page (`desk.js`), out of a dialog too.
  if (error.status === 401 && identity.isKnown()) dispatchEvent(new CustomEvent("refused", { detail: error }));
  return error.message;
}
