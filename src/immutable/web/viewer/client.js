/** Speaks to /api/v1/viewer with the token; asks for a new token where the server says that it has ended. */

/** What went wrong. `status` is 0 where the server gave no answer. */
export class ViewerError extends Error {
  /** @param {number} status @param {string} [message] */
  constructor(status, message = "") {
    super(message);
    this.status = status;
  }
}

/**
 * @param {string} server
 * @param {import("./token.js").TokenKeeper} keeper
 * @param {string[]} path
 * @param {Record<string, string | null | undefined>} query empty values are left out
 * @param {AbortSignal} signal
 * @returns {Promise<{data: any, pagination: import("../static/js/types.js").Pagination}>}
 */
export async function ask(server, keeper, path, query, signal) {
  const params = new URLSearchParams(Object.entries(query).flatMap(([name, value]) => (value ? [[name, value]] : [])));
  const address = new URL(`api/v1/viewer/${path.map(encodeURIComponent).join("/")}?${params}`, server);
  let token = keeper.value;
  let answer = await fetched(address, token, signal);
  if (answer.status === 401 && (keeper.value !== token || (await keeper.renew()))) {
    token = keeper.value;
    answer = await fetched(address, token, signal);
  }
  const body = await answer.json().catch(() => null);
  if (answer.ok && body) return body;
  throw new ViewerError(answer.status, body?.message);
}

/** @param {URL} address @param {string} token @param {AbortSignal} signal */
async function fetched(address, token, signal) {
  try {
    return await fetch(address, {
      headers: { Authorization: `Bearer ${token}`, Accept: "application/json" },
      signal,
      cache: "no-store",
      credentials: "omit",
      referrerPolicy: "no-referrer",
      redirect: "error",
    });
  } catch (error) {
    if (signal.aborted) throw error;
    throw new ViewerError(0);
  }
}
