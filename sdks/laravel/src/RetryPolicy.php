<?php

declare(strict_types=1);

namespace GetImmutable;

/**
 * When a failed request is sent again, and after how long: exponential backoff with jitter, bounded in number and in time.
 * A `Retry-After` of the server counts instead where it is longer. No retry begins later than `total` seconds after the first try.
 */
final class RetryPolicy
{
    public function __construct(
        public readonly int $retries = 3,
        public readonly float $firstDelay = 0.1,
        public readonly float $longestDelay = 5.0,
        public readonly float $total = 20.0,
    ) {}

    /** Seconds to wait before the next try; null to give up. */
    public function delay(int $retriesDone, float $elapsed, ?float $retryAfter, ?float $total = null): ?float
    {
        if ($retriesDone >= $this->retries) {
            return null;
        }
        $backoff = min($this->longestDelay, $this->firstDelay * 2.0 ** min($retriesDone, 60));
        $delay = max($backoff * random_int(500, 1000) / 1000, $retryAfter ?? 0.0);

        return $elapsed + $delay <= ($total ?? $this->total) ? $delay : null;
    }
}
