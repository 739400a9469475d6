<?php

declare(strict_types=1);

namespace GetImmutable\Tests;

use GetImmutable\AuditLogClient;
use GetImmutable\AuditLogManager;
use GetImmutable\Concerns\TracksEvents;
use GetImmutable\GetImmutableException;
use GetImmutable\GetImmutableServiceProvider;
use GetImmutable\Jobs\SendAuditLogEvent;
use GetImmutable\Middleware\CaptureAuditContext;
use GetImmutable\PendingEvent;
use GetImmutable\RequestContext;
use Illuminate\Support\Facades\Artisan;
use Illuminate\Support\ServiceProvider;

/** Who comes from the published package changes nothing but the server's address. */
final class PublishedSurfaceTest extends TestCase
{
    private const METHODS = [
        AuditLogManager::class => [
            '__construct' => ['client', 'async', 'autoSession'], 'track' => ['payload'], 'trackBatch' => ['events'], 'fromAuth' => [],
            'actor' => ['actor'], 'log' => ['action', 'resource', 'metadata'], 'client' => [],
        ],
        AuditLogClient::class => [
            '__construct' => ['apiKey', 'baseUrl', 'timeout'], 'track' => ['payload'], 'trackBatch' => ['events'], 'getEvents' => ['filters'],
            'getEvent' => ['id'], 'verify' => ['from', 'to', 'limit'], 'createViewerToken' => ['options'], 'getAlerts' => ['filters'],
            'createExport' => ['filters'], 'getExport' => ['id'], 'getAnchors' => ['limit'], 'getAnchor' => ['id'], 'verifyAnchor' => ['id'],
        ],
        PendingEvent::class => [
            'idempotencyKey' => ['key'], 'version' => ['version'], 'actionCategory' => ['category'],
            'target' => ['resource', 'id', 'name', 'metadata'], 'targets' => ['targets'], 'session' => ['sessionId'],
            'track' => ['action', 'resource', 'metadata'],
        ],
        GetImmutableException::class => ['__construct' => ['message', 'statusCode', 'responseBody']],
        SendAuditLogEvent::class => ['__construct' => ['payload', 'isBatch'], 'handle' => []],
        CaptureAuditContext::class => ['handle' => ['request', 'next']],
        TracksEvents::class => ['bootTracksEvents' => []],
    ];

    /** Every published method is there, with its parameters by their names and places, and none more that must be given. */
    public function test_the_published_methods_are_there(): void
    {
        foreach (self::METHODS as $class => $methods) {
            foreach ($methods as $name => $parameters) {
                $method = new \ReflectionMethod($class, $name);
                $has = array_map(static fn (\ReflectionParameter $parameter): string => $parameter->getName(), $method->getParameters());
                self::assertTrue($method->isPublic());
                self::assertSame($parameters, array_slice($has, 0, count($parameters)), "$class::$name");
                self::assertLessThanOrEqual(count($parameters) ?: 1, $method->getNumberOfRequiredParameters(), "$class::$name");
            }
        }
        self::assertSame([], array_diff(['actorId', 'actorName', 'actorType', 'ipAddress', 'userAgent', 'sessionId'], array_keys(get_object_vars(new RequestContext))));
        self::assertInstanceOf(AuditLogManager::class, $this->app->make('auditlog'));
        self::assertSame(['getimmutable', true], [(new SendAuditLogEvent([]))->queue, (new SendAuditLogEvent([], true))->isBatch]);
    }

    /** The config has the published names, is published by the published tag, and can be cached. */
    public function test_the_config(): void
    {
        self::assertSame([], array_diff(['api_key', 'base_url', 'async', 'auto_session', 'auto_context', 'timeout'], array_keys(config('getimmutable'))));
        $paths = ServiceProvider::pathsToPublish(GetImmutableServiceProvider::class, 'getimmutable-config');
        self::assertFileExists(array_key_first($paths));
        self::assertSame('getimmutable.php', basename(reset($paths)));
        self::assertSame(0, Artisan::call('config:cache'));
        self::assertSame(config('getimmutable.base_url'), (require "{$this->storage}/config.php")['getimmutable']['base_url']);
    }

    /** Without an address nothing is sent anywhere, and the error names the variable. */
    public function test_there_is_no_default_server(): void
    {
        config(['getimmutable.base_url' => null]);
        $this->expectException(\InvalidArgumentException::class);
        $this->expectExceptionMessage('GETIMMUTABLE_BASE_URL');
        \GetImmutable\AuditLog::actor('u')->track('a.b');
    }
}
