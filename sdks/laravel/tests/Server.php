<?php

declare(strict_types=1);

namespace GetImmutable\Tests;

use RuntimeException;

/** Our real server, on SQLite in a folder of its own; can be stopped and started again on the same port and log. */
final class Server
{
    private static ?self $shared = null;

    public readonly string $url;

    public readonly string $key;

    private readonly string $folder;

    private readonly int $port;

    /** @var resource|null */
    private $process = null;

    private function __construct()
    {
        $this->folder = sys_get_temp_dir().'/immutable-laravel-'.bin2hex(random_bytes(6));
        mkdir($this->folder, 0700);
        $this->port = self::freePort();
        $this->url = "http://127.0.0.1:{$this->port}";
        $this->start();
        $this->key = $this->newKey('laravel');
        register_shutdown_function(fn () => $this->discard());
    }

    /** One for all tests: each uses actors and sessions of its own. */
    public static function shared(): self
    {
        return self::$shared ??= new self;
    }

    /** A port below those that the system gives to whoever asks for any, so that nobody takes it before its server, or while that is away. */
    public static function freePort(): int
    {
        do {
            $socket = @stream_socket_server('tcp://127.0.0.1:'.($port = random_int(15_000, 32_000)));
        } while ($socket === false);
        fclose($socket);

        return $port;
    }

    public static function command(): string
    {
        return dirname(__DIR__, 3).'/.venv/bin/immutable';
    }

    /** A key of a workspace, which is made if it is new. */
    public function newKey(string $workspace): string
    {
        $run = proc_open([self::command(), 'keys', 'create', '--workspace', $workspace, '--scope', 'admin', '--scope', 'ingest', '--scope', 'read'], [1 => ['pipe', 'w']], $pipes, null, $this->environment());
        $key = trim((string) stream_get_contents($pipes[1]));
        if (proc_close($run) !== 0) {
            throw new RuntimeException('no key could be made');
        }

        return $key;
    }

    /** What `immutable-verify` says of an evidence pack. */
    public static function verified(string $pack, string $key): string
    {
        $root = dirname(__DIR__, 3);
        $run = proc_open(["$root/.venv/bin/python", '-m', 'immutable_verify', 'pack', $pack, '--key', $key], [1 => ['pipe', 'w']], $pipes, null, ['PYTHONPATH' => "$root/verifier/src"]);
        $said = (string) stream_get_contents($pipes[1]);
        proc_close($run);

        return $said;
    }

    public function start(): void
    {
        $log = ['file', "{$this->folder}/server.log", 'a'];
        $this->process = proc_open([self::command(), 'serve'], [['file', '/dev/null', 'r'], $log, $log], $pipes, $this->folder, $this->environment());
        for ($try = 0; $try < 2400; $try++) {
            if (@file_get_contents("{$this->url}/readyz") !== false) {
                return;
            }
            usleep(50_000);
        }
        throw new RuntimeException('the server does not answer: '.file_get_contents("{$this->folder}/server.log"));
    }

    public function stop(): void
    {
        if ($this->process === null) {
            return;
        }
        proc_terminate($this->process);
        while (proc_get_status($this->process)['running']) {
            usleep(20_000);
        }
        proc_close($this->process);
        $this->process = null;
    }

    private function discard(): void
    {
        $this->stop();
        for ($try = 0; is_dir($this->folder) && $try < 50; $try++) {
            (new \Illuminate\Filesystem\Filesystem)->deleteDirectory($this->folder);
            usleep($try * 10_000); // a last file may be on its way
            clearstatcache();
        }
    }

    /** @return array<string, string> */
    private function environment(): array
    {
        return ['PATH' => getenv('PATH'), 'HOME' => $this->folder, 'IMMUTABLE_PORT' => (string) $this->port, 'IMMUTABLE_DATABASE_URL' => "sqlite:///{$this->folder}/log.db"];
    }
}
