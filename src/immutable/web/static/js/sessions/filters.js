/** What the list of sessions can be asked for, as it stands in the address and as the API wants it. */
import { spanOf } from "./span.js";

/** @typedef {{name: string, label: string, parameter: string}} Field */

/** @type {Field[]} */
export const FIELDS = [
  { name: "actor", label: "Actor", parameter: "actor_id" },
  { name: "resource", label: "Resource", parameter: "resource_id" },
  { name: "action", label: "Action", parameter: "action" },
  { name: "tenant", label: "Tenant", parameter: "tenant_id" },
  { name: "text", label: "Text", parameter: "search" },
];

/** @param {URLSearchParams} query @returns {Record<string, string | null>} */
export function parameters(query) {
  const inferred = query.get("inferred");
  return {
    ...Object.fromEntries(FIELDS.map(({ name, parameter }) => [parameter, query.get(name)])),
    inferred: inferred && (inferred === "yes" ? "true" : "false"),
    ...spanOf(query),
  };
}

/** A changed copy. @param {URLSearchParams} query @param {string} name @param {string | null} value */
export function changed(query, name, value) {
  const copy = new URLSearchParams(query);
  if (value) copy.set(name, value);
  else copy.delete(name);
  return copy;
}

/**
 * The fields that a typed text may mean, the likeliest first.
 * @param {string} text
 * @returns {Field[]}
 */
export function meanings(text) {
  const likeliest = /^[\w-]+(\.[\w-]+)*\.(\*|[\w-]+)$/.test(text)
    ? "action"
    : /^(doc|file|res|inv|order|fld|folder)[_-]/i.test(text)
      ? "resource"
      : /^(tenant|org|team|acct)[_-]/i.test(text)
        ? "tenant"
        : /^\S+@\S+$|^[a-z]+[_-]\w*\d\w*$|^\d+$|^[0-9a-f-]{16,}$/i.test(text)
          ? "actor"
          : "text";
  return FIELDS.filter(({ name }) => name === likeliest).concat(FIELDS.filter(({ name }) => name !== likeliest));
}

/** @param {string} text */
export const looksLikeSession = (text) => /^(sess|session|inf)[_-]\S+$/i.test(text);
