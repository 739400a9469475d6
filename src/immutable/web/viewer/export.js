/** Files of what is shown: CSV that no spreadsheet takes for formulas, and JSON as the API answered it. */

const FIELDS = /** @type {const} */ ({
  events: [
    "occurred_at", "created_at", "sequence", "id", "action", "actor_id", "actor_name", "actor_type", "resource.type",
    "resource_id", "resource_name", "tenant_id", "session_id", "ip_address", "ip_country", "ip_city", "user_agent", "targets",
    "metadata", "changes", "on_behalf_of", "integrity.event_hash",
  ],
  sessions: [
    "session_id", "inferred", "started_at", "ended_at", "duration_ms", "events_count", "destructive_count", "resources_count",
    "tenant_id", "actors", "actions", "places", "devices",
  ],
});

/** @param {"events" | "sessions"} kind @param {any[]} items */
export function csv(kind, items) {
  const fields = FIELDS[kind];
  const lines = [fields, ...items.map((one) => fields.map((field) => field.split(".").reduce((at, name) => at?.[name], one)))];
  return "\ufeff" + lines.map((line) => line.map(cell).join(",") + "\r\n").join("");
}

/** A text that begins as a formula would gets an apostrophe before it. @param {unknown} value */
function cell(value) {
  const text = value == null ? "" : typeof value === "object" ? JSON.stringify(value) : String(value);
  const harmless = /^\s*[=+\-@\t\r\n\uff1d\uff0b\uff0d\uff20]/.test(text) && typeof value !== "number" ? `'${text}` : text;
  return /[",\r\n;]|^\s|\s$/.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless;
}

/** @param {string} name @param {string} type @param {string} text */
export function save(name, type, text) {
  const address = URL.createObjectURL(new Blob([text], { type }));
  const link = document.createElement("a");
  link.href = address;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(address), 60_000);
}
