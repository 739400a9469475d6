<?php

declare(strict_types=1);

namespace GetImmutable\Tests;

use GetImmutable\AuditLog;
use GetImmutable\Jobs\SendAuditLogEvent;
use Illuminate\Support\Carbon;
use Illuminate\Support\Facades\Artisan;
use Illuminate\Support\Facades\DB;
use Illuminate\Support\Facades\Http;

/** Queued sending: the database queue, Laravel's own worker, and our server stopped and started. */
final class QueueTest extends TestCase
{
    private string $actor;

    protected function environment(): array
    {
        return ['GETIMMUTABLE_ASYNC' => 'true'];
    }

    protected function setUp(): void
    {
        parent::setUp();
        $this->actor = self::fresh('user');
    }

    protected function tearDown(): void
    {
        Carbon::setTestNow();
        parent::tearDown();
    }

    private function work(): void
    {
        Artisan::call('queue:work', ['--queue' => 'getimmutable', '--stop-when-empty' => true, '--sleep' => 0]);
    }

    /** An event waits in the queue, says when it happened, and is sent by the worker. */
    public function test_an_event_is_sent_by_the_worker(): void
    {
        Carbon::setTestNow($happened = Carbon::parse('2026-03-27 16:53:11.25'));
        self::assertNull(AuditLog::actor($this->actor)->track('document.viewed', 'document'));
        self::assertNull(AuditLog::trackBatch(array_fill(0, 150, ['actor_id' => $this->actor, 'action' => 'item.created'])));
        Carbon::setTestNow();
        self::assertSame([[], 3], [$this->eventsOf($this->actor), DB::table('jobs')->where('queue', 'getimmutable')->count()]);
        $this->work();

        $events = $this->eventsOf($this->actor);
        self::assertCount(151, $events);
        self::assertSame('2026-03-27T16:53:11.250000Z', $events[0]['occurred_at']);
        self::assertSame(0, DB::table('jobs')->count());
        self::assertSame([151, 151, 0, 0], [AuditLog::stats()['queued'], AuditLog::stats()['sent'], AuditLog::stats()['retried'], AuditLog::stats()['given_up']]);
    }

    /** The worker runs in a process of its own, as in production. */
    public function test_a_worker_process_sends(): void
    {
        AuditLog::actor($this->actor)->track('document.viewed');
        $run = proc_open([PHP_BINARY, __DIR__.'/App/artisan', 'queue:work', '--queue=getimmutable', '--once'], [1 => ['file', '/dev/null', 'w']], $pipes);
        self::assertSame(0, proc_close($run));
        self::assertSame(['document.viewed'], array_column($this->eventsOf($this->actor), 'action'));
        self::assertSame(1, AuditLog::stats()['sent'], 'the counters are those of the machine, not of a process');
    }

    /** A job that runs again after its event had arrived stores nothing twice: the key was made with the event. */
    public function test_a_repeated_job_stores_its_event_once(): void
    {
        AuditLog::actor($this->actor)->track('document.viewed');
        $job = (array) DB::table('jobs')->first();
        $this->work();
        DB::table('jobs')->insert(['id' => $job['id'] + 10] + $job); // the worker was killed before it could delete the job
        $this->work();
        self::assertCount(1, $this->eventsOf($this->actor));
    }

    /** A job that the published package had queued, without keys, is stored once too. */
    public function test_a_job_of_the_published_package_is_stored_once(): void
    {
        $this->app->make(\Illuminate\Contracts\Bus\Dispatcher::class)->dispatch(new SendAuditLogEvent(['actor_id' => $this->actor, 'action' => 'a.b']));
        $job = (array) DB::table('jobs')->first();
        $this->work();
        DB::table('jobs')->insert(['id' => $job['id'] + 10] + $job);
        $this->work();
        self::assertCount(1, $this->eventsOf($this->actor));
    }

