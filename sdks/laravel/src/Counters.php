<?php

declare(strict_types=1);

namespace GetImmutable;

/** Events taken, acknowledged, given up and spooled, and requests sent again, by all PHP processes of the machine. */
final class Counters
{
    private const NONE = ['queued' => 0, 'sent' => 0, 'retried' => 0, 'given_up' => 0, 'spooled' => 0];

    private readonly NumberFile $numbers;

    public function __construct(string $stateDir)
    {
        $this->numbers = new NumberFile($stateDir.'/counters.json');
    }

    public function add(string $name, int $count = 1): void
    {
        $this->numbers->change(static fn (array $counts): array => array_replace(self::NONE, $counts, [$name => ($counts[$name] ?? 0) + $count]));
    }

    /** @return array{queued: int, sent: int, retried: int, given_up: int, spooled: int} */
    public function all(): array
    {
        return $this->numbers->change(static fn (array $counts): array => array_replace(self::NONE, $counts));
    }
}
