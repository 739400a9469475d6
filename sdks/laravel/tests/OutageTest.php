<?php

declare(strict_types=1);

namespace GetImmutable\Tests;

use GetImmutable\AuditLog;
use Illuminate\Support\Facades\Artisan;

/**
 * The application under load, in processes of its own, while the real server goes away and comes back.
 * IMMUTABLE_OUTAGE_SECONDS is how long it is away (60 for the real thing), at least until some events are spooled.
 */
final class OutageTest extends TestCase
{
    private const PROCESSES = 3;


    protected function environment(): array
    {
        return ['GETIMMUTABLE_SPOOL_DIR' => "{$this->storage}/spool", 'GETIMMUTABLE_TIMEOUT' => '1'];
    }

    protected function tearDown(): void
    {
        parent::tearDown();
        foreach (['GETIMMUTABLE_TIMEOUT', 'GETIMMUTABLE_SPOOL_DIR'] as $name) {
            putenv($name);
            unset($_ENV[$name], $_SERVER[$name]);
        }
    }

    /** Each event that the application made is in the log once: sent before, spooled during, or sent after the outage. */
    public function test_nothing_is_lost_or_doubled_under_load(): void
    {
        $away = (float) (getenv('IMMUTABLE_OUTAGE_SECONDS') ?: 0);
        $events = 60 + (int) ($away * 2); // while the server is away, one takes most of its second
        $actor = self::fresh('user');
        $server = Server::shared();
        $running = [];
        for ($process = 0; $process < self::PROCESSES; $process++) {
            $command = [PHP_BINARY, __DIR__.'/App/artisan', 'documents:work', $actor, (string) $process, (string) $events];
            $running[] = proc_open($command, [1 => ['file', "{$this->storage}/out-$process", 'w'], 2 => ['file', "{$this->storage}/err-$process", 'w']], $pipes);
        }
        while (AuditLog::stats()['sent'] < self::PROCESSES * 5) {
            usleep(10_000);
        }
        $server->stop();
        $began = hrtime(true);
        while (AuditLog::stats()['spooled'] < self::PROCESSES * 3 || hrtime(true) - $began < $away * 1e9) {
            usleep(10_000);
        }
        $server->start();
        foreach ($running as $process => $handle) {
            self::assertSame(0, proc_close($handle), (string) file_get_contents("{$this->storage}/err-$process"));
        }
        self::assertSame(0, Artisan::call('immutable:replay'));

        $wanted = [];
        for ($process = 0; $process < self::PROCESSES; $process++) {
            foreach (range(1, $events) as $number) {
                $wanted[] = "$process-$number";
            }
        }
        $got = array_map(static fn (array $event): string => $event['metadata']['number'], $this->eventsOf($actor));
        self::assertEqualsCanonicalizing($wanted, $got);
        $stats = AuditLog::stats();
        self::assertSame([count($wanted), count($wanted), 0], [$stats['queued'], $stats['sent'], $stats['given_up']]);
        self::assertTrue($this->client()->verify()['data']['valid']);
    }
}
