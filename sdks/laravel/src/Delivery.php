<?php

declare(strict_types=1);

namespace GetImmutable;

/** Delivers events and tells each one's fate, in their order; splits what the server refuses as a whole. */
final class Delivery
{
    /** The server refused the request as a whole, for its size or for an event that it could not read. */
    private const SPLIT = [400, 413, 422];

    public const LARGEST_BATCH = 100;

    public function __construct(public readonly AuditLogClient $client) {}

    /**
     * @param  list<array<string, mixed>>  $events
     * @param  float|null  $within  all tries together end within so many seconds
     * @return list<Fate>
     */
    public function deliver(array $events, ?float $within = null): array
    {
        $until = $within === null ? null : microtime(true) + $within;
        $fates = [];
        foreach (array_chunk($events, self::LARGEST_BATCH) as $batch) {
            $last = end($fates);
            // What comes after a server that does not answer has to wait too: one wait for all, not one for each batch.
            $fates = array_merge($fates, $last instanceof Fate && $last->isOpen()
                ? self::alike($batch, $last->error)
                : $this->batch($batch, $until));
        }

        return $fates;
    }

    /**
     * @param  list<array<string, mixed>>  $events
     * @return list<Fate>
     */
    private function batch(array $events, ?float $until): array
    {
        $within = $until === null ? null : max(0.05, $until - microtime(true));
        try {
            if (count($events) === 1) {
                return [new Fate($events[0], $this->client->track($events[0], $within))];
            }
            $answer = $this->client->trackBatch($events, within: $within);
        } catch (GetImmutableException $error) {
            if (count($events) === 1 || ! in_array($error->statusCode, self::SPLIT, true)) {
                return self::alike($events, $error);
            }
            // Halving finds the one event that spoils the rest, and fits a server with a lower limit.
            $half = intdiv(count($events), 2);

            return array_merge($this->batch(array_slice($events, 0, $half), $until), $this->batch(array_slice($events, $half), $until));
        }
        $receipts = $answer['events'] ?? null;
        if (! is_array($receipts) || count($receipts) !== count($events)) {
            return self::alike($events, new GetImmutableException("The server's answer does not name each event of the batch", 0, $answer));
        }

        return array_map(static fn (array $event, array $receipt): Fate => new Fate(
            $event,
            $receipt,
            ($receipt['status'] ?? null) === 'rejected'
                ? new GetImmutableException('Immutable rejected an event: '.($receipt['message'] ?? $receipt['error'] ?? ''), 422, $receipt)
                : null,
        ), $events, array_values($receipts));
    }

    /**
     * @param  list<array<string, mixed>>  $events
     * @return list<Fate>
     */
    private static function alike(array $events, GetImmutableException $error): array
    {
        return array_map(static fn (array $event): Fate => new Fate($event, null, $error), $events);
    }
}
