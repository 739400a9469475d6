/** Listens to new events for as long as the view lives; goes on where it was cut off, and says when it is. */
import { ApiError, tail } from "../api.js";

/** @typedef {import("../types.js").Step} Step */
/** @typedef {{id: number | null, event: Step | null}} Message one without an event says how far was looked */

const AGAIN_MS = 3000;

/**
 * @param {Record<string, string | null | undefined>} query
 * @param {string} recent how many of the newest events to begin with
 * @param {object} to
 * @param {(events: Step[]) => void} to.onFirst the newest events that there were, the oldest first; once
 * @param {(events: Step[]) => void} to.onEvents
 * @param {(state: "listening" | "waiting", why: string) => void} to.onState
 * @param {(error: unknown) => string | null} to.failed
 * @param {AbortSignal} signal
 */
export async function listen(query, recent, { onFirst, onEvents, onState, failed }, signal) {
  /** @type {number | null} sequence number of the newest event that is known */
  let after = null;
  let hasBegun = false;
  while (!signal.aborted) {
    let why = "";
    try {
      const from = after === null ? { recent } : { after: String(after) };
      const body = await tail({ ...query, ...from }, signal);
      onState("listening", "");
      /** @type {Step[]} */
      const first = [];
      for await (const read of messages(body)) {
        const end = hasBegun ? -1 : read.findIndex(({ event }) => !event);
        if (hasBegun) onEvents(eventsOf(read));
        else first.push(...eventsOf(end < 0 ? read : read.slice(0, end)));
        // Cut off before the end of the first ones, it begins anew.
        if (!hasBegun && end < 0) continue;
        if (!hasBegun) onFirst(first);
        if (!hasBegun) onEvents(eventsOf(read.slice(end)));
        hasBegun = true;
        after = read.at(-1)?.id ?? after;
      }
    } catch (error) {
      why = (signal.aborted ? null : failed(error)) ?? "";
      if (!why) return;
      if (error instanceof ApiError && [400, 403, 422].includes(error.status)) return onState("waiting", why);
    }
    if (signal.aborted) return;
    onState("waiting", why);
    await new Promise((resume) => setTimeout(resume, AGAIN_MS));
  }
}

/** @param {Message[]} messages */
const eventsOf = (messages) => messages.flatMap(({ event }) => (event ? [event] : []));

/** The messages of a stream, those that came together at once. @param {ReadableStream<Uint8Array>} body @returns {AsyncGenerator<Message[]>} */
async function* messages(body) {
  const reader = body.getReader();
  const decoder = new TextDecoder();
  let text = "";
  for (;;) {
    // A connection that breaks is a TypeError, with other words in each browser; it ends the stream as any end does.
    const { done, value } = await reader.read().catch(() => ({ done: true, value: undefined }));
    if (done) return;
    text += decoder.decode(value, { stream: true });
    const end = text.lastIndexOf("\n\n");
    if (end < 0) continue;
    const found = text.slice(0, end).split("\n\n").map(messageOf);
    text = text.slice(end + 2);
    const told = found.filter(({ id }) => id !== null);
    if (told.length) yield told;
  }
}

/** @param {string} text its lines @returns {Message} */
function messageOf(text) {
  const lines = text.split("\n");
  const value = (/** @type {string} */ name) => lines.find((line) => line.startsWith(`${name}: `))?.slice(name.length + 2);
  const [id, data] = [value("id"), value("data")];
  return { id: id ? Number(id) : null, event: data ? /** @type {Step} */ (JSON.parse(data)) : null };
}
