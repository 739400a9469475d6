<?php

declare(strict_types=1);

namespace GetImmutable;

/**
 * Events that could not be delivered, on disk: `<unix-ms>-<random>.jsonl`, one event a line exactly as it goes over the wire.
 * A file appears whole, by renaming, and is deleted only after the fate of each of its events is known. Bounded in bytes.
 */
final class Spool
{
    /** When this process wrote its last file: the next is later, or files of one millisecond would be sent in any order. */
    private int $newest = 0;

    public function __construct(private readonly string $folder, private readonly int $maxBytes) {}

    /**
     * @param  list<array<string, mixed>>  $events
     * @return bool false where the spool is full or cannot be written
     */
    public function write(array $events): bool
    {
        if (! is_dir($this->folder) && ! @mkdir($this->folder, 0700, true) && ! is_dir($this->folder)) {
            return false;
        }
        $lines = implode('', array_map(static fn (array $event): string => Plain::json($event)."\n", $events));
        if ($this->bytes() + strlen($lines) > $this->maxBytes) {
            return false;
        }
        $this->newest = max((int) (microtime(true) * 1000), $this->newest + 1);
        $name = sprintf('%s/%d-%s', $this->folder, $this->newest, bin2hex(random_bytes(8)));
        $file = @fopen("$name.tmp", 'x');
        if ($file === false) {
            return false;
        }
        chmod("$name.tmp", 0600);
        $whole = fwrite($file, $lines) === strlen($lines) && fflush($file) && fsync($file);
        fclose($file);
        if ($whole && @rename("$name.tmp", "$name.jsonl")) {
            return true;
        }
        @unlink("$name.tmp");

        return false;
    }

    /** How many files wait. */
    public function waiting(): int
    {
        return count($this->files());
    }

    /**
     * Hand each file's events to `$deliver`, oldest first; one process at a time.
     *
     * @param  callable(list<array<string, mixed>>): bool  $deliver  true: the fate of each is known; false: stop, and keep the file
     */
    public function replay(callable $deliver): void
    {
        if ($this->files() === []) {
            return;
        }
        $lock = @fopen($this->folder.'/replay.lock', 'c');
        if ($lock === false || ! flock($lock, LOCK_EX | LOCK_NB)) {
            return; // somebody else is at it
        }
        try {
            foreach ($this->files() as $file) {
                $events = self::read($file);
                if ($events === null) {
                    rename($file, "$file.unreadable"); // kept for a person to look at
                } elseif ($deliver($events)) {
                    unlink($file);
                } else {
                    return;
                }
            }
        } finally {
            fclose($lock);
        }
    }

    /** @return list<array<string, mixed>>|null null where it is not what `write` writes */
    private static function read(string $file): ?array
    {
        $events = [];
        foreach (explode("\n", rtrim((string) file_get_contents($file), "\n")) as $line) {
            $event = json_decode($line, true);
            if (! is_array($event)) {
                return null;
            }
            $events[] = $event;
        }

        return $events;
    }

    /** @return list<string> oldest first */
    private function files(): array
    {
        return glob($this->folder.'/*.jsonl') ?: [];
    }

    private function bytes(): int
    {
        return array_sum(array_map(static fn (string $file): int => (int) @filesize($file), glob($this->folder.'/*.{jsonl,tmp,unreadable}', GLOB_BRACE) ?: []));
    }
}
