<?php

declare(strict_types=1);

namespace GetImmutable;

use RuntimeException;

/**
 * Checks proofs of the log offline: what is signed, that an event is in it, that a later tree goes on from an earlier one
 * (RFC 9162), so that nothing of it rests on the server's word. Hashes are hexadecimal, as the API has them.
 *
 * Keep a checkpoint and the verifier key where the server's operator cannot reach them.
 */
final class Proofs
{
    private const MOST_HASHES = 63;

    private const ED25519 = "\x01";

    private const DASH = "\u{2014} ";

    /** The leaf of an event in the tree, of the event's hash. */
    public static function leafHash(string $eventHash): string
    {
        return self::sha256("00$eventHash");
    }

    /** The node above two others. */
    public static function nodeHash(string $left, string $right): string
    {
        return self::sha256("01$left$right");
    }

    /**
     * Read a checkpoint out of its signed note. It says nothing of who signed it: see `verifyCheckpoint`.
     *
     * @throws ProofException
     */
    public static function parseCheckpoint(string $note): Checkpoint
    {
        $lines = explode("\n", self::split($note)[0]);
        array_pop($lines);
        if (count($lines) < 3 || in_array('', $lines, true) || preg_match('/^(0|[1-9][0-9]{0,14})$/D', $lines[1]) !== 1) {
            throw new ProofException('A checkpoint has an origin, a size and a root, each on a line of its own');
        }

        return new Checkpoint($lines[0], (int) $lines[1], self::checked(bin2hex(self::decoded($lines[2]))));
    }

    /**
     * Read a checkpoint that this key signed (`name+id+base64`, as `getSigningKeys` shows it). Needs the extension sodium.
     *
     * @throws ProofException
     */
    public static function verifyCheckpoint(string $note, string $verifierKey): Checkpoint
    {
        if (! function_exists('sodium_crypto_sign_verify_detached')) {
            throw new RuntimeException('Checking a signature needs the PHP extension sodium');
        }
        [$name, $id, $key] = self::parsedKey($verifierKey);
        [$text, $lines] = self::split($note);
        $signature = null;
        foreach ($lines as $line) {
            $end = strrpos($line, ' ');
            $bytes = self::decoded($end === false ? $line : substr($line, $end + 1));
            if ($signature === null && $end !== false && substr($line, 0, $end) === self::DASH.$name && substr($bytes, 0, 4) === $id) {
                $signature = substr($bytes, 4);
            }
        }
        if ($signature === null) {
            throw new ProofException("The key $name did not sign this checkpoint");
        }
        if (strlen($signature) !== SODIUM_CRYPTO_SIGN_BYTES || ! sodium_crypto_sign_verify_detached($signature, $text, $key)) {
            throw new ProofException("The signature of $name is wrong: the checkpoint was altered");
        }
        $checkpoint = self::parseCheckpoint($note);
        if ($checkpoint->origin !== $name) {
            throw new ProofException("The key $name is not that of the log {$checkpoint->origin}");
        }

        return $checkpoint;
    }

    /**
     * Check what `getInclusionProof` answered under `data`, for an event whose hash you hold (a receipt has it).
     *
     * @param  array{sequence: int, hashes: list<string>}  $answer
     *
     * @throws ProofException
     */
    public static function checkInclusion(array $answer, string $eventHash, Checkpoint $checkpoint): void
    {
        ['sequence' => $sequence, 'hashes' => $hashes] = $answer;
        if ($sequence < 1 || $sequence > $checkpoint->size) {
            throw new ProofException("There is no event $sequence in a checkpoint of {$checkpoint->size}");
        }
        self::checkForm($hashes);
        [, $whole] = self::climb($sequence - 1, $checkpoint->size - 1, self::leafHash(self::checked($eventHash)), $hashes);
        if ($whole !== $checkpoint->root) {
            throw new ProofException('The proof does not lead to the checkpoint: the event is not in it as it is here');
        }
    }

