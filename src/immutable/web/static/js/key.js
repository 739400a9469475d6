/** The API key of this tab. */

const NAME = "immutable.key";

// sessionStorage, because it ends with the tab, is seen by this tab alone, and is never sent by the browser of its own
// accord (as a cookie would be, which would let other sites act with it). Scripts of this origin can read it, and the
// Content-Security-Policy lets none but ours run.
export const key = {
  /** @returns {string | null} */
  get: () => sessionStorage.getItem(NAME),
  /** @param {string} value */
  keep: (value) => sessionStorage.setItem(NAME, value),
  forget: () => sessionStorage.removeItem(NAME),
};
