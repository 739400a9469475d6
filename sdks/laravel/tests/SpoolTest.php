<?php

declare(strict_types=1);

namespace GetImmutable\Tests;

use GetImmutable\AuditLog;
use GetImmutable\GetImmutableException;
use GetImmutable\Spool;
use Illuminate\Support\Facades\Artisan;
use Illuminate\Support\Facades\Http;

/** What PHP-FPM cannot deliver in a request goes to disk, and from there to the server. */
final class SpoolTest extends TestCase
{
    private string $folder;

    private string $actor;

    protected function environment(): array
    {
        $this->folder = "{$this->storage}/spool";
        $this->actor = self::fresh('user');

        return ['GETIMMUTABLE_SPOOL_DIR' => $this->folder];
    }

    protected function tearDown(): void
    {
        parent::tearDown();
        putenv('GETIMMUTABLE_SPOOL_DIR');
        unset($_ENV['GETIMMUTABLE_SPOOL_DIR'], $_SERVER['GETIMMUTABLE_SPOOL_DIR']);
    }

    /** @return list<string> */
    private function files(): array
    {
        return glob("{$this->folder}/*.jsonl") ?: [];
    }

    /** Server down: the request goes on, the events lie on disk as they go over the wire; server up: the command sends each once. */
    public function test_server_down_then_up(): void
    {
        $server = Server::shared();
        $server->stop();
        try {
            self::assertNull(AuditLog::actor($this->actor)->track('document.viewed', 'document', ['number' => 1]));
            AuditLog::trackBatch([['actor_id' => $this->actor, 'action' => 'a.two'], ['actor_id' => $this->actor, 'action' => 'a.three']]);
            self::assertSame(1, Artisan::call('immutable:replay'));
        } finally {
            $server->start();
        }
        self::assertCount(2, $this->files());
        self::assertMatchesRegularExpression('~/\d{13}-[0-9a-f]{16}\.jsonl$~', $this->files()[0]);
        self::assertSame('0600', substr(sprintf('%o', fileperms($this->files()[0])), -4));
        $event = json_decode(file($this->files()[0])[0], true);
        self::assertSame(['document.viewed', ['number' => 1]], [$event['action'], $event['metadata']]);
        self::assertNotEmpty($event['idempotency_key']);
        $copy = file_get_contents($this->files()[0]);

        self::assertSame(0, Artisan::call('immutable:replay'));
        self::assertSame("3 events were sent, 0 files wait.\n", Artisan::output());
        self::assertSame([], $this->files());
        self::assertSame($event['occurred_at'], $this->eventsOf($this->actor)[0]['occurred_at']);

        file_put_contents("{$this->folder}/1774630391000-0123456789abcdef.jsonl", $copy); // killed before the file was deleted
        Artisan::call('immutable:replay');
        self::assertSame(['document.viewed', 'a.two', 'a.three'], array_column($this->eventsOf($this->actor), 'action'));
        self::assertSame([3, 3, 0], [AuditLog::stats()['queued'], AuditLog::stats()['spooled'], AuditLog::stats()['given_up']]);
    }

    /** A queue worker looks into the spool when it starts. */
    public function test_a_queue_worker_replays(): void
    {
        (new Spool($this->folder, 1_000_000))->write([['actor_id' => $this->actor, 'action' => 'a.b', 'idempotency_key' => self::fresh('key')]]);
        Artisan::call('queue:work', ['--stop-when-empty' => true, '--sleep' => 0]);
        self::assertSame([[], 1], [$this->files(), count($this->eventsOf($this->actor))]);
    }

    /** Files are sent in the order in which they were written, however fast that was. */
    public function test_files_keep_their_order(): void
    {
        $spool = new Spool($this->folder, 1_000_000);
        $actions = array_map(static fn (int $number): string => "a.number_$number", range(1, 50));
        foreach ($actions as $action) {
            $spool->write([['actor_id' => $this->actor, 'action' => $action]]);
        }
        $read = array_map(static fn (string $file): string => json_decode((string) file_get_contents($file), true)['action'], $this->files());
        self::assertSame($actions, $read);
    }

    /** A server that hangs holds a request up no longer than the timeout, with all tries, and the event is kept. */
    public function test_a_hanging_server_costs_one_timeout(): void
    {
        $hanging = new ScriptedServer(array_fill(0, 9, ['connection' => 'hang']));
        try {
            config(['getimmutable.base_url' => $hanging->url, 'getimmutable.timeout' => 1]);
            AuditLog::actor($this->actor)->track('a.b');
            self::assertCount(1, $hanging->requests(), 'the time of one try was all there was');
        } finally {
            $hanging->stop();
        }
        self::assertCount(1, $this->files());
    }

    /** A queue that is down does not cost the event either. */
    public function test_a_broken_queue_is_spooled(): void
    {
        config(['getimmutable.async' => true, 'getimmutable.queue.connection' => 'broken']);
        self::assertNull(AuditLog::actor($this->actor)->track('a.b'));
        self::assertCount(1, $this->files());
    }

    /** A full spool gives up, tells and counts. */
    public function test_the_spool_is_bounded(): void
    {
        Http::fake(['*' => Http::response(['error' => 'overloaded'], 503, ['Retry-After' => '60'])]);
        config(['getimmutable.spool_max_bytes' => 400]);
        $given = [];
        AuditLog::onGiveUp(static function (array $events) use (&$given): void {
            $given[] = $events[0]['metadata']['number'];
        });
        foreach ([1, 2, 3] as $number) {
            try {
                AuditLog::actor('user_1')->track('a.b', null, ['number' => $number]);
            } catch (GetImmutableException $error) {
                self::assertSame('overloaded', $error->errorCode());
            }
        }
        self::assertSame([2, 1], [count($this->files()), count($given)]);
        self::assertSame(['queued' => 3, 'sent' => 0, 'retried' => 0, 'given_up' => 1, 'spooled' => 2], AuditLog::stats());
    }

    /** What the server refuses of a spooled file is given up, and does not hold up the rest. */
    public function test_a_refused_event_does_not_block_the_spool(): void
    {
        $given = [];
        AuditLog::onGiveUp(static function (array $events) use (&$given): void {
            $given[] = $events[0]['action'];
        });
        $spool = new Spool($this->folder, 1_000_000);
        $spool->write([['actor_id' => '', 'action' => 'a.bad'], ['actor_id' => $this->actor, 'action' => 'a.good', 'idempotency_key' => self::fresh('key')]]);
        file_put_contents("{$this->folder}/1000000000000-torn.jsonl", '{"actor_id": "u", "act');
        Artisan::call('immutable:replay');
        self::assertSame([['a.bad'], ['a.good'], []], [$given, array_column($this->eventsOf($this->actor), 'action'), $this->files()]);
        self::assertFileExists("{$this->folder}/1000000000000-torn.jsonl.unreadable");
    }
}
