/** Addresses of the views. They stand behind the #, so that ids reach no access log and may hold any character. */

/** @typedef {{view: string, ids: string[], query: URLSearchParams}} Route */

/** @returns {Route} */
export function route() {
  const [path, query = ""] = location.hash.replace(/^#\/?/, "").split(/\?(.*)/s);
  const [view, ...ids] = path.split("/").map((part) => {
    try {
      return decodeURIComponent(part);
    } catch {
      return part;
    }
  });
  return { view: view || "sessions", ids: ids.filter(Boolean), query: new URLSearchParams(query) };
}

/** @param {string[]} path @param {URLSearchParams} [query] */
const address = (path, query) => `#/${path.map(encodeURIComponent).join("/")}${query?.size ? `?${query}` : ""}`;

export const to = {
  /** @param {URLSearchParams} [query] */
  sessions: (query) => address(["sessions"], query),
  /** @param {string} id @param {string | null} [step] event to stand on @param {string | null} [view] "words": told */
  session: (id, step, view) =>
    address(["sessions", id], new URLSearchParams({ ...(step && { step }), ...(view && { view }) })),
  /** @param {boolean} [isClosed] */
  investigations: (isClosed) => address(["investigations"], new URLSearchParams(isClosed ? { closed: "true" } : {})),
  /** @param {string} id */
  investigation: (id) => address(["investigations", id]),
  proof: () => address(["proof"]),
  /** @param {URLSearchParams} [query] */
  live: (query) => address(["live"], query),
  /** @param {string} type @param {string} id */
  resource: (type, id) => address(["resources", type, id]),
};

/** @param {string} address */
export const go = (address) => void (location.hash = address);

/** Changes the address without a new entry in the history and without drawing anew. @param {string} address */
export const rewrite = (address) => history.replaceState(history.state, "", address);
