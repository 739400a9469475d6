/** Builds elements. Text goes in as text nodes only, so nothing that an event carries can become markup. */

/** @typedef {Node | string | number | null | undefined | false} Child */

const SVG = "http://www.w3.org/2000/svg";

/**
 * @template {Element} E
 * @param {E} element
 * @param {Record<string, any>} props `onclick` and the like are listeners; null and false leave the attribute out.
 * @param {Child[]} children
 */
function fill(element, props, children) {
  for (const [name, value] of Object.entries(props)) {
    if (value == null || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else element.setAttribute(name, value === true ? "" : String(value));
  }
  for (const child of children)
    if (child != null && child !== false) element.append(child instanceof Node ? child : String(child));
  return element;
}

/**
 * @template {keyof HTMLElementTagNameMap} T
 * @param {T} tag
 * @param {Record<string, any>} [props]
 * @param {...Child} children
 */
export const el = (tag, props = {}, ...children) => fill(document.createElement(tag), props, children);

/**
 * @param {string} tag
 * @param {Record<string, any>} [props]
 * @param {...Child} children
 */
export const svg = (tag, props = {}, ...children) => fill(document.createElementNS(SVG, tag), props, children);

// Controls, and the marks that turn the direction of text around: they would let a name show as what it is not.
// (The joiners of emoji and of Arabic script are not among them.)
const DECEPTIVE = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;

/**
 * Text that came from an event, shown with its deceptive characters made visible.
 * @param {unknown} text
 * @param {number} [most] characters to show
 */
export function visible(text, most = 20_000) {
  const whole = String(text);
  const cut = whole.length > most ? `${whole.slice(0, most)}…` : whole;
  return cut.replace(DECEPTIVE, (c) => `⟨U+${c.charCodeAt(0).toString(16).toUpperCase().padStart(4, "0")}⟩`);
}

/**
 * The same as an element whose writing direction cannot reach its surroundings.
 * @param {unknown} text
 * @param {string | null} [className]
 * @param {number} [most]
 */
export const said = (text, className = null, most = 300) => el("bdi", { class: className }, visible(text, most));

/**
 * @param {string} label for those who do not see the icon
 * @param {Record<string, any>} props
 * @param {...Child} children
 */
export const iconButton = (label, props, ...children) =>
  el(
    "button",
    { type: "button", "aria-label": label, title: label, ...props, class: `icon-button ${props.class ?? ""}` },
    ...children,
  );
