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
        $this->process = proc_open([PHP_BINARY, __DIR__.'/scripted_server.php', "{$this->folder}/script", "{$this->folder}/log"], [1 => ['pipe', 'w'], 2 => ['file', "{$this->folder}/errors", 'w']], $pipes);
        $port = (int) fgets($pipes[1]); // it says on which it listens
        if ($port === 0) {
            throw new RuntimeException('the scripted server does not start: '.file_get_contents("{$this->folder}/errors"));
        }
        $this->url = "http://127.0.0.1:$port";
    }

    /**
     * All that were sent before this is asked, also those that it has not read yet: it reads one after the other.
     *
     * @return list<array<string, mixed>>
     */
    public function requests(): array
    {
        $last = stream_socket_client(str_replace('http:', 'tcp:', $this->url));
        fwrite($last, "GET /that-was-all HTTP/1.1\r\n\r\n");
        fgets($last);
        fclose($last);

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
