<?php

declare(strict_types=1);

namespace GetImmutable;

/**
 * Numbers events from 1 without gaps in the order they are made, so that the server can report what never came.
 * A run begins with the machine's number file, and all PHP processes of the machine go on counting in it.
 */
final class Producer
{
    private readonly NumberFile $numbers;

    public function __construct(private readonly string $id, string $stateDir)
    {
        $this->numbers = new NumberFile($stateDir.'/producer-'.substr(hash('sha256', $id), 0, 16).'.json');
    }

    /** @return array{id: string, run: string, sequence: int} */
    public function next(): array
    {
        $state = $this->numbers->change(static fn (array $state): array => [
            'run' => $state['run'] ?? bin2hex(random_bytes(8)),
            'sequence' => ($state['sequence'] ?? 0) + 1,
        ]);

        return ['id' => $this->id, 'run' => $state['run'], 'sequence' => $state['sequence']];
    }
}
