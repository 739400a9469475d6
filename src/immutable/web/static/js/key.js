/** The API key of this tab, and what the server said that it may do. */

const NAME = "immutable.key";
const ACCESS = "immutable.access";

/** @typedef {{workspace_id: string, workspace_name: string, scopes: string[]}} Access */

// sessionStorage, because it ends with the tab, is seen by this tab alone, and is never sent by the browser of its own
// accord (as a cookie would be, which would let other sites act with it). Scripts of this origin can read it, and the
// Content-Security-Policy lets none but ours run.
export const key = {
  /** @returns {string | null} */
  get: () => sessionStorage.getItem(NAME),
  /** @param {string} value */
  keep(value) {
    sessionStorage.setItem(NAME, value);
    sessionStorage.removeItem(ACCESS);
  },
  forget() {
    sessionStorage.removeItem(NAME);
    sessionStorage.removeItem(ACCESS);
  },
  /** @param {Access} access */
  allow: (access) => sessionStorage.setItem(ACCESS, JSON.stringify(access)),
  /** @returns {Access | null} null until the server was asked; what a key may do never changes */
  access: () => JSON.parse(sessionStorage.getItem(ACCESS) ?? "null"),
};
