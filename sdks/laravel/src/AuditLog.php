<?php

declare(strict_types=1);

namespace GetImmutable;

use GetImmutable\Testing\AuditLogFake;
use Illuminate\Support\Facades\Facade;

/**
 * The facade. What it calls is AuditLogManager; after `AuditLog::fake()`, AuditLogFake.
 *
 * @method static array|null track(array $payload)
 * @method static array|null trackBatch(array $events)
 * @method static array|null log(string $action, \Illuminate\Database\Eloquent\Model|array|string|null $resource = null, array $metadata = [])
 * @method static PendingEvent fromAuth()
 * @method static PendingEvent actor(\Illuminate\Contracts\Auth\Authenticatable|array|string|int $actor, ?string $name = null, ?string $type = null)
 * @method static AuditLogClient client()
 * @method static array stats()
 * @method static void onGiveUp(callable $hook)
 * @method static array replay()
 * @method static void assertTracked(callable|string $action, ?callable $matches = null)
 * @method static void assertTrackedTimes(callable|string $action, int $times = 1)
 * @method static void assertNotTracked(callable|string $action, ?callable $matches = null)
 * @method static void assertNothingTracked()
 * @method static \Illuminate\Support\Collection tracked(callable|string|null $action = null, ?callable $matches = null)
 *
 * @see AuditLogManager
 * @see AuditLogFake
 */
class AuditLog extends Facade
{
    /** From now on, events are remembered for assertions and not sent. */
    public static function fake(): AuditLogFake
    {
        $fake = new AuditLogFake;
        static::swap($fake);

        return $fake;
    }

    protected static function getFacadeAccessor(): string
    {
        return 'auditlog';
    }
}