    /**
     * Check what `getConsistencyProof` answered under `data`: the log of `$later` begins with all that `$earlier` covers.
     *
     * @param  array{hashes: list<string>}  $answer
     *
     * @throws ProofException
     */
    public static function checkConsistency(array $answer, Checkpoint $earlier, Checkpoint $later): void
    {
        if ($earlier->origin !== $later->origin) {
            throw new ProofException("These are two logs: {$earlier->origin} and {$later->origin}");
        }
        if ($earlier->size < 1 || $earlier->size > $later->size) {
            throw new ProofException("A log of {$later->size} events does not go on from one of {$earlier->size}");
        }
        $hashes = $answer['hashes'];
        self::checkForm($hashes);
        $rewritten = 'The proof does not lead to both checkpoints: the log was rewritten';
        if ($earlier->size === $later->size) {
            if ($hashes !== [] || $earlier->root !== $later->root) {
                throw new ProofException($rewritten);
            }

            return;
        }
        [$place, $last] = [$earlier->size - 1, $later->size - 1];
        while (($place & 1) === 1) {
            [$place, $last] = [$place >> 1, $last >> 1];
        }
        if ($place === 0) { // a tree that is full on its left is a node of the larger one; the proof does not repeat it
            array_unshift($hashes, self::checked($earlier->root));
        }
        if ($hashes === []) {
            throw new ProofException('The proof is empty');
        }
        [$left, $whole] = self::climb($place, $last, $hashes[0], array_slice($hashes, 1));
        if ($left !== $earlier->root || $whole !== $later->root) {
            throw new ProofException($rewritten);
        }
    }

    /**
     * From a node up.
     *
     * @param  list<string>  $hashes
     * @return array{string, string} the root of what lies at the node and left of it, and that of all
     */
    private static function climb(int $place, int $last, string $node, array $hashes): array
    {
        [$left, $whole] = [$node, $node];
        foreach ($hashes as $one) {
            if ($last === 0) {
                throw new ProofException('The proof is too long');
            }
            if (($place & 1) === 1 || $place === $last) {
                [$left, $whole] = [self::nodeHash($one, $left), self::nodeHash($one, $whole)];
                while (($place & 1) === 0 && $place > 0) {
                    [$place, $last] = [$place >> 1, $last >> 1];
                }
            } else {
                $whole = self::nodeHash($whole, $one);
            }
            [$place, $last] = [$place >> 1, $last >> 1];
        }
        if ($last !== 0) {
            throw new ProofException('The proof is too short');
        }

        return [$left, $whole];
    }

    /** @return array{string, list<string>} the text that is signed, and the lines of the signatures */
    private static function split(string $note): array
    {
        $end = strrpos($note, "\n\n");
        if ($end === false || ! str_ends_with($note, "\n") || $end + 2 === strlen($note)) {
            throw new ProofException('This is no signed note: a text, an empty line and signatures');
        }

        return [substr($note, 0, $end + 1), explode("\n", substr($note, $end + 2, -1))];
    }

    /** @return array{string, string, string} its name, its id and its 32 bytes */
    private static function parsedKey(string $text): array
    {
        [$name, $id, $encoded] = explode('+', trim($text), 3) + ['', '', ''];
        $key = self::decoded($encoded);
        if ($name === '' || strlen($key) !== 1 + SODIUM_CRYPTO_SIGN_PUBLICKEYBYTES || $key[0] !== self::ED25519) {
            throw new ProofException('A verifier key is written name+id+base64, of an Ed25519 key');
        }
        $found = substr(hash('sha256', "$name\n$key", true), 0, 4);
        if (bin2hex($found) !== $id) {
            throw new ProofException('The verifier key\'s id is not that of its key: was it copied whole?');
        }

        return [$name, $found, substr($key, 1)];
    }

    private static function decoded(string $text): string
    {
        $bytes = base64_decode($text, true);
        if ($bytes === false || $bytes === '' || base64_encode($bytes) !== $text) {
            throw new ProofException('A root, key or signature is not written in base64');
        }

        return $bytes;
    }

    /** @param  list<string>  $hashes */
    private static function checkForm(array $hashes): void
    {
        if (count($hashes) > self::MOST_HASHES) {
            throw new ProofException('The proof is not made of at most '.self::MOST_HASHES.' hashes');
        }
        array_map(self::checked(...), $hashes);
    }

    private static function checked(string $hash): string
    {
        if (preg_match('/^[0-9a-f]{64}$/D', $hash) !== 1) {
            throw new ProofException('A hash is not written as 64 lower-case hexadecimal digits');
        }

        return $hash;
    }

    private static function sha256(string $hex): string
    {
        return hash('sha256', (string) hex2bin($hex));
    }
}
