/** When a failed request is sent again, and after how long. Pure, but for the dice. */

/**
 * Exponential backoff with jitter, bounded in number and in time. The delays double from `firstDelayMs` up to `longestDelayMs`, each cut
 * by up to half at random; the server's `Retry-After` counts where it is longer. No retry begins later than `totalMs` after the first try.
 */
export interface RetryPolicy {
  retries: number;
  firstDelayMs: number;
  longestDelayMs: number;
  totalMs: number;
}

export const DEFAULT_RETRY: RetryPolicy = { retries: 3, firstDelayMs: 100, longestDelayMs: 5_000, totalMs: 20_000 };

/** How a queue retries: nobody waits for it, so it rides out a restart of the server. */
export const PATIENT_RETRY: RetryPolicy = { retries: Infinity, firstDelayMs: 200, longestDelayMs: 30_000, totalMs: 300_000 };

/** Milliseconds to wait before the next try; undefined to give up. */
export function delayOf(policy: RetryPolicy, retriesDone: number, elapsedMs: number, retryAfter?: number): number | undefined {
  if (retriesDone >= policy.retries) return undefined;
  const backoff = Math.min(policy.longestDelayMs, policy.firstDelayMs * 2 ** Math.min(retriesDone, 60));
  const delay = Math.max(backoff * (0.5 + Math.random() / 2), (retryAfter ?? 0) * 1000);
  return elapsedMs + delay <= policy.totalMs ? delay : undefined;
}
