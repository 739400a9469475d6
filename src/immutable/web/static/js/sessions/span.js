/** A span of time in the address: whole days of the chosen zone (2026-03-27), or instants, as the histogram sets them. */
import { dayStart, spell, zone } from "../time.js";

/** @param {string} value */
const isInstant = (value) => value.includes("T");

/** What the API is asked for. @param {URLSearchParams} query */
export function spanOf(query) {
  const [from, to] = [query.get("from"), query.get("to")];
  return {
    from: from && (isInstant(from) ? from : dayStart(from)),
    // Both ends are inclusive, so the last microsecond of the day is the end.
    to: to && (isInstant(to) ? to : new Date(Date.parse(dayStart(to, 1)) - 1).toISOString().replace("Z", "999Z")),
  };
}

/** The day that a date field shows for an end. @param {string | null} value */
export function dayOf(value) {
  if (!value || !isInstant(value)) return value;
  const at = new Date(value);
  return Number.isNaN(at.getTime()) ? null : new Intl.DateTimeFormat("en-CA", { timeZone: zone() }).format(at);
}

/** The chip of a span of instants; days stand in their fields. @param {URLSearchParams} query */
export function spanText(query) {
  const [from, to] = [query.get("from") ?? "", query.get("to") ?? ""];
  if (![from, to].some(isInstant)) return null;
  return [from, to].map((end) => (isInstant(end) ? spell(end, "short") : end || "…")).join(" – ");
}
