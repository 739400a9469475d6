/** Forms of the account and the settings: labelled fields, one button, and what went wrong said beside them. */
import { ApiError } from "./api.js";
import { el } from "./dom.js";

let count = 0;

/**
 * @param {string} label
 * @param {Record<string, any>} [props]
 * @returns {{node: HTMLElement, input: HTMLInputElement}}
 */
export function field(label, props = {}) {
  const id = `field-${++count}`;
  const input = el("input", { id, type: "text", autocomplete: "off", ...props });
  return { node: el("div", { class: "field" }, el("label", { for: id }, label), input), input };
}

/**
 * @param {string} label @param {[string, string][]} options value and what is shown @param {string} chosen
 * @returns {{node: HTMLElement, input: HTMLSelectElement}}
 */
export function choice(label, options, chosen) {
  const id = `field-${++count}`;
  const input = el(
    "select",
    { id },
    ...options.map(([value, text]) => el("option", { value, selected: value === chosen }, text)),
  );
  return { node: el("div", { class: "field" }, el("label", { for: id }, label), input), input };
}

/**
 * A form that says in place what went wrong; the first field is marked and gets the focus again.
 * @param {{node: HTMLElement, input: HTMLElement}[]} fields
 * @param {string} label of the button
 * @param {() => Promise<void>} submit
 * @param {(error: unknown) => string | null} [failed]
 */
export function form(fields, label, submit, failed = sentence) {
  const id = `problem-${++count}`;
  const problem = el("p", { id, class: "problem", role: "alert" });
  const button = el("button", { class: "primary" }, label);
  for (const { input } of fields) input.setAttribute("aria-describedby", id);
  const node = el("form", { novalidate: true, class: "stack", onsubmit: run }, ...fields.map((one) => one.node), problem, button);

  /** @param {SubmitEvent} event */
  async function run(event) {
    event.preventDefault();
    const wasOnButton = document.activeElement === button;
    button.disabled = true;
    problem.textContent = "";
    try {
      await submit();
    } catch (error) {
      problem.textContent = failed(error) ?? "";
      fields.at(-1)?.input.focus();
    } finally {
      button.disabled = false;
      // A button that is disabled loses the focus, and with it the keyboard its place.
      if (wasOnButton && document.activeElement === document.body) button.focus();
    }
  }
  return { node, problem, button };
}

/** @param {unknown} error */
export function sentence(error) {
  if (error instanceof ApiError) return error.message;
  throw error;
}
