/** One call of the API as a value, before anything is sent. Pure; `transport.ts` sends it. */

export interface ApiRequest {
  method: "GET" | "POST";
  /** With what stands in it quoted, and the query. */
  path: string;
  body?: string;
  /** Sending it twice has the effect of sending it once. */
  repeatable: boolean;
  /** The answer is a file, and comes back as it is while its body is still on its way. */
  isFile?: boolean;
}

/** Read `path` with these parameters; what is undefined or null is left out. */
export function get(path: string, parameters: object = {}): ApiRequest {
  return { method: "GET", path: path + query(parameters), repeatable: true };
}

/** Ask for a file. Not sent again where making it may have begun. */
export function getFile(path: string, parameters: object = {}): ApiRequest {
  return { ...get(path, parameters), repeatable: false, isFile: true };
}

/** Send JSON. Throws TypeError for what JSON cannot hold. */
export function post(path: string, body: object, repeatable = true): ApiRequest {
  return { method: "POST", path, body: JSON.stringify(body), repeatable };
}

/** A path with ids in it, each quoted whole: path`/v1/events/${id}`. Throws TypeError for an id that would call something else. */
export function path(parts: TemplateStringsArray, ...ids: unknown[]): string {
  return parts.reduce((before, part, place) => before + segment(ids[place - 1]) + part);
}

function segment(id: unknown): string {
  const text = String(id ?? "");
  // A segment of one or two dots is resolved as in a file system on its way, however it is quoted.
  if (text === "" || text === "." || text === "..") throw new TypeError(`"${text}" is no id`);
  // Through UTF-8 and back, because half a surrogate pair cannot be quoted.
  return encodeURIComponent(new TextDecoder().decode(new TextEncoder().encode(text)));
}

function query(parameters: object): string {
  const given = Object.entries(parameters).filter(([, value]) => value !== undefined && value !== null);
  if (given.length === 0) return "";
  return `?${new URLSearchParams(given.map(([name, value]) => [name, value instanceof Date ? value.toISOString() : String(value)]))}`;
}
