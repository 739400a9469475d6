<?php

declare(strict_types=1);

namespace GetImmutable\Tests;

use GetImmutable\AuditLog;
use GetImmutable\Producer;
use Illuminate\Support\Facades\Http;

final class ProducerTest extends TestCase
{
    protected function environment(): array
    {
        return ['GETIMMUTABLE_PRODUCER' => 'web-3'];
    }

    /** Every event carries the producer, one run, and numbers from 1 in the order the events were made. */
    public function test_events_are_numbered(): void
    {
        Http::fake(['*' => Http::response(['events' => [['id' => '1', 'status' => 'queued'], ['id' => '2', 'status' => 'queued']]], 202)]);
        AuditLog::actor('u')->track('a.one');
        AuditLog::trackBatch([['actor_id' => 'u', 'action' => 'a.two'], ['actor_id' => 'u', 'action' => 'a.three']]);
        $sent = Http::recorded()->flatMap(static function (array $pair): array {
            $body = json_decode($pair[0]->body(), true);

            return $body['events'] ?? [$body];
        })->pluck('producer');
        self::assertSame([1, 2, 3], $sent->pluck('sequence')->all());
        self::assertSame(['web-3'], $sent->pluck('id')->unique()->all());
        self::assertMatchesRegularExpression('/^[0-9a-f]{16}$/', $sent->pluck('run')->unique()->sole());
    }

    /** The processes of a machine count in one run, each number once: PHP-FPM's requests are too short to count in. */
    public function test_processes_share_the_numbers(): void
    {
        $code = 'require $argv[1]; $p = new GetImmutable\Producer("web-3", $argv[2]); for ($i = 0; $i < 200; $i++) { $n = $p->next(); echo $n["run"], " ", $n["sequence"], "\n"; }';
        $runs = [];
        for ($process = 0; $process < 4; $process++) {
            $runs[] = [proc_open([PHP_BINARY, '-r', $code, '--', __DIR__.'/bootstrap.php', "{$this->storage}/shared"], [1 => ['pipe', 'w']], $pipes), $pipes[1]];
        }
        $lines = [];
        foreach ($runs as [$process, $output]) {
            $lines = array_merge($lines, explode("\n", trim((string) stream_get_contents($output))));
            self::assertSame(0, proc_close($process));
        }
        $numbers = array_map(static fn (string $line): int => (int) explode(' ', $line)[1], $lines);
        sort($numbers);
        self::assertSame(range(1, 800), $numbers);
        self::assertCount(1, array_unique(array_map(static fn (string $line): string => explode(' ', $line)[0], $lines)));
    }

    /** Without a folder that can be written, the process counts for itself. */
    public function test_a_process_can_count_alone(): void
    {
        $producer = new Producer('web-3', '/dev/null/nowhere');
        [$first, $second] = [$producer->next(), $producer->next()];
        self::assertSame([1, 2, $first['run']], [$first['sequence'], $second['sequence'], $second['run']]);
    }
}
