<?php

declare(strict_types=1);

namespace GetImmutable;

/**
 * A few numbers that all PHP processes of a machine share: a request of PHP-FPM is too short a life to count in.
 * Where the file cannot be written, the numbers live in this process alone.
 */
final class NumberFile
{
    /** @var array<string, mixed> */
    private array $own = [];

    public function __construct(private readonly string $path) {}

    /**
     * Change the content in one step.
     *
     * @param  callable(array<string, mixed>): array<string, mixed>  $change
     * @return array<string, mixed> the new content
     */
    public function change(callable $change): array
    {
        $file = $this->open();
        if ($file === false) {
            return $this->own = $change($this->own);
        }
        try {
            flock($file, LOCK_EX);
            $before = (string) stream_get_contents($file);
            $content = json_decode($before, true);
            $content = $change(is_array($content) ? $content : []);
            rewind($file);
            // Written over and padded, never cut: ext4 flushes a file that was cut to the disk at once, which takes milliseconds.
            fwrite($file, str_pad(Plain::json($content), max(256, strlen($before))));
            fflush($file);

            return $content;
        } finally {
            fclose($file); // and with it the lock
        }
    }

    /** @return resource|false */
    private function open(): mixed
    {
        $folder = dirname($this->path);
        if (! is_dir($folder)) {
            @mkdir($folder, 0770, true);
        }

        return @fopen($this->path, 'c+');
    }
}
