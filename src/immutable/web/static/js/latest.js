/** Asks after a pause in typing, and hears only the answer to what was asked last. */

const PAUSE_MS = 250;

/**
 * @template T
 * @param {(signal: AbortSignal) => Promise<T>} ask
 * @param {(answer: T) => void} show
 * @param {(error: unknown) => void} failed
 */
export function latest(ask, show, failed) {
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let pause;
  /** @type {AbortController | null} */
  let asking = null;

  async function now() {
    clearTimeout(pause);
    asking?.abort();
    const { signal } = (asking = new AbortController());
    try {
      const answer = await ask(signal);
      if (!signal.aborted) show(answer);
    } catch (error) {
      if (!signal.aborted) failed(error);
    }
  }
  return {
    now,
    soon: () => {
      clearTimeout(pause);
      pause = setTimeout(now, PAUSE_MS);
    },
    stop: () => {
      clearTimeout(pause);
      asking?.abort();
    },
  };
}
