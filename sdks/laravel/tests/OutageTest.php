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
        putenv('GETIMMUTABLE_SPOOL_DIR');
        unset($_ENV['GETIMMUTABLE_SPOOL_DIR'], $_SERVER['GETIMMUTABLE_SPOOL_DIR']);
    }

    /** Wait until the counters of all processes are as they should be; the processes may not end before. */
    private function waitFor(callable $happened, array $running): void
    {
        for ($until = hrtime(true) + 120e9; ! $happened(AuditLog::stats()); usleep(10_000)) {
            self::assertLessThan($until, hrtime(true), json_encode(AuditLog::stats()));
            foreach ($running as $process => $handle) {
                self::assertTrue(proc_get_status($handle)['running'], (string) file_get_contents("{$this->storage}/err-$process"));
            }
        }
    }

    /** Each event that the application made is in the log once: sent before, spooled during, or sent after the outage. */
    public function test_nothing_is_lost_or_doubled_under_load(): void
    {
        $away = (float) (getenv('IMMUTABLE_OUTAGE_SECONDS') ?: 0);
        $actor = self::fresh('user');
        $server = Server::shared();
        $running = [];
        for ($process = 0; $process < self::PROCESSES; $process++) {
            $command = [PHP_BINARY, __DIR__.'/App/artisan', 'documents:work', $actor, (string) $process, "{$this->storage}/stop"];
            $running[] = proc_open($command, [1 => ['file', "{$this->storage}/out-$process", 'w'], 2 => ['file', "{$this->storage}/err-$process", 'w']], $pipes);
        }
        $this->waitFor(static fn (array $stats): bool => $stats['sent'] >= self::PROCESSES * 5, $running);
        $server->stop();
        $back = hrtime(true) + $away * 1e9;
        $this->waitFor(static fn (array $stats): bool => $stats['spooled'] >= self::PROCESSES * 3 && hrtime(true) >= $back, $running);
        $server->start();
        $sent = AuditLog::stats()['sent'];
        $this->waitFor(static fn (array $stats): bool => $stats['sent'] >= $sent + self::PROCESSES * 5, $running);
        touch("{$this->storage}/stop");
        foreach ($running as $process => $handle) {
            self::assertSame(0, proc_close($handle), (string) file_get_contents("{$this->storage}/err-$process"));
        }
        config(['getimmutable.timeout' => 50]);
        $this->app->forgetInstance(\GetImmutable\AuditLogClient::class);
        $this->app->forgetInstance(\GetImmutable\Outbox::class);
        self::assertSame(0, Artisan::call('immutable:replay'));

        $wanted = [];
        for ($process = 0; $process < self::PROCESSES; $process++) {
            foreach (range(1, (int) file_get_contents("{$this->storage}/out-$process")) as $number) {
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
