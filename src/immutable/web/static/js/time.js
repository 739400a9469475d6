/** Instants and durations in words. Every instant is shown in the one zone that the person chose. */
import { el } from "./dom.js";
import { prefer, preferred } from "./preference.js";

/** @type {Intl.DateTimeFormatOptions} */
const DAY = { day: "numeric", month: "short", year: "numeric" };
/** @type {Intl.DateTimeFormatOptions} */
const CLOCK = { hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23" };
/** @type {Record<string, Intl.DateTimeFormatOptions>} */
const STYLES = {
  clock: CLOCK,
  minute: { hour: "2-digit", minute: "2-digit", hourCycle: "h23" },
  day: { weekday: "long", ...DAY },
  date: { day: "numeric", month: "short", year: "numeric" },
  short: { day: "numeric", month: "short", hour: "2-digit", minute: "2-digit", hourCycle: "h23" },
  full: { ...DAY, ...CLOCK, timeZoneName: "short" },
};
/** @typedef {"clock" | "minute" | "day" | "date" | "short" | "full" | "relative"} TimeStyle */

export const browserZone = Intl.DateTimeFormat().resolvedOptions().timeZone;
/** @type {Map<string, Intl.DateTimeFormat>} */
const formats = new Map();
const relative = new Intl.RelativeTimeFormat("en", { numeric: "auto" });

// Asked for with every time that is shown, so it is found out once: the browser's list of zones takes it long to make.
let chosen = known(preferred("zone", "UTC"));

export const zone = () => chosen;
/** @param {string} name */
export function chooseZone(name) {
  prefer("zone", name);
  chosen = known(name);
}
/** @returns {string[]} UTC and the browser's own first */
export const zones = () => [...new Set(["UTC", browserZone, ...Intl.supportedValuesOf("timeZone")])];

/** @param {string} name @returns {string} it, if there is such a zone; UTC otherwise */
function known(name) {
  try {
    return new Intl.DateTimeFormat("en-GB", { timeZone: name }) && name;
  } catch {
    return "UTC";
  }
}

/** @param {string} iso @param {TimeStyle} style */
export function spell(iso, style) {
  const at = new Date(iso);
  if (Number.isNaN(at.getTime())) return iso;
  if (style === "relative") return ago(at.getTime() - Date.now());
  const name = `${style} ${chosen}`;
  let format = formats.get(name);
  if (!format) formats.set(name, (format = new Intl.DateTimeFormat("en-GB", { ...STYLES[style], timeZone: chosen })));
  return format.format(at);
}

/** @param {string} iso @param {TimeStyle} style @param {string} [className] */
export const time = (iso, style, className) =>
  el("time", { datetime: iso, title: `${spell(iso, "full")}\n${iso}`, class: className }, spell(iso, style));

/** @param {number} ms from now; the past is negative */
function ago(ms) {
  for (const [unit, size] of /** @type {[Intl.RelativeTimeFormatUnit, number][]} */ ([
    ["year", 31_557_600_000],
    ["month", 2_629_800_000],
    ["week", 604_800_000],
    ["day", 86_400_000],
    ["hour", 3_600_000],
    ["minute", 60_000],
  ]))
    if (Math.abs(ms) >= size) return relative.format(Math.round(ms / size), unit);
  return "just now";
}

/**
 * A span in its two largest units: "2 min 3 s".
 * @param {number} ms
 */
export function span(ms) {
  const total = Math.abs(ms);
  if (total < 1000) return `${Math.round(total)} ms`;
  const units = /** @type {const} */ ([
    ["d", 86_400],
    ["h", 3600],
    ["min", 60],
    ["s", 1],
  ]);
  let seconds = Math.round(total / 1000);
  const parts = [];
  for (const [unit, size] of units) {
    const count = Math.floor(seconds / size);
    seconds -= count * size;
    if (count) parts.push(`${count} ${unit}`);
    else if (parts.length) break;
    if (parts.length === 2) break;
  }
  return parts.join(" ");
}

/**
 * The instant at which a calendar day begins in the chosen zone, as an ISO string.
 * @param {string} day as a date field gives it: 2026-03-27
 * @param {number} [plusDays]
 */
export function dayStart(day, plusDays = 0) {
  const midnight = Date.parse(`${day}T00:00:00Z`) + plusDays * 86_400_000;
  // The offset may change between midnight in UTC and midnight there, so the second look is the one that counts.
  return new Date(midnight - offsetAt(midnight - offsetAt(midnight))).toISOString();
}

/** @param {number} at @returns {number} milliseconds by which the chosen zone's clock is ahead of UTC */
function offsetAt(at) {
  const format = new Intl.DateTimeFormat("en-GB", {
    ...CLOCK,
    timeZone: zone(),
    day: "2-digit",
    month: "2-digit",
    year: "numeric",
  });
  const { year, month, day, hour, minute, second } = Object.fromEntries(
    format.formatToParts(at).map(({ type, value }) => [type, Number(value)]),
  );
  return Date.UTC(year, month - 1, day, hour, minute, second) - at;
}
