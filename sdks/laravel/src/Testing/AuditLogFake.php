<?php

declare(strict_types=1);

namespace GetImmutable\Testing;

use GetImmutable\AuditLogClient;
use GetImmutable\AuditLogManager;
use GetImmutable\Counters;
use GetImmutable\Delivery;
use GetImmutable\Outbox;
use Illuminate\Database\Connection;
use Illuminate\Support\Collection;
use Illuminate\Support\Str;
use PHPUnit\Framework\Assert;

/**
 * Remembers events instead of sending them. An action may be a pattern (`document.*`), and a callback gets each event as an
 * array, with every field, null where it is not sent: `fn (array $event) => $event['resource_id'] === '7'`. A callback alone
 * stands for any action.
 */
class AuditLogFake extends AuditLogManager
{
    private const FIELDS = [
        'actor_id', 'actor_name', 'actor_type', 'action', 'action_category', 'resource', 'resource_id', 'resource_name', 'targets',
        'metadata', 'changes', 'tenant_id', 'session_id', 'ip_address', 'user_agent', 'on_behalf_of', 'trace_id', 'request_id',
        'occurred_at', 'idempotency_key', 'version', 'producer',
    ];

    /** @var list<array<string, mixed>> */
    private array $tracked = [];

    public function __construct()
    {
        $client = new FakeClient($this->remember(...));
        // The counters get a folder that cannot be made, and so live in this process alone.
        parent::__construct($client, false, (bool) config('getimmutable.auto_session', false), new Outbox(new Delivery($client), new Counters('/dev/null/none')));
    }

    /**
     * The events of an action, and for which the callback is true, oldest first.
     *
     * @return Collection<int, array<string, mixed>>
     */
    public function tracked(callable|string|null $action = null, ?callable $matches = null): Collection
    {
        if ($action !== null && ! is_string($action)) {
            [$action, $matches] = [null, $action];
        }

        return Collection::make($this->tracked)->filter(
            static fn (array $event): bool => ($action === null || Str::is($action, $event['action'])) && ($matches === null || $matches($event))
        )->values();
    }

    /** Such an event was tracked. */
    public function assertTracked(callable|string $action, ?callable $matches = null): void
    {
        Assert::assertNotSame(0, $this->tracked($action, $matches)->count(), 'No such event was tracked'.self::named($action).'. '.$this->seen());
    }

    /** Such an event was tracked exactly so often. */
    public function assertTrackedTimes(callable|string $action, int $times = 1): void
    {
        Assert::assertSame($times, $this->tracked($action)->count(), 'The number of such events'.self::named($action).' differs. '.$this->seen());
    }

    /** No such event was tracked. */
    public function assertNotTracked(callable|string $action, ?callable $matches = null): void
    {
        Assert::assertSame(0, $this->tracked($action, $matches)->count(), 'Such an event was tracked'.self::named($action).'. '.$this->seen());
    }

    /** No event at all was tracked. */
    public function assertNothingTracked(): void
    {
        Assert::assertSame([], $this->tracked, 'Events were tracked. '.$this->seen());
    }

    /** At once: tests often run in a transaction that is never committed. */
    public function whenCommitted(Connection $connection, callable $track): void
    {
        $track();
    }

    /** @param  array<string, mixed>  $event */
    private function remember(array $event): void
    {
        $this->tracked[] = $event + array_fill_keys(self::FIELDS, null);
    }

    private static function named(callable|string $action): string
    {
        return is_string($action) ? " ($action)" : '';
    }

    private function seen(): string
    {
        $actions = array_column($this->tracked, 'action');

        return $actions === [] ? 'None was.' : 'Tracked: '.implode(', ', $actions).'.';
    }
}
