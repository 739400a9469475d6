/** Speaks to /api/v1 as whoever uses this tab. Each function answers the JSON of the contract or throws ApiError. */
import { identity } from "./identity.js";
import { key } from "./key.js";

/** @typedef {import("./types.js").Session} Session */
/** @typedef {import("./types.js").Step} Step */
/** @typedef {import("./types.js").Pagination} Pagination */

/**
 * What went wrong, in a sentence for the person. `status` is 0 where the server gave no answer; `fields` holds what is wrong with
 * each field of a form, by the API's names.
 */
export class ApiError extends Error {
  /** @param {number} status @param {string} message @param {Record<string, string[]>} [fields] */
  constructor(status, message, fields = {}) {
    super(message);
    this.status = status;
    this.fields = fields;
  }
}

/**
 * @param {string[]} path
 * @param {Record<string, string | null | undefined>} query empty values are left out
 * @param {AbortSignal} [signal]
 */
async function get(path, query, signal) {
  const answer = await ask(path, query, signal);
  const body = await answer.json().catch(() => null);
  signal?.throwIfAborted();
  if (answer.ok && body) return body;
  throw refusal(answer, body);
}

/** @param {Response} answer @param {any} body its JSON, as far as it had any */
const refusal = (answer, body) =>
  new ApiError(answer.status, body?.message ?? `The server answered ${answer.status} and gave no reason.`);

/**
 * @param {string[]} path
 * @param {Record<string, string | null | undefined>} query empty values are left out
 * @param {AbortSignal} [signal]
 * @param {RequestInit} [more]
 */
async function ask(path, query, signal, more = {}) {
  const params = new URLSearchParams(Object.entries(query).flatMap(([name, value]) => (value ? [[name, value]] : [])));
  try {
    return await fetch(`api/v1/${path.map(encodeURIComponent).join("/")}?${params}`, {
      headers: { ...identity.headers(), Accept: "application/json" },
      signal,
      cache: "no-store",
      credentials: key.get() ? "omit" : "same-origin",
      redirect: "error",
      ...more,
    });
  } catch (error) {
    if (signal?.aborted) throw error;
    throw new ApiError(0, "The server did not answer. Check that it runs and that you are online.");
  }
}

/**
 * @param {Record<string, string | null | undefined>} query @param {AbortSignal} [signal]
 * @returns {Promise<{data: Step[], pagination: Pagination}>}
 */
export const events = (query, signal) => get(["events"], query, signal);

/**
 * New events as they come, as the bytes of server-sent events.
 * @param {Record<string, string | null | undefined>} query @param {AbortSignal} signal
 * @returns {Promise<ReadableStream<Uint8Array>>}
 */
export async function tail(query, signal) {
  const answer = await ask(["events", "tail"], query, signal);
  if (answer.ok && answer.body) return answer.body;
  throw refusal(answer, await answer.json().catch(() => null));
}

/**
 * Asks for something of the account or the settings.
 * @param {string[]} path @param {AbortSignal} [signal]
 * @returns {Promise<any>} what `data` holds
 */
export const read = async (path, signal) => (await get(path, {}, signal)).data;

/**
 * Changes something of the account or the settings.
 * @param {string[]} path @param {object} [body] @param {AbortSignal} [signal]
 * @returns {Promise<any>} what `data` holds
 */
export async function change(path, body = {}, signal) {
  const answer = await ask(path, {}, signal, { method: "POST", body: JSON.stringify(body) });
  const told = await answer.json().catch(() => null);
  if (answer.ok && told) return told.data;
  const fields = inWords(told?.errors ?? {});
  const texts = Object.values(fields).flat();
  // The server's message names the first field as the API does; a form has words of its own for its fields.
  throw texts.length ? new ApiError(answer.status, texts.join(" "), fields) : refusal(answer, told);
}

/** What the API says of types and lengths, said to a person. @type {[RegExp, (most: string) => string][]} */
const IN_WORDS = [
  [/^This field is required\.$|^Expected `str` of length >= 1\.$/, () => "Fill this in."],
  [/^Expected `str` of length >= (\d+)\.$/, (least) => `Use at least ${least} characters.`],
  [/^Expected `str` of length <= (\d+)\.$/, (most) => `Use at most ${most} characters.`],
  [/^Expected `array` of length >= 1\.$/, () => "Choose at least one."],
];

