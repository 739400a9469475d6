<?php

declare(strict_types=1);

namespace GetImmutable\Jobs;

use GetImmutable\Fate;
use GetImmutable\GetImmutableException;
use GetImmutable\Outbox;
use Illuminate\Bus\Queueable;
use Illuminate\Contracts\Queue\ShouldQueue;
use Illuminate\Foundation\Bus\Dispatchable;
use Illuminate\Queue\InteractsWithQueue;
use Illuminate\Queue\Jobs\SyncJob;
use Throwable;

/**
 * Sends an event, or a batch, from the queue. Its events have their idempotency keys since they were made: however often
 * the job runs, they are stored once. While the server cannot be reached it is tried again, up to `queue.give_up_after`, and
 * a few times at least: a worker that was off for days is no reason to give up.
 */
class SendAuditLogEvent implements ShouldQueue
{
    use Dispatchable, InteractsWithQueue, Queueable;

    /** Seconds between two tries; the last one holds on. */
    private const DELAYS = [1, 2, 5, 10, 20, 30];

    private const FEWEST_TRIES = 3;

    /** Seconds for all tries of one run. */
    private const WITHIN = 20.0;

    /** As many as it takes: `later` decides. */
    public int $tries = 0;

    /** Seconds to wait after an error that is not the server's. */
    public int $backoff = 30;

    private ?int $queuedAt = null;

    /** @param  array<string, mixed>|list<array<string, mixed>>  $payload */
    public function __construct(
        public readonly array $payload,
        public readonly bool $isBatch = false,
    ) {
        $this->queuedAt = now()->getTimestamp();
        $this->onConnection(config('getimmutable.queue.connection'));
        $this->onQueue(config('getimmutable.queue.name', 'getimmutable'));
    }

    public function handle(Outbox $outbox): void
    {
        if ($this->job === null || $this->job instanceof SyncJob) {
            // In the request of a user: no longer than the timeout, and nobody will run this again.
            $outbox->send($this->events(), (float) config('getimmutable.timeout', 5.0));

            return;
        }
        $fates = $outbox->delivery->deliver($this->events(), self::WITHIN);
        $open = array_values(array_filter($fates, static fn (Fate $fate): bool => $fate->isOpen()));
        if ($open !== []) {
            $this->later($open[0]->error, $outbox);

            return;
        }
        $isRefused = array_filter($fates, static fn (Fate $fate): bool => $fate->error === null) === [];
        if ($isRefused) {
            $this->fail($fates[0]->error); // calls `failed`, and Laravel keeps the job among its failed ones

            return;
        }
        $outbox->settle($fates);
    }

    /** Laravel has given the job up. */
    public function failed(Throwable $error): void
    {
        $outbox = app(Outbox::class);
        if (! $error instanceof GetImmutableException) {
            $outbox->spoolOrGiveUp($this->events(), $error);
        } elseif (! $error->isSettled) {
            $error->isTemporary ? $outbox->spoolOrGiveUp($this->events(), $error) : $outbox->giveUp($this->events(), $error);
        }
    }

    private function later(GetImmutableException $error, Outbox $outbox): void
    {
        $tries = $this->attempts();
        $delay = max(self::DELAYS[min($tries, count(self::DELAYS)) - 1], (int) ceil($error->retryAfter ?? 0));
        $until = ($this->queuedAt ?? 0) + (int) config('getimmutable.queue.give_up_after', 86400);
        if ($tries >= self::FEWEST_TRIES && now()->getTimestamp() + $delay > $until) {
            $this->fail($error); // calls `failed`

            return;
        }
        $outbox->counters->add('retried');
        $this->release($delay);
    }

    /** @return list<array<string, mixed>> */
    private function events(): array
    {
        $events = $this->isBatch ? array_values($this->payload) : [$this->payload];
        foreach ($events as $place => $event) {
            // A job that an older version of this package queued has no keys: the job's own id is the same in every try.
            if (($event['idempotency_key'] ?? '') === '' && $this->job?->uuid() !== null) {
                $events[$place]['idempotency_key'] = "job-{$this->job->uuid()}-$place";
            }
        }

        return $events;
    }
}
