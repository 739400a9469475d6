<?php

declare(strict_types=1);

namespace GetImmutable;

use GetImmutable\Console\ReplayCommand;
use GetImmutable\Middleware\CaptureAuditContext;
use Illuminate\Contracts\Foundation\Application;
use Illuminate\Contracts\Http\Kernel as HttpKernel;
use Illuminate\Foundation\Http\Kernel;
use Illuminate\Queue\Events\Looping;
use Illuminate\Support\Facades\Event;
use Illuminate\Support\ServiceProvider;

/** Puts the package together from `config/getimmutable.php`. Laravel finds it by itself. */
class GetImmutableServiceProvider extends ServiceProvider
{
    /** Seconds between two looks of a queue worker into the spool folder. */
    private const REPLAY_EVERY = 30.0;

    public function register(): void
    {
        $this->mergeConfigFrom(__DIR__.'/../config/getimmutable.php', 'getimmutable');
        $this->app->singleton(AuditLogClient::class, static function (Application $app): AuditLogClient {
            $config = $app['config']['getimmutable'];
            $retry = $config['retry'] ?? [];

            return new AuditLogClient((string) $config['api_key'], (string) $config['base_url'], (float) $config['timeout'], new RetryPolicy(
                (int) ($retry['retries'] ?? 3),
                (float) ($retry['first_delay'] ?? 0.1),
                (float) ($retry['longest_delay'] ?? 5.0),
                (float) ($retry['total'] ?? 20.0),
            ));
        });
        $this->app->singleton(Outbox::class, static function (Application $app): Outbox {
            $config = $app['config']['getimmutable'];
            $state = (string) ($config['state_dir'] ?? $app->storagePath().'/framework/getimmutable');
            $hasProducer = ($config['producer'] ?? '') !== '';
            $hasSpool = ($config['spool_dir'] ?? '') !== '';

            return new Outbox(
                new Delivery($app->make(AuditLogClient::class)),
                new Counters($state),
                $hasProducer ? new Producer((string) $config['producer'], $state) : null,
                $hasSpool ? new Spool((string) $config['spool_dir'], (int) ($config['spool_max_bytes'] ?? 67_108_864)) : null,
            );
        });
        $this->app->singleton('auditlog', static fn (Application $app): AuditLogManager => new AuditLogManager(
            $app->make(AuditLogClient::class),
            (bool) $app['config']['getimmutable']['async'],
            (bool) ($app['config']['getimmutable']['auto_session'] ?? false),
            $app->make(Outbox::class),
        ));
        $this->app->alias('auditlog', AuditLogManager::class);
        $this->app->scoped(RequestContext::class);
    }

    public function boot(): void
    {
        $this->publishes([__DIR__.'/../config/getimmutable.php' => $this->app->configPath('getimmutable.php')], 'getimmutable-config');
        if ($this->app->runningInConsole()) {
            $this->commands([ReplayCommand::class]);
        }
        if ($this->app['config']['getimmutable']['auto_context'] ?? false) {
            // At the kernel, not the router: the kernel, whenever it is made, writes its own groups over the router's.
            $this->callAfterResolving(HttpKernel::class, static function (HttpKernel $kernel): void {
                if ($kernel instanceof Kernel && isset($kernel->getMiddlewareGroups()['web'])) {
                    $kernel->appendMiddlewareToGroup('web', CaptureAuditContext::class);
                }
            });
        }
        $this->replayFromQueueWorkers();
    }

    private function replayFromQueueWorkers(): void
    {
        $last = null;
        // Returns nothing: a listener that says false would stop the worker, and so would an exception.
        Event::listen(Looping::class, function () use (&$last): void {
            if ($last === null || hrtime(true) - $last > self::REPLAY_EVERY * 1e9) {
                $last = hrtime(true);
                rescue(fn () => $this->app->make(Outbox::class)->replay((float) config('getimmutable.timeout', 5.0)));
            }
        });
    }
}
