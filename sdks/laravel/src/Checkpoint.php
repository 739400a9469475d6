<?php

declare(strict_types=1);

namespace GetImmutable;

/** What was signed of a log: its first `size` events have the Merkle root `root`, in hexadecimal. */
final class Checkpoint
{
    public function __construct(public readonly string $origin, public readonly int $size, public readonly string $root)
    {
    }
}
