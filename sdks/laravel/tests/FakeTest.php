<?php

declare(strict_types=1);

namespace GetImmutable\Tests;

use GetImmutable\AuditLog;
use GetImmutable\AuditLogManager;
use GetImmutable\GetImmutableException;
use GetImmutable\Tests\App\Models\Document;
use Illuminate\Support\Facades\DB;
use PHPUnit\Framework\AssertionFailedError;

final class FakeTest extends TestCase
{
    /** Events are remembered as they would be sent, and none is sent. */
    public function test_events_are_remembered_and_not_sent(): void
    {
        $fake = AuditLog::fake();
        $actor = self::fresh('user');
        AuditLog::assertNothingTracked();
        AuditLog::actor($actor)->session('sess_1')->track('document.renamed', ['type' => 'document', 'id' => 'doc_1'], ['title' => 'Q3']);
        app(AuditLogManager::class)->trackBatch([['actor_id' => $actor, 'action' => 'item.created'], ['actor_id' => $actor, 'action' => 'item.created']]);
        DB::beginTransaction();
        Document::create(['id' => 'doc_2', 'title' => 'Q4']);
        AuditLog::assertTracked('document.created', static fn (array $event): bool => $event['resource_name'] === 'Q4');
        DB::rollBack();

        AuditLog::assertTracked('document.renamed');
        AuditLog::assertTracked('document.*', static fn (array $event): bool => $event['metadata'] === ['title' => 'Q3'] && $event['session_id'] === 'sess_1');
        AuditLog::assertTracked(static fn (array $event): bool => $event['actor_id'] === $actor);
        AuditLog::assertTrackedTimes('item.created', 2);
        AuditLog::assertNotTracked('document.deleted');
        AuditLog::assertNotTracked('document.renamed', static fn (array $event): bool => $event['resource_id'] === 'doc_9');
        self::assertSame('doc_1', $fake->tracked('document.renamed')->sole()['resource_id']);
        $this->app->forgetInstance('auditlog');
        self::assertSame([], $this->eventsOf($actor));
    }

    /**
     * Each assertion fails where it should, and says what was tracked.
     *
     * @dataProvider wrongAssertions
     */
    public function test_an_assertion_that_is_not_met_fails(\Closure $assertion): void
    {
        AuditLog::fake();
        AuditLog::actor('u')->track('document.renamed');
        try {
            $assertion();
        } catch (AssertionFailedError $error) {
            self::assertStringContainsString('Tracked: document.renamed.', $error->getMessage());

            return;
        }
        self::fail('the assertion held');
    }

    /** @return array<string, array{\Closure}> */
    public static function wrongAssertions(): array
    {
        return [
            'tracked' => [static fn () => AuditLog::assertTracked('document.deleted')],
            'tracked so' => [static fn () => AuditLog::assertTracked('document.renamed', static fn (): bool => false)],
            'times' => [static fn () => AuditLog::assertTrackedTimes('document.renamed', 2)],
            'not' => [static fn () => AuditLog::assertNotTracked('document.*')],
            'nothing' => [static fn () => AuditLog::assertNothingTracked()],
        ];
    }

    /** It cannot be read, and says what can. */
    public function test_a_fake_is_not_read(): void
    {
        AuditLog::fake();
        $this->expectException(GetImmutableException::class);
        $this->expectExceptionMessage('Http::fake()');
        AuditLog::client()->getEvents();
    }
}
