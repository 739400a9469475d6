<?php

declare(strict_types=1);

namespace GetImmutable\Tests;

use GetImmutable\AuditLog;
use GetImmutable\AuditLogClient;
use GetImmutable\AuditLogManager;
use GetImmutable\Tests\App\Models\Document;
use Illuminate\Console\Scheduling\Schedule;
use Illuminate\Database\Schema\Blueprint;
use Illuminate\Support\Facades\Schema;

/** The README's blocks run, in their order, as they stand, against the real server. */
final class ReadmeTest extends TestCase
{
    private static function readme(string $path = __DIR__.'/../README.md'): string
    {
        return (string) file_get_contents($path);
    }

    /** From the first event to the fake, with nothing but what the README says. */
    public function test_every_block_runs(): void
    {
        Schema::create('invoices', static function (Blueprint $table): void {
            $table->id();
            $table->string('number');
            $table->integer('total');
            $table->string('note')->nullable();
            $table->string('pay_link')->nullable();
            $table->timestamps();
        });
        config(['getimmutable.api_key' => Server::shared()->newKey('laravel-readme')]);
        preg_match_all('/```php\n(.*?)```/s', self::readme(), $found);
        self::assertCount(12, $found[1]);
        $run = static function (string $block, Document $document): void {
            eval($block);
        };
        $document = Document::withoutEvents(static fn (): Document => Document::create(['id' => 'doc_1', 'title' => 'Draft']));
        $read = $this->client(); // the last block fakes the rest
        ob_start();
        foreach ($found[1] as $block) {
            $run($block, $document);
        }
        $printed = (string) ob_get_clean();

        self::assertMatchesRegularExpression('/^! [\d:]{8}  \+\d+\.\d s  document\.moved_to_trash  Q3 Budget Report$/m', $printed);
        self::assertStringContainsString("unaltered\n", $printed);
        self::assertStringContainsString("not_found 404\n", $printed);
        self::assertStringContainsString(' events are signed, and nothing that was signed before has changed', $printed);
        self::assertStringStartsWith("VERIFIES\n", Server::verified("{$this->storage}/case.zip", $read->getSigningKeys()['data'][0]['verifier_key']));
        self::assertMatchesRegularExpression('/\[sent\] => [1-9]/', $printed);
        self::assertStringNotContainsString('secret', json_encode($read->iterEvents()->all()));
        $updated = $read->getEvents(['action' => 'invoice.updated'])['data'][0];
        self::assertEquals([['total' => ['old' => 100, 'new' => 120]], 'Invoice R-7'], [$updated['changes'], $updated['resource_name']]);
        self::assertCount(1, app(Schedule::class)->events());
        self::assertSame('Invoice', $updated['resource']['type']);
    }

    /** The names of `.env` are read, also as the other SDKs spell them. */
    public function test_the_names_of_the_environment_are_read(): void
    {
        preg_match('/```dotenv\n(.*?)```/s', self::readme(), $found);
        self::assertSame(['GETIMMUTABLE_API_KEY', 'GETIMMUTABLE_BASE_URL', 'GETIMMUTABLE_ASYNC'], array_map(static fn (string $line): string => strtok($line, '='), explode("\n", trim($found[1]))));
        preg_match_all('/^\| (`GETIMMUTABLE_.*?) \|/m', self::readme(), $rows);
        preg_match_all("/environment\('(\w+)'/", (string) file_get_contents(__DIR__.'/../config/getimmutable.php'), $read);
        preg_match_all('/GETIMMUTABLE_(\w+)/', implode(' ', $rows[1]), $documented);
        self::assertEqualsCanonicalizing($read[1], $documented[1]);
    }

    /** The README names every public method of the facade, the builder's own and the client. */
    public function test_every_method_is_documented(): void
    {
        $readme = self::readme();
        foreach ([AuditLogManager::class => ['__construct', 'whenCommitted', 'sessionSecret'], AuditLogClient::class => ['__construct', 'onRetry']] as $class => $internal) {
            foreach ((new \ReflectionClass($class))->getMethods(\ReflectionMethod::IS_PUBLIC) as $method) {
                if (! in_array($method->getName(), $internal, true)) {
                    self::assertMatchesRegularExpression('/\b'.$method->getName().'\b/', $readme, $class);
                }
            }
        }
    }

    /** The repository's README shows the SDK, and its block runs. */
    public function test_the_block_of_the_repositorys_readme_runs(): void
    {
        self::assertSame(1, preg_match('/```php\n(.*?)```/s', self::readme(__DIR__.'/../../../README.md'), $found));
        config(['getimmutable.api_key' => $key = Server::shared()->newKey('laravel-repository-readme')]);
        $document = Document::withoutEvents(static fn (): Document => Document::create(['id' => 'doc_1', 'title' => 'Q3 Budget Report']));
        (static function (string $block, Document $document): void {
            eval($block);
        })($found[1], $document);
        $event = AuditLog::client()->getEvents()['data'][0];
        self::assertSame([session()->getId(), 'document', 'doc_1', 'Q3 Budget Report'], [$event['session_id'], $event['resource']['type'], $event['resource_id'], $event['resource_name']]);
        self::assertStringStartsWith('imk_', $key);
    }
}
