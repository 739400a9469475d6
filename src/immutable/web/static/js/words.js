/** Turns what an event says in codes into words: actions, places, devices, counts. */

/** Counting may have stopped early. @param {import("./types.js").Pagination} page @param {string} noun */
export const totalOf = ({ total, total_is_exact }, noun) =>
  `${total_is_exact === false ? "over " : ""}${count(total, noun)}`;

/** @param {number} count @param {string} noun */
export const count = (count, noun) => `${count.toLocaleString("en")} ${noun}${count === 1 ? "" : "s"}`;

/**
 * "document.moved_to_trash" reads "Document moved to trash"; anything unconventional stays as it is.
 * @param {string} action
 */
export function sentence(action) {
  if (!/^[a-z0-9]+([._-][a-z0-9]+)*$/i.test(action) || action.length > 80) return action;
  const words = action.replace(/[._-]+/g, " ");
  return words[0].toUpperCase() + words.slice(1);
}

/** @param {string | null} country ISO 3166 code of two letters */
export const flag = (country) =>
  country && /^[A-Z]{2}$/.test(country)
    ? String.fromCodePoint(...[...country].map((c) => 0x1f1a5 + c.charCodeAt(0)))
    : "";

/** @param {string | null} country @param {string | null} city */
export const place = (country, city) => [city, country].filter(Boolean).join(", ");

// In this order: the later names also appear in the earlier ones' user agents.
const BROWSERS = [
  ["Edge", /\bEdg(?:e|A|iOS)?\//],
  ["Opera", /\bOPR\//],
  ["Firefox", /\b(?:Firefox|FxiOS)\//],
  ["Chrome", /\b(?:Chrome|CriOS)\//],
  ["Safari", /\bSafari\//],
];
const SYSTEMS = [
  ["iOS", /iPhone|iPad|iPod/],
  ["Android", /Android/],
  ["Windows", /Windows/],
  ["macOS", /Macintosh|Mac OS X/],
  ["ChromeOS", /\bCrOS\b/],
  ["Linux", /Linux/],
];

/**
 * A short name for a user agent, for reading only: "Chrome on macOS". The whole of it stands in the details.
 * @param {string | null} userAgent
 */
export function device(userAgent) {
  if (!userAgent) return "";
  const named = (/** @type {any[]} */ list) => list.find(([, pattern]) => pattern.test(userAgent))?.[0];
  const [browser, system] = [named(BROWSERS), named(SYSTEMS)];
  return browser && system ? `${browser} on ${system}` : (browser ?? system ?? userAgent.split(/[\s/(]/, 1)[0]);
}
