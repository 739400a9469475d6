<?php

declare(strict_types=1);

namespace GetImmutable\Tests;

use RuntimeException;

/** Runs `scripted_server.php` and reads what it was sent. */
final class ScriptedServer
{
    public readonly string $url;

    private readonly string $folder;

    /** @var resource */
    private $process;

    /** @param  list<array<string, mixed>>  $answers */
    public function __construct(array $answers)
    {
        $this->folder = sys_get_temp_dir().'/immutable-scripted-'.bin2hex(random_bytes(6));
        mkdir($this->folder, 0700);
        file_put_contents("{$this->folder}/script", json_encode($answers, JSON_PRESERVE_ZERO_FRACTION));
        $port = Server::freePort();
        $this->url = "http://127.0.0.1:$port";
        $this->process = proc_open([PHP_BINARY, __DIR__.'/scripted_server.php', (string) $port, "{$this->folder}/script", "{$this->folder}/log"], [2 => ['file', "{$this->folder}/errors", 'w']], $pipes);
        for ($try = 0; ! is_file("{$this->folder}/log"); $try++) {
            if ($try === 500) {
                throw new RuntimeException('the scripted server does not start');
            }
            usleep(10_000);
        }
    }

    /** @return list<array<string, mixed>> */
    public function requests(): array
    {
        return array_map(static fn (string $line): array => json_decode($line, true), file("{$this->folder}/log", FILE_IGNORE_NEW_LINES) ?: []);
    }

    public function stop(): void
    {
        proc_terminate($this->process, 9);
        proc_close($this->process);
        array_map('unlink', glob("{$this->folder}/*") ?: []);
        rmdir($this->folder);
    }
}
