/** Listens to new events for as long as the view lives; goes on where it was cut off, and says when it is. */
import { ApiError, tail } from "../api.js";

/** @typedef {import("../types.js").Step} Step */

const AGAIN_MS = 3000;

/**
 * @param {Record<string, string | null | undefined>} query
 * @param {number} after sequence number of the newest event that is known
 * @param {{onEvents: (events: Step[]) => void, onState: (state: "listening" | "waiting") => void, failed: (error: unknown) => string | null}} to
 * @param {AbortSignal} signal
 */
export async function listen(query, after, { onEvents, onState, failed }, signal) {
  while (!signal.aborted) {
    try {
      const body = await tail({ ...query, after: String(after) }, signal);
      onState("listening");
      for await (const message of messages(body)) {
        if (message.id) after = Number(message.id);
        if (message.data.length) onEvents(message.data);
      }
    } catch (error) {
      if (signal.aborted || failed(error) === null) return;
      if (error instanceof ApiError && error.status === 422) return;
    }
    onState("waiting");
    await new Promise((resume) => setTimeout(resume, AGAIN_MS));
  }
}

/** The messages of a stream, those that came together in one. @param {ReadableStream<Uint8Array>} body */
async function* messages(body) {
  const reader = body.getReader();
  const decoder = new TextDecoder();
  let text = "";
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    text += decoder.decode(value, { stream: true });
    const end = text.lastIndexOf("\n\n");
    if (end < 0) continue;
    const lines = text.slice(0, end).split("\n");
    text = text.slice(end + 2);
    yield {
      id: lines.findLast((line) => line.startsWith("id: "))?.slice(4),
      data: lines.filter((line) => line.startsWith("data: ")).map((line) => /** @type {Step} */ (JSON.parse(line.slice(6)))),
    };
  }
}
