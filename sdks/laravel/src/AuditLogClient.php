<?php

declare(strict_types=1);

namespace GetImmutable;

use GetImmutable\Concerns\ReadsProofs;
use Illuminate\Support\LazyCollection;
use InvalidArgumentException;
use SensitiveParameter;

/**
 * Every call of the API, once. Each is sent now, and again where that can do no harm; throws GetImmutableException.
 *
 * Filters are those of the HTTP API, by their names: `actor_id`, `action` (`document.*`), `resource`, `resource_id`,
 * `tenant_id`, `session_id`, `target_type`, `target_id`, `search`, `from`, `to`, `order`, `cursor`, `limit`.
 */
class AuditLogClient
{
    use ReadsProofs;

    public const VERSION = '0.3.0';

    private const LARGEST_PAGE = 100;

    private readonly Transport $transport;

    public function __construct(#[SensitiveParameter] string $apiKey, string $baseUrl, float $timeout = 5.0, ?RetryPolicy $retry = null)
    {
        $this->transport = new Transport($apiKey, $baseUrl, $timeout, $retry ?? new RetryPolicy);
    }

    /**
     * Send one event and return its receipt, once it is durable.
     *
     * @param  array<string, mixed>  $payload
     * @param  float|null  $within  all tries together end within so many seconds
     * @return array{id: string, status: string, sequence: int, event_hash: string}
     */
    public function track(array $payload, ?float $within = null): array
    {
        return $this->call('POST', '/events', body: IdempotencyKey::on(self::plain($payload)), within: $within);
    }

    /**
     * Send up to 100 events in one request. An invalid one is `rejected` in its place; with `$atomic` it refuses all.
     *
     * @param  array<int, array<string, mixed>>  $events
     * @return array{events: list<array<string, mixed>>}
     */
    public function trackBatch(array $events, bool $atomic = false, ?float $within = null): array
    {
        $body = ['events' => array_map(static fn (array $event): array => IdempotencyKey::on(self::plain($event)), array_values($events))];

        return $this->call('POST', '/events/batch', $atomic ? ['atomic' => true] : [], $body, within: $within);
    }

    /**
     * One page of the events that meet all filters: newest first, those of a session oldest first.
     *
     * @param  array<string, mixed>  $filters
     * @return array{data: list<array<string, mixed>>, pagination: array{has_more: bool, next_cursor: ?string, total: int}}
     */
    public function getEvents(array $filters = []): array
    {
        return $this->call('GET', '/events', $filters);
    }

    /** @return array{data: array<string, mixed>} */
    public function getEvent(string $id): array
    {
        return $this->call('GET', '/events/'.self::segment($id));
    }

    /**
     * One page of sessions, newest first. Filters: `actor_id`, `tenant_id`, `resource_id`, `action`, `from`, `to`, `search`,
     * `inferred`, `cursor`, `limit`.
     *
     * @param  array<string, mixed>  $filters
     * @return array{data: list<array<string, mixed>>, pagination: array<string, mixed>}
     */
    public function getSessions(array $filters = []): array
    {
        return $this->call('GET', '/sessions', $filters);
    }

    /**
     * One session: its summary and, as `timeline`, its events oldest first with the time between them.
     *
     * @param  array{cursor?: string, limit?: int}  $page
     * @return array{data: array<string, mixed>}
     */
    public function getSession(string $id, array $page = []): array
    {
        return $this->call('GET', '/sessions/'.self::segment($id), $page);
    }

    /**
     * Every step of a session, oldest first, however many there are.
     *
     * @return LazyCollection<int, array<string, mixed>>
     */
    public function getTimeline(string $id): LazyCollection
    {
        return $this->pages(fn (array $page): array => $this->getSession($id, $page), [], static fn (array $answer): array => $answer['data']['timeline']);
    }

    /**
     * One page of all that happened to a resource, as resource or as target, across sessions, oldest first.
     *
     * @param  array{cursor?: string, limit?: int}  $page
     * @return array{data: list<array<string, mixed>>, pagination: array<string, mixed>}
     */
    public function getResourceHistory(string $type, string $id, array $page = []): array
    {
        return $this->call('GET', '/resources/'.self::segment($type).'/'.self::segment($id).'/history', $page);
    }

    /**
     * @param  array<string, mixed>  $filters
     * @return LazyCollection<int, array<string, mixed>> the events of all pages
     */
    public function iterEvents(array $filters = []): LazyCollection
    {
        return $this->pages($this->getEvents(...), $filters);
    }

    /**
     * @param  array<string, mixed>  $filters
     * @return LazyCollection<int, array<string, mixed>> the sessions of all pages
     */
    public function iterSessions(array $filters = []): LazyCollection
    {
        return $this->pages($this->getSessions(...), $filters);
    }

    /** @return LazyCollection<int, array<string, mixed>> the history of all pages */
    public function iterResourceHistory(string $type, string $id): LazyCollection
    {
        return $this->pages(fn (array $page): array => $this->getResourceHistory($type, $id, $page), []);
    }

    /**
     * Have the server check the hash chain, whole or in a range of time. Without a limit, all parts make one verdict.
     *
     * @return array{data: array{valid: bool, events_checked: int, breaks: list<array<string, mixed>>}}
     */
    public function verify(?string $from = null, ?string $to = null, ?int $limit = null): array
    {
        $range = ['from' => $from, 'to' => $to, 'limit' => $limit];
        $whole = $this->call('GET', '/verify', $range);
        while ($limit === null && ($cursor = $whole['data']['next_cursor'] ?? null) !== null) {
            $part = $this->call('GET', '/verify', $range + ['cursor' => $cursor]);
            if (($part['data']['next_cursor'] ?? null) === $cursor) {
                throw new GetImmutableException('The server answered with the same cursor twice');
            }
            $before = $whole['data'];
            $whole = $part;
            $whole['data']['valid'] = $before['valid'] && $part['data']['valid'];
            $whole['data']['events_checked'] = $before['events_checked'] + $part['data']['events_checked'];
            foreach (['breaks', 'erased', 'scope'] as $list) {
                $whole['data'][$list] = array_merge($before[$list] ?? [], $part['data'][$list] ?? []);
            }
            $whole['data']['details_erased'] = ($before['details_erased'] ?? 0) + ($part['data']['details_erased'] ?? 0);
            $whole['data']['first_sequence'] = $before['first_sequence'] ?? null;
        }

        return $whole;
    }

    /**
     * Make a token for the embeddable viewer that reads only what the given ids cover.
     *
     * @param  array{tenant_id?: string, actor_id?: string, session_id?: string, ttl?: int}  $options
     * @return array{token: string, viewer_token: string, expires_at: int}
     */
    public function createViewerToken(array $options = []): array
    {
        return $this->call('POST', '/viewer-token', body: (object) $options);
    }

    /**
     * @param  array<string, mixed>  $filters  `rule_type`, `from`, `to`, `limit`, `cursor`
     * @return array{data: list<array<string, mixed>>}
     */
    public function getAlerts(array $filters = []): array
    {
        return $this->call('GET', '/alerts', $filters);
    }

    /**
     * Begin an export of the events that meet all filters. `format`: `csv` (default), `jsonl` or `parquet`.
     *
     * @param  array<string, mixed>  $filters
     * @return array{data: array<string, mixed>, id: string, status: string}
     */
    public function createExport(array $filters = []): array
    {
        // Not repeatable: every request that arrives begins one more export.
        return $this->call('POST', '/exports', body: (object) self::plain($filters), repeatable: false);
    }

    /** @return array{data: array<string, mixed>} */
    public function getExport(string $id): array
    {
        return $this->call('GET', '/exports/'.self::segment($id));
    }

    /** @return array{data: list<array<string, mixed>>} */
    public function getAnchors(?int $limit = null): array
    {
        return $this->call('GET', '/anchors', ['limit' => $limit]);
    }

    /** @return array{data: array<string, mixed>} */
    public function getAnchor(string $id): array
    {
        return $this->call('GET', '/anchors/'.self::segment($id));
    }

    /** @return array{data: array<string, mixed>} */
    public function verifyAnchor(string $id): array
    {
        return $this->call('GET', '/anchors/'.self::segment($id).'/verify');
    }

    /** @param  \Closure(): void  $hook  is called before a request is sent again */
    public function onRetry(\Closure $hook): void
    {
        $this->transport->onRetry($hook);
    }

    /**
     * @param  array<string, mixed>  $query
     * @param  array<mixed>|object|null  $body
     * @param  string|null  $file  where the answer is written, which is then no JSON
     * @return array<string, mixed>
     */
    protected function call(string $method, string $path, array $query = [], array|object|null $body = null, bool $repeatable = true, ?float $within = null, ?string $file = null): array
    {
        return $this->transport->send($method, "/api/v1$path", $query, $body, $repeatable, $within, $file);
    }

    /**
     * @param  callable(array<string, mixed>): array<string, mixed>  $read
     * @param  array<string, mixed>  $filters
     * @param  (callable(array<string, mixed>): list<array<string, mixed>>)|null  $items
     * @return LazyCollection<int, array<string, mixed>>
     */
    private function pages(callable $read, array $filters, ?callable $items = null): LazyCollection
    {
        return LazyCollection::make(static function () use ($read, $filters, $items) {
            $filters += ['limit' => self::LARGEST_PAGE];
            do {
                $answer = $read($filters);
                foreach ($items === null ? $answer['data'] : $items($answer) as $item) {
                    yield $item;
                }
                $next = ($answer['pagination']['has_more'] ?? false) ? $answer['pagination']['next_cursor'] : null;
                if ($next !== null && $next === ($filters['cursor'] ?? null)) {
                    throw new GetImmutableException('The server answered with the same cursor twice');
                }
                $filters['cursor'] = $next;
            } while ($next !== null);
        });
    }

    /**
     * @param  array<string, mixed>  $fields
     * @return array<string, mixed> without null and what is empty
     */
    private static function plain(array $fields): array
    {
        return array_filter((array) Plain::value($fields), static fn (mixed $value): bool => $value !== null && $value !== []);
    }

    private static function segment(string $id): string
    {
        if ($id === '') {
            throw new InvalidArgumentException('An id is empty');
        }

        // A segment of dots alone would be resolved as in a file system, and so call something else.
        return trim($id, '.') === '' ? str_replace('.', '%2E', $id) : rawurlencode($id);
    }
}
