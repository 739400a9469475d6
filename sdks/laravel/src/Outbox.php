<?php

declare(strict_types=1);

namespace GetImmutable;

use Illuminate\Support\Facades\Log;
use InvalidArgumentException;
use Throwable;

/**
 * What happens to a finished event: delivered, spooled, or given up and told. There is no fourth way.
 * Does not decide whether it goes by the queue (AuditLogManager) or when the queue tries again (Jobs\SendAuditLogEvent).
 */
final class Outbox
{
    /** @var (callable(list<array<string, mixed>>, Throwable): mixed)|null */
    private $onGiveUp = null;

    public function __construct(
        public readonly Delivery $delivery,
        public readonly Counters $counters,
        private readonly ?Producer $producer = null,
        private readonly ?Spool $spool = null,
    ) {
        $delivery->client->onRetry(fn () => $counters->add('retried'));
    }

    /** @param  callable(list<array<string, mixed>>, Throwable): mixed  $hook  is told which events were not sent, and why */
    public function onGiveUp(callable $hook): void
    {
        $this->onGiveUp = $hook;
    }

    /**
     * Take an event: with its key, time and number it is what all tries will send.
     *
     * @param  array<string, mixed>  $event
     * @param  bool  $mayWait  it may be sent later than it happens, so it has to say when that was
     * @return array<string, mixed>
     */
    public function take(array $event, bool $mayWait): array
    {
        $event = IdempotencyKey::on(Plain::value($event));
        if ($mayWait || $this->spool !== null) {
            $event['occurred_at'] ??= Plain::instant(now());
        }
        Plain::json($event); // what JSON cannot hold is refused here, before it has a number
        if ($this->producer !== null) {
            $event['producer'] = $this->producer->next();
        }
        $this->counters->add('queued');

        return $event;
    }

    /**
     * Deliver now. What cannot be delivered is spooled (its receipt is null), or given up.
     *
     * @param  list<array<string, mixed>>  $events
     * @return list<array<string, mixed>|null> receipts in the events' order
     *
     * @throws GetImmutableException where nothing was sent or spooled
     */
    public function send(array $events, float $within): array
    {
        try {
            $fates = $this->delivery->deliver($events, $within);
        } catch (InvalidArgumentException $unusable) { // no key, or no address
            $this->giveUp($events, $unusable);
            throw $unusable;
        }
        $this->settle($fates);
        $open = array_values(array_filter($fates, static fn (Fate $fate): bool => $fate->isOpen()));
        $isKept = $open === [] || $this->spoolOrGiveUp(self::events($open), $open[0]->error);
        $failed = array_filter($fates, static fn (Fate $fate): bool => $fate->error !== null && $fate->receipt === null && ! ($fate->isOpen() && $isKept));
        if (count($failed) === count($fates) && $failed !== []) {
            $fates[0]->error->isSettled = true;
            throw $fates[0]->error;
        }

        return array_map(static fn (Fate $fate): ?array => $fate->receipt ?? ($fate->isOpen() ? null : $fate->error?->responseBody), $fates);
    }

    /**
     * Count what is known, and give up what the server will never take. What is open stays with the caller.
     *
     * @param  list<Fate>  $fates
     */
    public function settle(array $fates): void
    {
        $sent = array_filter($fates, static fn (Fate $fate): bool => $fate->error === null);
        if ($sent !== []) {
            $this->counters->add('sent', count($sent));
        }
        foreach ($fates as $fate) {
            if ($fate->error !== null && ! $fate->isOpen()) {
                $this->giveUp([$fate->event], $fate->error);
            }
        }
    }

    /**
     * @param  list<array<string, mixed>>  $events
     * @return bool true: they are on disk; false: they were given up
     */
    public function spoolOrGiveUp(array $events, Throwable $error): bool
    {
        if ($this->spool !== null && $this->spool->write($events)) {
            $this->counters->add('spooled', count($events));

            return true;
        }
        $this->giveUp($events, $error);

        return false;
    }

    /** @param  list<array<string, mixed>>  $events */
    public function giveUp(array $events, Throwable $error): void
    {
        $this->counters->add('given_up', count($events));
        try {
            $this->onGiveUp === null
                ? Log::error(count($events).' audit events could not be sent: '.$error->getMessage())
                : ($this->onGiveUp)($events, $error);
        } catch (Throwable $failure) {
            Log::error(count($events)." audit events could not be sent ({$error->getMessage()}), and the hook failed: {$failure->getMessage()}");
        }
    }

    /**
     * Send what is on disk, as far as the server takes it.
     *
     * @param  float|null  $within  each file is tried for so many seconds
     * @return array{sent: int, waiting: int} events whose fate is known now; files that still wait
     */
    public function replay(?float $within = null): array
    {
        $sent = 0;
        $this->spool?->replay(function (array $events) use (&$sent, $within): bool {
            $fates = $this->delivery->deliver($events, $within);
            foreach ($fates as $fate) {
                if ($fate->isOpen()) {
                    return false; // the whole file again later: what was stored already is recognised by its key
                }
            }
            $this->settle($fates);
            $sent += count($fates);

            return true;
        });

        return ['sent' => $sent, 'waiting' => $this->spool?->waiting() ?? 0];
    }

    /**
     * @param  list<Fate>  $fates
     * @return list<array<string, mixed>>
     */
    private static function events(array $fates): array
    {
        return array_map(static fn (Fate $fate): array => $fate->event, $fates);
    }
}