    /** Server down, then up: the events wait in the queue, and each is stored once, in spite of tries that had failed. */
    public function test_nothing_is_lost_while_the_server_is_down(): void
    {
        $server = Server::shared();
        $server->stop();
        try {
            for ($number = 1; $number <= 20; $number++) {
                AuditLog::actor($this->actor)->track('document.viewed', null, ['number' => $number]);
            }
            config(['getimmutable.retry.retries' => 0]);
            $this->app->forgetInstance(\GetImmutable\AuditLogClient::class);
            $this->app->forgetInstance(\GetImmutable\Outbox::class);
            $this->work();
            self::assertSame([20, 0], [DB::table('jobs')->count(), DB::table('failed_jobs')->count()]);
            self::assertSame(0, AuditLog::stats()['sent']);
            self::assertGreaterThanOrEqual(20, AuditLog::stats()['retried']);
        } finally {
            $server->start();
        }
        Carbon::setTestNow(Carbon::now()->addMinute());
        $this->work();
        $numbers = array_map(static fn (array $event): int => $event['metadata']['number'], $this->eventsOf($this->actor));
        sort($numbers);
        self::assertSame(range(1, 20), $numbers);
        self::assertSame([20, 20, 0], [AuditLog::stats()['queued'], AuditLog::stats()['sent'], AuditLog::stats()['given_up']]);
    }

    /** The server's wish to wait is honoured, and after `give_up_after` the events are told and kept among the failed jobs. */
    public function test_a_job_waits_as_asked_and_is_given_up_at_last(): void
    {
        config(['getimmutable.retry.retries' => 0, 'getimmutable.queue.give_up_after' => 600]);
        Http::fake(['*' => Http::response(['error' => 'overloaded', 'message' => 'Wait.'], 503, ['Retry-After' => '77'])]);
        $this->app->instance(\Illuminate\Http\Client\Factory::class, Http::getFacadeRoot()); // the worker forgets facades
        $given = [];
        AuditLog::onGiveUp(static function (array $events, \Throwable $error) use (&$given): void {
            $given[] = [array_column($events, 'action'), $error->errorCode()];
        });
        Carbon::setTestNow($start = Carbon::now()->startOfSecond());
        AuditLog::actor($this->actor)->track('a.b');
        $this->work();
        self::assertSame($start->getTimestamp() + 77, (int) DB::table('jobs')->value('available_at'));
        foreach ([301, 599] as $seconds) {
            self::assertSame([], $given);
            Carbon::setTestNow($start->copy()->addSeconds($seconds));
            $this->work();
        }
        self::assertSame([[['a.b'], 'overloaded']], $given);
        self::assertSame([0, 1, 1], [DB::table('jobs')->count(), DB::table('failed_jobs')->count(), AuditLog::stats()['given_up']]);
    }

    /** What the server refuses is not tried again: told once, and kept among the failed jobs. */
    public function test_a_refused_event_is_given_up_at_once(): void
    {
        $given = [];
        AuditLog::onGiveUp(static function (array $events) use (&$given): void {
            $given[] = array_column($events, 'action');
        });
        AuditLog::actor($this->actor)->track(str_repeat('x', 300));
        AuditLog::trackBatch([['actor_id' => $this->actor, 'action' => 'a.good'], ['actor_id' => $this->actor, 'action' => str_repeat('y', 300)]]);
        $this->work();
        self::assertSame([[str_repeat('x', 300)], [str_repeat('y', 300)]], $given);
        self::assertSame(['a.good'], array_column($this->eventsOf($this->actor), 'action'));
        self::assertSame([0, 1], [DB::table('jobs')->count(), DB::table('failed_jobs')->count()]);
        self::assertSame(['queued' => 3, 'sent' => 1, 'retried' => 0, 'given_up' => 2, 'spooled' => 0], AuditLog::stats());
    }

    /** Where the application has no queue (`sync`), the request sends, and what is refused is raised and told once. */
    public function test_the_sync_queue_sends_in_the_request(): void
    {
        config(['getimmutable.queue.connection' => 'sync']);
        $given = 0;
        AuditLog::onGiveUp(static function () use (&$given): void {
            $given++;
        });
        AuditLog::actor($this->actor)->track('a.b');
        self::assertCount(1, $this->eventsOf($this->actor));
        try {
            AuditLog::actor($this->actor)->track(str_repeat('x', 300));
            self::fail('nothing was raised');
        } catch (\GetImmutable\GetImmutableException $error) {
            self::assertSame(422, $error->statusCode);
        }
        self::assertSame([1, 1], [$given, AuditLog::stats()['given_up']]);
    }

    /** Where the queue itself is down and there is no spool, the caller is told: the event was not taken. */
    public function test_a_broken_queue_is_raised(): void
    {
        config(['getimmutable.queue.connection' => 'broken']);
        try {
            AuditLog::actor($this->actor)->track('a.b');
            self::fail('nothing was raised');
        } catch (\PDOException) {
            self::assertSame(1, AuditLog::stats()['given_up']);
        }
    }
}
