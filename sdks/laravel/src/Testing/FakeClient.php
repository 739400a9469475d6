<?php

declare(strict_types=1);

namespace GetImmutable\Testing;

use Closure;
use GetImmutable\AuditLogClient;
use GetImmutable\GetImmutableException;
use GetImmutable\IdempotencyKey;

/** The client of `AuditLog::fake()`: hands events over, and reads nothing; for answers to reading, use `Http::fake()` instead. */
final class FakeClient extends AuditLogClient
{
    /** @param  Closure(array<string, mixed>): void  $remember */
    public function __construct(private readonly Closure $remember)
    {
        parent::__construct('imk_fake', 'http://127.0.0.1:0');
    }

    protected function call(string $method, string $path, array $query = [], array|object|null $body = null, bool $repeatable = true, ?float $within = null, ?string $file = null): array
    {
        return match ("$method $path") {
            'POST /events' => $this->receipt($body),
            'POST /events/batch' => ['events' => array_map($this->receipt(...), $body['events'])],
            default => throw new GetImmutableException("AuditLog::fake() remembers events and cannot answer $method $path; use Http::fake() for that"),
        };
    }

    /**
     * @param  array<string, mixed>  $event
     * @return array<string, mixed>
     */
    private function receipt(array $event): array
    {
        ($this->remember)($event);

        return ['id' => IdempotencyKey::make(), 'status' => 'queued'];
    }
}
