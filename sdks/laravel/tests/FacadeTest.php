<?php

declare(strict_types=1);

namespace GetImmutable\Tests;

use GetImmutable\AuditLog;
use GetImmutable\GetImmutableException;
use GetImmutable\Tests\App\Models\Document;
use GetImmutable\Tests\App\Models\User;
use Illuminate\Support\Facades\Auth;

final class FacadeTest extends TestCase
{
    /** The case that the system exists for: a kept session object tracks many events, and the session reads as a story. */
    public function test_a_kept_session_object_tracks_the_story_of_ticket_4821(): void
    {
        [$actor, $session] = [self::fresh('user'), self::fresh('sess')];
        $report = ['type' => 'document', 'id' => 'doc_8f3a2c1d', 'name' => 'Q3 Budget Report'];

        $lisa = AuditLog::actor($actor, 'Lisa Wang', 'user')->session($session)->ipAddress('203.0.113.7');
        $receipt = $lisa->track('document.viewed', $report, ['location' => 'recent files']);
        $lisa->track('document.edited', $report);
        $lisa->track('folder.viewed', ['type' => 'folder', 'name' => 'Finance Team']);
        $lisa->track('document.moved_to_trash', $report, ['location' => 'Finance Team']);
        $lisa->track('trash.emptied', 'trash', ['items' => 1]);
        $lisa->track('search.performed', null, ['query' => 'Q3 Budget']);

        self::assertSame('queued', $receipt['status']);
        self::assertMatchesRegularExpression('/^[0-9a-f]{64}$/', $receipt['event_hash']);
        $events = AuditLog::client()->getEvents(['session_id' => $session, 'limit' => 100])['data'];
        self::assertSame(
            ['document.viewed', 'document.edited', 'folder.viewed', 'document.moved_to_trash', 'trash.emptied', 'search.performed'],
            array_column($events, 'action'),
        );
        self::assertSame(['Q3 Budget Report', '203.0.113.7', ['location' => 'Finance Team']], [$events[3]['resource_name'], $events[3]['ip_address'], $events[3]['metadata']]);
        self::assertSame([$session], array_values(array_unique(array_column(AuditLog::client()->getEvents(['actor_id' => $actor, 'limit' => 50])['data'], 'session_id'))));

        $story = AuditLog::client()->getSession($session)['data'];
        self::assertSame([6, 2], [$story['events_count'], $story['destructive_count']]);
        self::assertSame(array_column($events, 'action'), AuditLog::client()->getTimeline($session)->pluck('action')->all());
        self::assertSame([$session], array_column(AuditLog::client()->getSessions(['actor_id' => $actor])['data'], 'session_id'));
        self::assertContains('document.moved_to_trash', AuditLog::client()->iterResourceHistory('document', 'doc_8f3a2c1d')->pluck('action')->all());
        self::assertTrue(AuditLog::client()->verify()['data']['valid']);
    }

    /** `fromAuth` is the signed-in user, and `system` where nobody is. */
    public function test_from_auth_is_the_signed_in_user(): void
    {
        $session = self::fresh('sess');
        AuditLog::fromAuth()->session($session)->track('cache.cleared');
        Auth::setUser((new User)->forceFill(['id' => 4711, 'name' => 'Lisa Wang']));
        AuditLog::fromAuth()->session($session)->track('report.exported', 'Report');

        [$first, $second] = AuditLog::client()->getEvents(['session_id' => $session])['data'];
        self::assertSame(['id' => 'system', 'name' => null, 'type' => 'system'], $first['actor']);
        self::assertSame(['id' => '4711', 'name' => 'Lisa Wang', 'type' => 'user'], $second['actor']);
        self::assertSame('Report', $second['resource']['type']);
    }

    /** A resource is an Eloquent model, a type, or nothing; a model says its type, key and name. */
    public function test_a_resource_is_a_model_a_string_or_nothing(): void
    {
        $actor = self::fresh('user');
        $document = (new Document)->forceFill(['id' => 'doc_1', 'title' => 'Q3 Budget Report']);
        $user = (new User)->forceFill(['id' => 7, 'name' => 'Tom']);
        $pending = AuditLog::actor($actor)->target($user)->target('folder', 'fld_1', 'Finance', ['private' => true]);
        $pending->track('document.shared', $document);
        $pending->targets([])->track('report.exported', 'Report');
        $pending->track('user.left');

        [$shared, $exported, $left] = $this->eventsOf($actor);
        self::assertSame(['type' => 'document', 'id' => 'doc_1', 'name' => 'Q3 Budget Report'], $shared['resource']);
        self::assertSame(['User', 'folder'], array_column($shared['targets'], 'type'));
        self::assertSame(['7', 'Tom'], [$shared['targets'][0]['id'], $shared['targets'][0]['name']]);
        self::assertSame(['private' => true], $shared['targets'][1]['metadata']);
        self::assertSame(['type' => 'Report', 'id' => null, 'name' => null], $exported['resource']);
        self::assertNull($left['resource']['type'] ?? null);
    }

    /** Raw payloads and batches are taken as in the published package; a bad event of a batch is refused alone. */
    public function test_raw_payloads_and_batches(): void
    {
        $actor = self::fresh('user');
        $given = [];
        AuditLog::onGiveUp(static function (array $events, \Throwable $error) use (&$given): void {
            $given[] = [array_column($events, 'action'), $error->errors()];
        });
        AuditLog::track(['actor_id' => $actor, 'action' => 'project.created', 'resource' => 'Project', 'resource_id' => 'prj_1']);
        $answer = AuditLog::trackBatch([
            ['actor_id' => $actor, 'action' => 'item.created'],
            ['actor_id' => $actor, 'action' => str_repeat('x', 300)],
            ['actor_id' => $actor, 'action' => 'item.deleted'],
        ]);

        self::assertSame(['queued', 'rejected', 'queued'], array_column($answer['events'], 'status'));
        self::assertSame(['project.created', 'item.created', 'item.deleted'], array_column($this->eventsOf($actor), 'action'));
        self::assertSame([str_repeat('x', 300)], $given[0][0]);
        self::assertArrayHasKey('action', $given[0][1]);
        self::assertSame(['queued' => 4, 'sent' => 3, 'retried' => 0, 'given_up' => 1, 'spooled' => 0], AuditLog::stats());
    }

    /** What the server refuses is raised with its words, told to the hook and counted. */
    public function test_a_refused_event_is_raised(): void
    {
        try {
            AuditLog::actor('')->track('a.b');
            self::fail('nothing was raised');
        } catch (GetImmutableException $error) {
            self::assertSame([422, 'validation_failed'], [$error->statusCode, $error->errorCode()]);
            self::assertArrayHasKey('actor_id', $error->errors());
            self::assertSame(1, AuditLog::stats()['given_up']);
        }
    }

    /** The verb `log` needs a request that the middleware saw, and says so. */
    public function test_log_without_the_middleware_says_what_to_do(): void
    {
        $this->expectException(\RuntimeException::class);
        $this->expectExceptionMessage('CaptureAuditContext');
        AuditLog::log('a.b');
    }
}
