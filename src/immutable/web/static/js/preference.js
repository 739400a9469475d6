/** What the person chose on this device: theme, zone, shortcuts. Works, forgetfully, where storage is blocked. */

/** @type {Record<string, string>} */
const fallback = {};

/** @param {string} name @param {string} otherwise */
export function preferred(name, otherwise) {
  try {
    return localStorage.getItem(`immutable.${name}`) ?? otherwise;
  } catch {
    return fallback[name] ?? otherwise;
  }
}

/** @param {string} name @param {string} value */
export function prefer(name, value) {
  fallback[name] = value;
  try {
    localStorage.setItem(`immutable.${name}`, value);
  } catch {
    // Storage may be full or forbidden; the choice then lasts as long as the page.
  }
}
