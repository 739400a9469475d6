<?php

declare(strict_types=1);

namespace GetImmutable\Concerns;

use Illuminate\Support\LazyCollection;

/** The client's calls about what is signed, and about evidence: a part of AuditLogClient. What they answer is checked by Proofs. */
trait ReadsProofs
{
    /**
     * One page of the signed checkpoints, newest first.
     *
     * @param  array{cursor?: string, limit?: int}  $page
     * @return array{data: list<array{origin: string, size: int, root_hash: string, created_at: string, note: string, cosignatures: list<array<string, mixed>>}>, pagination: array{has_more: bool, next_cursor: ?string}}
     */
    public function getCheckpoints(array $page = []): array
    {
        return $this->call('GET', '/checkpoints', $page);
    }

    /** @return LazyCollection<int, array<string, mixed>> the checkpoints of all pages */
    public function iterCheckpoints(): LazyCollection
    {
        return $this->pages($this->getCheckpoints(...), []);
    }

    /**
     * The signed checkpoint of the first `$size` events, else the latest. `not_found` while nothing was signed: the server signs
     * within a second or so.
     *
     * @return array{data: array{origin: string, size: int, root_hash: string, created_at: string, note: string, cosignatures: list<array<string, mixed>>}, halted?: ?string}
     */
    public function getCheckpoint(?int $size = null): array
    {
        return $this->call('GET', '/checkpoints/'.($size ?? 'latest'));
    }

    /**
     * The proof that an event is in the checkpoint of `$size` events, else in the latest; 409 while the event is newer.
     *
     * @return array{data: array{event_id: string, sequence: int, event_hash: string, leaf_index: int, leaf_hash: string, hashes: list<string>, checkpoint: array<string, mixed>}}
     */
    public function getInclusionProof(string $eventId, ?int $size = null): array
    {
        return $this->call('GET', '/events/'.self::segment($eventId).'/proof', ['size' => $size]);
    }

    /**
     * The proof that the log of `$to` events, else of the latest checkpoint, begins with that of `$from`.
     *
     * @return array{data: array{from_size: int, from_root_hash: string, to_size: int, to_root_hash: string, hashes: list<string>}}
     */
    public function getConsistencyProof(int $from, ?int $to = null): array
    {
        return $this->call('GET', '/proofs/consistency', ['from' => $from, 'to' => $to]);
    }

    /** @return array{data: list<array{verifier_key: string, origin: string, public_key: string, first_size: int, created_at: string, retired_at: ?string}>} */
    public function getSigningKeys(): array
    {
        return $this->call('GET', '/signing-keys');
    }

    /**
     * Write the evidence pack of a session to a file: a ZIP archive that proves, offline, what the log says of it
     * (`immutable-verify`). The log tells of every pack that is made, so it is asked for again only where it surely was not begun.
     *
     * @param  string|null  $withhold  whose details it keeps back: `all`; `others:ID`, all but those of what the actor of this id did; or `events:7,12-15`
     * @return int its size in bytes
     */
    public function getSessionEvidence(string $sessionId, string $file, ?string $withhold = null): int
    {
        return $this->pack('/sessions/'.self::segment($sessionId).'/evidence', ['withhold' => $withhold], $file);
    }

    /** The evidence pack of all that happened to a resource; as `getSessionEvidence`. */
    public function getResourceEvidence(string $type, string $id, string $file, ?string $withhold = null): int
    {
        return $this->pack('/resources/'.self::segment($type).'/'.self::segment($id).'/evidence', ['withhold' => $withhold], $file);
    }

    /**
     * The evidence pack of the events that meet all filters; as `getSessionEvidence`.
     *
     * @param  array<string, mixed>  $filters  those of `getEvents`
     */
    public function getEvidence(array $filters, string $file, ?string $withhold = null): int
    {
        return $this->pack('/evidence', $filters + ['withhold' => $withhold], $file);
    }

    /**
     * Make a link by which whoever has it reads one case without a key. Its address is the server's, followed by the answer's
     * `path`, which is told this once. Needs an `admin` key, as all of share links.
     *
     * @param  array{session_id?: string, resource?: array{type: string, id: string}, filters?: array<string, string>, ttl?: int, withhold?: string}  $options  exactly one of the first three; `ttl` in seconds, a week without it
     * @return array{data: array{id: string, asked: string, created_at: string, created_by: string, expires_at: string, is_revoked: bool, path: ?string}}
     */
    public function createShareLink(array $options): array
    {
        return $this->call('POST', '/evidence/links', body: (object) $options, repeatable: false);
    }

    /**
     * One page of the share links, newest first.
     *
     * @param  array{cursor?: string, limit?: int}  $page
     * @return array{data: list<array<string, mixed>>, pagination: array{has_more: bool, next_cursor: ?string}}
     */
    public function getShareLinks(array $page = []): array
    {
        return $this->call('GET', '/evidence/links', $page);
    }

    /** @return LazyCollection<int, array<string, mixed>> the share links of all pages */
    public function iterShareLinks(): LazyCollection
    {
        return $this->pages($this->getShareLinks(...), []);
    }

    /**
     * Take a share link back: it shows nothing from now on. The log keeps the reason.
     *
     * @return array{data: array<string, mixed>}
     */
    public function revokeShareLink(string $id, string $reason): array
    {
        return $this->call('POST', '/evidence/links/'.self::segment($id).'/revoke', body: ['reason' => $reason], repeatable: false);
    }

    /** @param  array<string, mixed>  $query */
    private function pack(string $path, array $query, string $file): int
    {
        return $this->call('GET', $path, $query, repeatable: false, file: $file)['bytes'];
    }
}
