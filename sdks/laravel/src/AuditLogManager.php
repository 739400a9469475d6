<?php

declare(strict_types=1);

namespace GetImmutable;

use GetImmutable\Jobs\SendAuditLogEvent;
use Illuminate\Contracts\Auth\Authenticatable;
use Illuminate\Contracts\Bus\Dispatcher;
use Illuminate\Database\Connection;
use Illuminate\Database\Eloquent\Model;
use RuntimeException;
use Throwable;

/** What stands behind the facade: completes events with what the request says, and sends them by the queue or at once. */
class AuditLogManager
{
    private readonly Outbox $outbox;

    public function __construct(
        private readonly AuditLogClient $client,
        private readonly bool $async = true,
        private readonly bool $autoSession = false,
        ?Outbox $outbox = null,
    ) {
        $this->outbox = $outbox ?? new Outbox(new Delivery($client), new Counters(storage_path('framework/getimmutable')));
    }

    /**
     * Take one event.
     *
     * @param  array<string, mixed>  $payload
     * @return array<string, mixed>|null its receipt, where it was sent at once
     *
     * @throws GetImmutableException where it is sent at once and neither sent nor spooled
     */
    public function track(array $payload): ?array
    {
        return $this->accept([$this->complete($payload)], false)[0];
    }

    /**
     * Take several events.
     *
     * @param  array<int, array<string, mixed>>  $events
     * @return array{events: list<array<string, mixed>|null>}|null their receipts, where they were sent at once
     *
     * @throws GetImmutableException where they are sent at once and none is sent or spooled
     */
    public function trackBatch(array $events): ?array
    {
        if ($events === []) {
            return null;
        }
        $receipts = $this->accept(array_map($this->complete(...), array_values($events)), true);

        return $receipts === [null] ? null : ['events' => $receipts];
    }

    /** Start building events of the signed-in user; of `system` where nobody is. */
    public function fromAuth(): PendingEvent
    {
        return new PendingEvent($this, Actor::of(auth()->user()) ?? Actor::SYSTEM);
    }

    /**
     * Start building events of an actor: a user, an array of `id`, `name` and `type`, or an id with the rest beside it.
     *
     * @param  Authenticatable|array{id: string|int, name?: ?string, type?: ?string}|string|int  $actor
     */
    public function actor(Authenticatable|array|string|int $actor, ?string $name = null, ?string $type = null): PendingEvent
    {
        $fields = match (true) {
            $actor instanceof Authenticatable => Actor::of($actor),
            is_array($actor) => $actor,
            default => ['id' => $actor],
        };

        return new PendingEvent($this, array_replace($fields, array_filter(['name' => $name, 'type' => $type])));
    }

    /**
     * Track what the signed-in user does in this request. Needs the CaptureAuditContext middleware.
     *
     * @param  Model|array<string, mixed>|string|null  $resource
     * @param  array<string, mixed>  $metadata
     * @return array<string, mixed>|null
     *
     * @throws RuntimeException where nobody is signed in, or the middleware did not run
     */
    public function log(string $action, Model|array|string|null $resource = null, array $metadata = []): ?array
    {
        $context = $this->context()->current();
        if ($context->actorId === null) {
            throw new RuntimeException('AuditLog::log() needs the CaptureAuditContext middleware and a signed-in user; elsewhere use AuditLog::actor(...)->track().');
        }

        return $this->actor(['id' => $context->actorId, 'name' => $context->actorName, 'type' => $context->actorType])->track($action, $resource, $metadata);
    }

    /** The client: what it is asked, it sends at once. */
    public function client(): AuditLogClient
    {
        return $this->client;
    }

    /** @return array{queued: int, sent: int, retried: int, given_up: int, spooled: int} counted on this machine so far */
    public function stats(): array
    {
        return $this->outbox->counters->all();
    }

    /** @param  callable(list<array<string, mixed>>, Throwable): mixed  $hook  is told which events were given up, and why */
    public function onGiveUp(callable $hook): void
    {
        $this->outbox->onGiveUp($hook);
    }

    /** @return array{sent: int, waiting: int} events of the spool that were sent now, and files that still wait */
    public function replay(): array
    {
        return $this->outbox->replay();
    }

    /** Run this once the transaction is committed, and never if it is rolled back: what did not happen is not audited. */
    public function whenCommitted(Connection $connection, callable $track): void
    {
        $connection->transactionLevel() > 0 ? $connection->afterCommit($track) : $track();
    }

    /**
     * @param  list<array<string, mixed>>  $events
     * @return list<array<string, mixed>|null>
     */
    protected function accept(array $events, bool $isBatch): array
    {
        $events = array_map(fn (array $event): array => $this->outbox->take($event, $this->async), $events);
        if (! $this->async) {
            return $this->outbox->send($events, (float) config('getimmutable.timeout', 5.0));
        }
        foreach (array_chunk($events, Delivery::LARGEST_BATCH) as $part) {
            $this->dispatch($isBatch ? new SendAuditLogEvent($part, true) : new SendAuditLogEvent($part[0]), $part);
        }

        return [null];
    }

    /** @param  list<array<string, mixed>>  $events */
    private function dispatch(SendAuditLogEvent $job, array $events): void
    {
        try {
            app(Dispatcher::class)->dispatch($job);
        } catch (GetImmutableException $error) {
            throw $error; // the `sync` queue ran the job here and now, and has settled it
        } catch (Throwable $error) {
            if (! $this->outbox->spoolOrGiveUp($events, $error)) { // the queue itself is down
                throw $error;
            }
        }
    }

    /**
     * @param  array<string, mixed>  $payload
     * @return array<string, mixed>
     */
    private function complete(array $payload): array
    {
        if (($payload['resource'] ?? null) instanceof Model) {
            $payload = ResourceFields::of($payload['resource']) + array_diff_key($payload, ['resource' => true]);
        }
        $payload = array_filter($payload, static fn (mixed $value): bool => $value !== null && $value !== '' && $value !== []);
        $payload += $this->context()->fields();
        if ($this->autoSession && ! isset($payload['session_id']) && app()->bound('request') && request()->hasSession()) {
            $payload['session_id'] = SessionHash::of(request()->session()->getId(), self::sessionSecret());
        }

        return $payload;
    }

    /** The key of the hash that automatic capture sends. */
    public static function sessionSecret(): string
    {
        return (string) (config('getimmutable.session_secret') ?: config('getimmutable.api_key'));
    }

    private function context(): RequestContext
    {
        return app(RequestContext::class);
    }
}
