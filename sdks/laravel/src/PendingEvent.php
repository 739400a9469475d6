<?php

declare(strict_types=1);

namespace GetImmutable;

use DateTimeInterface;
use Illuminate\Database\Eloquent\Model;

/**
 * The fluent builder: who acts and in which session is said once, then one `track` call for each event.
 *
 * What is said about actor, session, place and targets holds for every event that follows. What belongs to one event,
 * `idempotencyKey`, `occurredAt` and `changes`, holds for the next `track` only: a key that stayed would turn every later
 * event into a duplicate of the first.
 */
class PendingEvent
{
    /** @var array<string, mixed> */
    private array $lasting;

    /** @var array<string, mixed> */
    private array $once = [];

    /** @var list<array<string, mixed>> */
    private array $targets = [];

    /** @param  array{id: string|int, name?: ?string, type?: ?string}  $actor */
    public function __construct(private readonly AuditLogManager $manager, array $actor)
    {
        $this->lasting = [
            'actor_id' => (string) $actor['id'],
            'actor_name' => $actor['name'] ?? null,
            'actor_type' => $actor['type'] ?? null,
        ];
    }

    /** The key of the next event; an event whose key was seen before is not stored again. */
    public function idempotencyKey(string $key): static
    {
        $this->once['idempotency_key'] = $key;

        return $this;
    }

    /** When the next event happened, if that is not now. */
    public function occurredAt(DateTimeInterface|string $time): static
    {
        $this->once['occurred_at'] = $time;

        return $this;
    }

    /** @param  array<string, array{old: mixed, new: mixed}>  $changes  what the next event changed */
    public function changes(array $changes): static
    {
        $this->once['changes'] = $changes;

        return $this;
    }

    /** The version of the event schema. */
    public function version(int $version): static
    {
        return $this->with('version', $version);
    }

    public function actionCategory(?string $category): static
    {
        return $this->with('action_category', $category);
    }

    /** The session, sent as it is given. */
    public function session(?string $sessionId): static
    {
        return $this->with('session_id', $sessionId);
    }

    /** The customer of yours in whose account this happens. */
    public function tenant(string|int|null $tenantId): static
    {
        return $this->with('tenant_id', $tenantId === null ? null : (string) $tenantId);
    }

    /** The end user's address. */
    public function ipAddress(?string $address): static
    {
        return $this->with('ip_address', $address);
    }

    /** The end user's `User-Agent`. */
    public function userAgent(?string $text): static
    {
        return $this->with('user_agent', $text);
    }

    /** The person in whose name the actor acts: impersonation, an agent, a job. */
    public function onBehalfOf(string|int $id, ?string $name = null, ?string $type = null): static
    {
        return $this->with('on_behalf_of', array_filter(['id' => (string) $id, 'name' => $name, 'type' => $type], static fn (?string $text): bool => $text !== null));
    }

    public function trace(?string $traceId): static
    {
        return $this->with('trace_id', $traceId);
    }

    public function request(?string $requestId): static
    {
        return $this->with('request_id', $requestId);
    }

    /**
     * Add something that the actions also touch.
     *
     * @param  Model|array<string, mixed>|string  $resource
     * @param  array<string, mixed>|null  $metadata
     */
    public function target(mixed $resource, string|int|null $id = null, ?string $name = null, ?array $metadata = null): static
    {
        $target = ResourceFields::target($resource, $id === null ? null : (string) $id, $name);
        $this->targets[] = $metadata ? $target + ['metadata' => $metadata] : $target;

        return $this;
    }

    /** @param  array<int, array<string, mixed>>  $targets  all targets at once; none takes them away */
    public function targets(array $targets): static
    {
        $this->targets = array_values($targets);

        return $this;
    }

    /**
     * Track an event.
     *
     * @param  Model|array{type?: string, id?: string|int, name?: string}|string|null  $resource
     * @param  array<string, mixed>  $metadata
     * @return array<string, mixed>|null its receipt, where it was sent at once
     */
    public function track(string $action, mixed $resource = null, array $metadata = []): ?array
    {
        [$once, $this->once] = [$this->once, []];

        return $this->manager->track(
            ['action' => $action, 'metadata' => $metadata, 'targets' => $this->targets] + ResourceFields::of($resource) + $once + $this->lasting
        );
    }

    private function with(string $field, mixed $value): static
    {
        $this->lasting[$field] = $value;

        return $this;
    }
}
