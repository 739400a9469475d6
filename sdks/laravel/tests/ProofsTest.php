<?php

declare(strict_types=1);

namespace GetImmutable\Tests;

use GetImmutable\Checkpoint;
use GetImmutable\ProofException;
use GetImmutable\Proofs;
use PHPUnit\Framework\TestCase;

/** Proofs are checked offline: those that all SDKs share (`sdks/conformance/proofs.json`). */
final class ProofsTest extends TestCase
{
    /** @return iterable<string, array{array<string, mixed>}> */
    public static function vectors(): iterable
    {
        foreach (json_decode((string) file_get_contents(__DIR__.'/../../conformance/proofs.json'), true, 512, JSON_THROW_ON_ERROR)['vectors'] as $vector) {
            yield $vector['name'] => [$vector];
        }
    }

    /**
     * What holds is accepted, what is broken is refused, alike in all languages.
     *
     * @dataProvider vectors
     *
     * @param  array<string, mixed>  $one
     */
    public function test_proof(array $one): void
    {
        if ($one['refused'] ?? false) {
            $this->expectException(ProofException::class);
        }
        match ($one['check']) {
            'leaf' => self::assertSame($one['hash'], Proofs::leafHash($one['data'])),
            'node' => self::assertSame($one['hash'], Proofs::nodeHash($one['left'], $one['right'])),
            'inclusion' => Proofs::checkInclusion($one, $one['event_hash'], self::checkpoint($one['checkpoint'])),
            'consistency' => Proofs::checkConsistency($one, self::checkpoint($one['old']), self::checkpoint($one['new'])),
            'checkpoint' => self::assertEquals(self::checkpoint($one['checkpoint'] ?? null), Proofs::verifyCheckpoint($one['note'], $one['key'])),
        };
        $this->addToAssertionCount(1); // nothing was thrown
    }

    /** @param  array{origin: string, size: int, root: string}|null  $of */
    private static function checkpoint(?array $of): ?Checkpoint
    {
        return $of === null ? null : new Checkpoint($of['origin'], $of['size'], $of['root']);
    }
}