/** @param {Record<string, string[]>} errors */
const inWords = (errors) =>
  Object.fromEntries(
    Object.entries(errors).map(([name, texts]) => [
      name,
      texts.map((text) => IN_WORDS.reduce((told, [pattern, say]) => told.replace(pattern, (_, bound) => say(bound)), text)),
    ]),
  );

/**
 * @param {Record<string, string | null | undefined>} query
 * @param {AbortSignal} [signal]
 * @returns {Promise<{data: Session[], pagination: Pagination}>}
 */
export const sessions = (query, signal) => get(["sessions"], query, signal);

/**
 * What a text may mean: actors, sessions, resources.
 * @param {string} text @param {AbortSignal} [signal]
 * @returns {Promise<{data: import("./types.js").Found}>}
 */
export const search = (text, signal) => get(["search"], { q: text }, signal);

/**
 * When the sessions that meet the filters began.
 * @param {Record<string, string | null | undefined>} query @param {AbortSignal} [signal]
 * @returns {Promise<{data: import("./types.js").Activity}>}
 */
export const sessionActivity = (query, signal) => get(["activity", "sessions"], query, signal);

/**
 * One session and up to 500 of its steps, so that nearly every session is read whole.
 * @param {string} id @param {string | null} cursor @param {AbortSignal} [signal]
 * @returns {Promise<{data: Session & {timeline: Step[]}, pagination: Pagination}>}
 */
export const session = (id, cursor, signal) => get(["sessions", id], { limit: "500", cursor }, signal);

/**
 * @param {string} type @param {string} id @param {string | null} cursor @param {AbortSignal} [signal]
 * @returns {Promise<{data: Step[], pagination: Pagination}>}
 */
export const history = (type, id, cursor, signal) =>
  get(["resources", type, id, "history"], { limit: "100", cursor }, signal);

/**
 * Verifies a part of a period; `next_cursor` in the verdict leads to the next part.
 * @param {string} from @param {string} to @param {string | null} cursor @param {AbortSignal} [signal]
 * @returns {Promise<{data: import("./types.js").Verdict}>}
 */
export const verify = (from, to, cursor, signal) => get(["verify"], { from, to, cursor }, signal);

/**
 * The sessions beside a session. @param {string} id @param {AbortSignal} [signal]
 * @returns {Promise<{data: import("./types.js").Neighbour[]}>}
 */
export const neighbours = (id, signal) => get(["sessions", id, "neighbours"], {}, signal);

/**
 * A session in plain words, and a draft of the answer.
 * @param {string} id @param {string} zone @param {AbortSignal} [signal]
 * @returns {Promise<{data: import("./types.js").Told}>}
 */
export const story = (id, zone, signal) => get(["sessions", id, "story"], { zone }, signal);

/**
 * Verifies a part of the whole log, sessions with its last part.
 * @param {string | null} cursor @param {AbortSignal} [signal]
 * @returns {Promise<{data: import("./types.js").Verdict}>}
 */
export const verifyLog = (cursor, signal) => get(["verify"], { limit: "20000", cursor }, signal);

/**
 * The newest signed checkpoints. @param {string} limit @param {AbortSignal} [signal]
 * @returns {Promise<{data: import("./types.js").Checkpoint[]}>}
 */
export const checkpoints = (limit, signal) => get(["checkpoints"], { limit }, signal);

/** @param {AbortSignal} [signal] @returns {Promise<{data: import("./types.js").SigningKey[]}>} */
export const signingKeys = (signal) => get(["signing-keys"], {}, signal);

/** @param {AbortSignal} [signal] @returns {Promise<{data: import("./types.js").Anchor[]}>} */
export const anchors = (signal) => get(["anchors"], { limit: "10" }, signal);

/**
 * @param {Record<string, string | null | undefined>} query @param {AbortSignal} [signal]
 * @returns {Promise<{data: import("./types.js").Investigation[], pagination: {has_more: boolean, next_cursor: string | null}}>}
 */
export const investigations = (query, signal) => get(["investigations"], query, signal);

/**
 * The evidence pack of a session or an investigation: a ZIP archive.
 * @param {string[]} path @param {Record<string, string>} query @param {AbortSignal} [signal]
 */
export async function evidence(path, query, signal) {
  const answer = await ask([...path, "evidence"], query, signal);
  if (answer.ok)
    return answer.blob().catch(() => {
      signal?.throwIfAborted();
      throw new ApiError(0, "The connection broke before all of the pack was here. Try again.");
    });
  throw refusal(answer, await answer.json().catch(() => null));
}
