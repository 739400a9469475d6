<?php

declare(strict_types=1);

namespace GetImmutable;

/** What became of one event: its receipt, or why it was not sent. */
final class Fate
{
    /**
     * @param  array<string, mixed>  $event
     * @param  array<string, mixed>|null  $receipt
     */
    public function __construct(
        public readonly array $event,
        public readonly ?array $receipt,
        public readonly ?GetImmutableException $error = null,
    ) {}

    /** The event may still be sent later. */
    public function isOpen(): bool
    {
        return $this->error !== null && $this->error->isTemporary;
    }
}
