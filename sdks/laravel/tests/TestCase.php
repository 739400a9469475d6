<?php

declare(strict_types=1);

namespace GetImmutable\Tests;

use GetImmutable\AuditLogClient;
use GetImmutable\Outbox;
use Illuminate\Contracts\Console\Kernel;
use Illuminate\Database\Schema\Blueprint;
use Illuminate\Foundation\Application;
use Illuminate\Support\Facades\Schema;

/** A booted application with its database, set up for our real server; each test has a storage folder of its own. */
abstract class TestCase extends \Illuminate\Foundation\Testing\TestCase
{
    protected string $storage;

    /** @return array<string, string> more of the environment */
    protected function environment(): array
    {
        return [];
    }

    public function createApplication(): Application
    {
        $this->storage = sys_get_temp_dir().'/immutable-laravel-app-'.bin2hex(random_bytes(6));
        foreach (['', '/framework', '/sessions', '/views'] as $folder) {
            mkdir($this->storage.$folder, 0700, true);
        }
        touch("{$this->storage}/app.sqlite");
        $server = Server::shared();
        $environment = $this->environment() + [
            'IMMUTABLE_TEST_STORAGE' => $this->storage,
            'GETIMMUTABLE_API_KEY' => $server->key,
            'GETIMMUTABLE_BASE_URL' => $server->url,
            'GETIMMUTABLE_ASYNC' => 'false',
            'GETIMMUTABLE_TIMEOUT' => '50', // longer than any pause of a busy machine
            'GETIMMUTABLE_SPOOL_DIR' => '',
            'GETIMMUTABLE_PRODUCER' => '',
            'GETIMMUTABLE_AUTO_CONTEXT' => 'false',
            'GETIMMUTABLE_AUTO_SESSION' => 'false',
            'QUEUE_CONNECTION' => 'database',
            'APP_ENV' => 'testing',
            'APP_PACKAGES_CACHE' => "{$this->storage}/packages.php",
            'APP_SERVICES_CACHE' => "{$this->storage}/services.php",
            'APP_CONFIG_CACHE' => "{$this->storage}/config.php",
            'APP_ROUTES_CACHE' => "{$this->storage}/routes.php",
        ];
        foreach ($environment as $name => $value) {
            putenv("$name=$value");
            $_ENV[$name] = $_SERVER[$name] = $value;
        }
        $app = require __DIR__.'/App/bootstrap/app.php';
        $app->make(Kernel::class)->bootstrap();

        return $app;
    }

    protected function setUp(): void
    {
        parent::setUp();
        Schema::create('users', static function (Blueprint $table): void {
            $table->id();
            $table->string('name');
            $table->string('email')->nullable();
            $table->string('password')->nullable();
            $table->string('phone')->nullable();
            $table->rememberToken();
            $table->timestamps();
        });
        Schema::create('documents', static function (Blueprint $table): void {
            $table->string('id')->primary();
            $table->string('title');
            foreach (['tags', 'status', 'recipe', 'share_link', 'internal_note', 'body'] as $text) {
                $table->text($text)->nullable();
            }
            $table->integer('pages')->nullable();
            $table->timestamp('due_at')->nullable();
            $table->timestamps();
            $table->softDeletes();
        });
        Schema::create('jobs', static function (Blueprint $table): void {
            $table->id();
            $table->string('queue')->index();
            $table->longText('payload');
            $table->unsignedTinyInteger('attempts');
            foreach (['reserved_at', 'available_at', 'created_at'] as $time) {
                $table->unsignedInteger($time)->nullable();
            }
        });
        Schema::create('failed_jobs', static function (Blueprint $table): void {
            $table->id();
            $table->string('uuid')->unique();
            $table->text('connection');
            $table->text('queue');
            $table->longText('payload');
            $table->longText('exception');
            $table->timestamp('failed_at')->useCurrent();
        });
    }

    protected function tearDown(): void
    {
        parent::tearDown();
        (new \Illuminate\Filesystem\Filesystem)->deleteDirectory($this->storage);
    }

    protected function client(): AuditLogClient
    {
        return $this->app->make(AuditLogClient::class);
    }

    protected function outbox(): Outbox
    {
        return $this->app->make(Outbox::class);
    }

    /** @return list<array<string, mixed>> what the server has of an actor, oldest first */
    protected function eventsOf(string $actorId): array
    {
        return $this->client()->iterEvents(['actor_id' => $actorId, 'order' => 'asc'])->all();
    }

    /** A name that no other test uses. */
    protected static function fresh(string $prefix): string
    {
        return $prefix.'_'.bin2hex(random_bytes(5));
    }
}
