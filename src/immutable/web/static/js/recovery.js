/** Waits for a server that did not answer, and tries again what failed once it does. */

const FIRST_MS = 2000;
const MOST_MS = 30_000;

let wait = FIRST_MS;
/** @type {ReturnType<typeof setTimeout> | undefined} */
let timer;

/** What a server that is away, or starts, is told by: no answer, or one of a proxy before it. @param {number} status */
export const isAway = (status) => [0, 502, 503, 504].includes(status);

/** Look for the server as long as something on the page waits for it. */
export function awaitServer() {
  timer ??= setTimeout(look, wait);
}

/** Loads the desk anew, if the server is there to load it from. */
export async function reload() {
  if (await answers()) location.reload();
  else awaitServer();
}

const answers = () => fetch("healthz", { cache: "no-store", credentials: "omit" }).then(({ ok }) => ok, () => false);

async function look() {
  clearTimeout(timer);
  timer = undefined;
  const waiting = () => /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll(".retry"));
  if (waiting().length === 0) return void (wait = FIRST_MS);
  const isThere = await answers();
  // Whatever fails again, waits again, and longer.
  wait = Math.min(MOST_MS, wait * 2);
  if (!isThere) return awaitServer();
  for (const button of waiting()) button.click();
}

addEventListener("online", look);
