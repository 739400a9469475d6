<?php

declare(strict_types=1);

namespace GetImmutable\Tests;

use GetImmutable\AuditLog;
use GetImmutable\Tests\App\Models\Document;
use GetImmutable\Tests\App\Models\Status;
use GetImmutable\Tests\App\Models\User;
use Illuminate\Support\Facades\Auth;
use Illuminate\Support\Facades\DB;

/** Eloquent models on SQLite. */
final class TracksEventsTest extends TestCase
{
    private string $actor;

    protected function setUp(): void
    {
        parent::setUp();
        $this->actor = (string) random_int(1, PHP_INT_MAX);
        Auth::setUser((new User)->forceFill(['id' => (int) $this->actor, 'name' => 'Lisa Wang']));
    }

    private function document(): Document
    {
        return Document::create(['id' => self::fresh('doc'), 'title' => 'Draft', 'status' => Status::Draft, 'tags' => ['q3'], 'due_at' => '2026-03-27 10:15:00', 'recipe' => 'old recipe', 'share_link' => 'old-link', 'internal_note' => 'old note']);
    }

    /** Created, updated, trashed, restored and deleted for good: one event each, with its category. */
    public function test_the_life_of_a_model(): void
    {
        $document = $this->document();
        $document->update(['title' => 'Q3 Budget Report']);
        $document->delete();
        $document->restore();
        $document->forceDelete();

        $events = $this->eventsOf($this->actor);
        self::assertSame(
            [['document.created', 'create'], ['document.updated', 'update'], ['document.deleted', 'delete'], ['document.restored', 'update'], ['document.forceDeleted', 'delete']],
            array_map(static fn (array $event): array => [$event['action'], $event['action_category']], $events),
        );
        self::assertSame(['type' => 'document', 'id' => $document->id, 'name' => 'Q3 Budget Report'], $events[1]['resource']);
        self::assertEquals(['title' => ['old' => 'Draft', 'new' => 'Q3 Budget Report']], $events[1]['changes']);
    }

    /** Changes are those of the casts; hidden and excluded attributes are left out, of encrypted ones it is said that they changed. */
    public function test_changes_show_old_and_new_and_no_secrets(): void
    {
        $document = $this->document();
        $document->update([
            'status' => Status::Final, 'tags' => ['q3', 'budget'], 'due_at' => '2026-04-01 08:00:00', 'pages' => '12',
            'recipe' => 'new recipe', 'share_link' => 'new-link', 'internal_note' => 'new note', 'body' => str_repeat('ü', 5000),
        ]);

        $event = $this->eventsOf($this->actor)[1];
        self::assertEquals([
            'status' => ['old' => 'draft', 'new' => 'final'],
            'tags' => ['old' => ['q3'], 'new' => ['q3', 'budget']],
            'due_at' => ['old' => '2026-03-27T10:15:00.000000Z', 'new' => '2026-04-01T08:00:00.000000Z'],
            'pages' => ['old' => null, 'new' => 12],
            'recipe' => ['old' => '[secret]', 'new' => '[secret]'],
            'body' => ['old' => null, 'new' => str_repeat('ü', 1024).'…'],
        ], $event['changes']);
        self::assertDoesNotMatchRegularExpression('/recipe"?:"(old|new)|-link|note/', json_encode($event));
    }

    /** A value that its cast cannot read does not break the application that has saved the model already. */
    public function test_an_unreadable_value_does_not_break_the_save(): void
    {
        $document = $this->document();
        DB::table('documents')->where('id', $document->id)->update(['status' => 'gone']);
        $found = Document::find($document->id);
        $found->update(['status' => Status::Final]);
        self::assertEquals(['status' => ['old' => '[unreadable]', 'new' => 'final']], $this->eventsOf($this->actor)[1]['changes']);
    }

    /** A title that the database holds encrypted is no name for readers of the log. */
    public function test_an_encrypted_title_is_no_name(): void
    {
        $model = new class extends \Illuminate\Database\Eloquent\Model
        {
            protected $guarded = [];

            protected $casts = ['title' => 'encrypted'];
        };
        $model->fill(['title' => 'Merger with Initech', 'name' => 'Letter 7']);
        AuditLog::fromAuth()->track('letter.viewed', $model);
        self::assertSame('Letter 7', $this->eventsOf($this->actor)[0]['resource_name']);
    }

    /** A password change is an event, without the password. */
    public function test_a_password_is_never_sent(): void
    {
        $user = User::create(['name' => 'Tom', 'password' => 'hash-one', 'phone' => '555-0100']);
        $user->update(['password' => 'hash-two', 'phone' => '555-0199']);
        [, $updated] = $this->eventsOf($this->actor);
        self::assertSame(['user.updated', 'User', (string) $user->id], [$updated['action'], $updated['resource']['type'], $updated['resource_id']]);
        self::assertNull($updated['changes']);
        self::assertStringNotContainsString('hash-', json_encode($updated));
    }

    /** More changes than an event may hold do not cost the event. */
    public function test_a_wide_change_fits(): void
    {
        $model = new class extends \Illuminate\Database\Eloquent\Model
        {
            protected $guarded = [];
        };
        foreach (range(1, 80) as $number) {
            $model->setAttribute("field_$number", str_repeat('語', 900));
        }
        $model->syncChanges();
        $changes = \GetImmutable\AttributeChanges::of($model);
        self::assertCount(50, $changes);
        AuditLog::fromAuth()->changes($changes)->track('wide.updated');
        self::assertEquals($changes, $this->eventsOf($this->actor)[0]['changes']);
    }

    /** What a transaction takes back is not audited; what it commits is, after the commit. */
    public function test_a_rolled_back_change_is_not_tracked(): void
    {
        $document = $this->document();
        try {
            DB::transaction(function () use ($document): void {
                $document->update(['title' => 'Never']);
                throw new \DomainException('no');
            });
        } catch (\DomainException) {
        }
        $document->refresh();
        DB::transaction(function () use ($document): void {
            $document->update(['title' => 'Final']);
            self::assertCount(1, $this->eventsOf($this->actor));
        });
        self::assertSame(['document.created', 'document.updated'], array_column($this->eventsOf($this->actor), 'action'));
        self::assertEquals(['title' => ['old' => 'Draft', 'new' => 'Final']], $this->eventsOf($this->actor)[1]['changes']);
    }
}
