<?php

declare(strict_types=1);

namespace GetImmutable\Tests;

use GetImmutable\AuditLogClient;
use GetImmutable\AuditLogManager;
use GetImmutable\Counters;
use GetImmutable\Delivery;
use GetImmutable\GetImmutableException;
use GetImmutable\Outbox;
use GetImmutable\Producer;
use GetImmutable\RetryPolicy;
use GetImmutable\SessionHash;
use GetImmutable\Spool;
use Illuminate\Support\Carbon;
use Illuminate\Support\Facades\Artisan;
use Illuminate\Support\Facades\DB;
use InvalidArgumentException;

/** The cases that all SDKs share. What a case holds is said in `sdks/conformance/README.md`. */
final class ConformanceTest extends TestCase
{
    private const FOLDER = __DIR__.'/../../conformance';

    private const KNOWN = ['name', 'says', 'options', 'server', 'calls', 'answers', 'requests', 'spool', 'spool_after', 'stats', 'given_up'];

    private const KNOWN_OPTIONS = ['retries', 'timeout_ms', 'base_url_suffix', 'producer', 'session_secret', 'spool', 'spool_max_bytes'];

    private AuditLogManager $manager;

    private bool $isDelivery = false;

    /** @return iterable<string, array{\stdClass}> */
    public static function cases(): iterable
    {
        foreach (glob(self::FOLDER.'/*.json') ?: [] as $file) {
            foreach (json_decode((string) file_get_contents($file), false, 512, JSON_THROW_ON_ERROR)->cases ?? [] as $case) {
                yield basename($file, '.json').'/'.$case->name => [$case];
            }
        }
    }

    /**
     * What the user calls, what goes over the wire, what comes back or is raised: as the case says.
     *
     * @dataProvider cases
     */
    public function test_case(\stdClass $case): void
    {
        self::assertSame([], array_diff(array_keys((array) $case), self::KNOWN));
        $options = (array) ($case->options ?? []);
        self::assertSame([], array_diff(array_keys($options), self::KNOWN_OPTIONS));
        $server = new ScriptedServer(json_decode(json_encode($case->answers, JSON_PRESERVE_ZERO_FRACTION), true));
        $url = ($case->server ?? '') === 'down' ? 'http://127.0.0.1:'.Server::freePort() : $server->url;
        try {
            $client = new AuditLogClient('imk_conformance', $url.($options['base_url_suffix'] ?? ''), self::seconds($case), new RetryPolicy($options['retries'] ?? 3, 0.01, 0.05, 50.0));
            $given = $this->open($client, $case, $options);
            foreach ($case->calls as $call) {
                $this->checkCall($client, $call);
            }
            $this->checkDelivery($case, $given->getArrayCopy());
            $requests = $server->requests();
            self::assertCount(count($case->requests), $requests);
            foreach ($case->requests as $place => $wanted) {
                self::checkRequest($wanted, $place, $requests);
            }
        } finally {
            $server->stop();
        }
    }

    /** All tries of a case have the same time here: where one hangs, as little as leaves enough for the others on a busy machine. */
    private static function seconds(\stdClass $case): float
    {
        return isset($case->options->timeout_ms) ? max(3.0, $case->options->timeout_ms / 1000) : 50.0;
    }

    /** A session's hash is the same in all languages. */
    public function test_session_hashes(): void
    {
        $vectors = json_decode((string) file_get_contents(self::FOLDER.'/session-hash.json'))->vectors;
        self::assertNotEmpty($vectors);
        foreach ($vectors as $vector) {
            self::assertSame($vector->hash, SessionHash::of($vector->id, $vector->secret));
        }
    }

    /**
     * The manager of a case, as the service provider makes it; what its hook is told.
     *
     * @param  array<string, mixed>  $options
     * @return \ArrayObject<int, array<string, mixed>>
     */
    private function open(AuditLogClient $client, \stdClass $case, array $options): \ArrayObject
    {
        config(['getimmutable.api_key' => 'imk_conformance', 'getimmutable.session_secret' => $options['session_secret'] ?? null, 'getimmutable.queue.give_up_after' => 0]);
        $this->isDelivery = isset($case->stats) || isset($options['producer']) || isset($options['spool']);
        $spool = isset($options['spool']) ? new Spool("{$this->storage}/spool", $options['spool_max_bytes'] ?? 67_108_864) : null;
        $producer = isset($options['producer']) ? new Producer($options['producer'], $this->storage) : null;
        $outbox = new Outbox(new Delivery($client), new Counters($this->storage), $producer, $spool);
        $given = new \ArrayObject;
        $outbox->onGiveUp(static function (array $events) use ($given): void {
            foreach ($events as $event) {
                $given[] = $event;
            }
        });
        $this->app->instance(Outbox::class, $outbox);
        $this->manager = new AuditLogManager($client, false, false, $outbox);
        foreach ((array) ($case->spool ?? []) as $name => $events) {
            @mkdir("{$this->storage}/spool");
            file_put_contents("{$this->storage}/spool/$name", implode('', array_map(static fn (\stdClass $event): string => json_encode($event)."\n", $events)));
        }
        $outbox->replay();

        return $given;
    }

    /** By the queue, and the worker until no job waits: with nothing to wait for, a job is given up after its fewest tries. */
    private function inBackground(array $events): void
    {
        (new AuditLogManager($this->client(), true, false, $this->outbox()))->trackBatch($events);
        for ($run = 1; DB::table('jobs')->exists(); $run++) {
            self::assertLessThan(10, $run);
            Carbon::setTestNow(Carbon::now()->addMinutes(2));
            Artisan::call('queue:work', ['--queue' => 'getimmutable', '--stop-when-empty' => true, '--sleep' => 0]);
        }
        Carbon::setTestNow();
    }

    /** @param  list<array<string, mixed>>  $given */
    private function checkDelivery(\stdClass $case, array $given): void
    {
        foreach ((array) ($case->stats ?? []) as $name => $count) {
            self::assertSame($count, $this->outbox()->counters->all()[$name], $name);
        }
        if (isset($case->given_up)) {
            self::assertSame([], self::differences($case->given_up, json_decode(json_encode($given))));
        }
        if (isset($case->spool_after)) {
            $files = glob("{$this->storage}/spool/*") ?: [];
            $files = array_values(array_filter($files, static fn (string $file): bool => basename($file) !== 'replay.lock'));
            self::assertSame([], preg_grep('~/\d+-[0-9a-z]+\.jsonl$~', $files, PREG_GREP_INVERT));
            $has = array_map(static fn (string $file): array => array_map('json_decode', file($file)), $files);
            self::assertSame([], self::differences($case->spool_after, $has));
        }
    }

    private function checkCall(AuditLogClient $client, \stdClass $call): void
    {
        if (! isset($call->error)) {
            $got = $call->call === 'builder' ? $this->build($call->steps) : $this->perform($client, $call->call, (array) $call->args);
            $wanted = self::asPhp($call->returns ?? null);
            if ($call->call === 'track_in_background') {
                self::assertNull($got);
            }
            self::assertSame([], self::differences(json_decode($wanted), json_decode(json_encode($got, JSON_PRESERVE_ZERO_FRACTION))));

            return;
        }
        $wanted = $call->error;
        $kind = ($wanted->kind ?? '') === 'argument' ? InvalidArgumentException::class : GetImmutableException::class;
        try {
            $call->call === 'builder' ? $this->build($call->steps) : $this->perform($client, $call->call, (array) $call->args);
            self::fail('nothing was raised');
        } catch (InvalidArgumentException|GetImmutableException $error) {
            self::assertInstanceOf($kind, $error);
            if ($error instanceof GetImmutableException) {
                $has = ['status' => $error->statusCode, 'text' => $error->errorCode(), 'message' => $error->sentence(), 'errors' => (object) $error->errors(), 'retry_after' => $error->retryAfter];
                foreach ((array) $wanted as $name => $value) {
                    self::assertArrayHasKey($name, $has);
                    self::assertEquals($value, $has[$name], $name);
                }
            }
        }
    }

    /** As PHP returns JSON: with arrays, of which an empty one may have been an object. */
    private static function asPhp(mixed $value): string
    {
        return json_encode(json_decode(json_encode($value, JSON_PRESERVE_ZERO_FRACTION), true), JSON_PRESERVE_ZERO_FRACTION);
    }

    /** @param  array<string, mixed>  $args */
    private function perform(AuditLogClient $client, string $name, array $args): mixed
    {
        $args = json_decode(json_encode($args, JSON_PRESERVE_ZERO_FRACTION), true);
        $page = array_diff_key($args, ['session_id' => 1, 'type' => 1, 'id' => 1]);

        return match ($name) {
            'track' => $this->isDelivery ? $this->manager->track($args['event']) : $client->track($args['event']),
            'track_in_background' => $this->inBackground($args['events']),
            'session_hash' => SessionHash::of($args['session_id'], AuditLogManager::sessionSecret()),
            'track_batch' => $this->isDelivery ? $this->manager->trackBatch($args['events']) : $client->trackBatch($args['events'], $args['atomic'] ?? false),
            'get_events' => $client->getEvents($args),
            'iter_events' => $client->iterEvents($args)->all(),
            'get_event' => $client->getEvent($args['event_id']),
            'get_sessions' => $client->getSessions($args),
            'iter_sessions' => $client->iterSessions($args)->all(),
            'get_session' => $client->getSession($args['session_id'], $page),
            'get_resource_history' => $client->getResourceHistory($args['type'], $args['id'], $page),
            'verify' => $client->verify($args['from'] ?? null, $args['to'] ?? null, $args['limit'] ?? null),
            'get_checkpoints' => $client->getCheckpoints($args),
            'iter_checkpoints' => $client->iterCheckpoints()->all(),
            'get_checkpoint' => $client->getCheckpoint($args['size'] ?? null),
            'get_inclusion_proof' => $client->getInclusionProof($args['event_id'], $args['size'] ?? null),
            'get_consistency_proof' => $client->getConsistencyProof($args['from_size'], $args['to_size'] ?? null),
            'get_signing_keys' => $client->getSigningKeys(),
            'get_session_evidence' => $this->downloaded(static fn (string $file): int => $client->getSessionEvidence($args['session_id'], $file, $args['withhold'] ?? null)),
            'get_resource_evidence' => $this->downloaded(static fn (string $file): int => $client->getResourceEvidence($args['type'], $args['id'], $file, $args['withhold'] ?? null)),
            'get_evidence' => $this->downloaded(static fn (string $file): int => $client->getEvidence($args, $file)),
            'create_share_link' => $client->createShareLink($args),
            'get_share_links' => $client->getShareLinks($args),
            'iter_share_links' => $client->iterShareLinks()->all(),
            'revoke_share_link' => $client->revokeShareLink($args['link_id'], $args['reason']),
            'create_viewer_token' => $client->createViewerToken($args),
            'get_alerts' => $client->getAlerts($args),
            'create_export' => $client->createExport($args),
            'get_export' => $client->getExport($args['export_id']),
            'get_anchors' => $client->getAnchors($args['limit'] ?? null),
            'get_anchor' => $client->getAnchor($args['anchor_id']),
            'verify_anchor' => $client->verifyAnchor($args['anchor_id']),
        };
    }

    /** What was downloaded; where it fails, the file that was there stays, and none is left beside it. */
    private function downloaded(callable $download): string
    {
        $folder = "{$this->storage}/downloads";
        mkdir($folder);
        file_put_contents("$folder/case.zip", 'the one before');
        try {
            $bytes = $download("$folder/case.zip");
            self::assertSame($bytes, strlen($pack = (string) file_get_contents("$folder/case.zip")));

            return $pack;
        } catch (GetImmutableException $error) {
            self::assertSame('the one before', file_get_contents("$folder/case.zip"));
            throw $error;
        } finally {
            self::assertSame(['.', '..', 'case.zip'], scandir($folder));
        }
    }

    /**
     * The builder over a manager that sends at once, with this client.
     *
     * @param  list<\stdClass>  $steps
     */
    private function build(array $steps): mixed
    {
        [$builder, $result] = [null, null];
        foreach ($steps as $step) {
            foreach (json_decode(json_encode($step, JSON_PRESERVE_ZERO_FRACTION), true) as $name => $value) {
                match ($name) {
                    'actor' => $builder = $this->manager->actor($value),
                    'track' => $result = $builder->track($value['action'], $value['resource'] ?? null, $value['metadata'] ?? []),
                    'target' => $builder->target($value['type'], $value['id'] ?? null, $value['name'] ?? null, $value['metadata'] ?? null),
                    'on_behalf_of' => $builder->onBehalfOf($value['id'], $value['name'] ?? null, $value['type'] ?? null),
                    'session', 'tenant', 'version', 'targets', 'trace', 'request', 'changes' => $builder->$name($value),
                    'action_category' => $builder->actionCategory($value),
                    'idempotency_key' => $builder->idempotencyKey($value),
                    'occurred_at' => $builder->occurredAt($value),
                    'ip_address' => $builder->ipAddress($value),
                    'user_agent' => $builder->userAgent($value),
                };
            }
        }

        return $result;
    }

    /** @param  list<array<string, mixed>>  $requests */
    private static function checkRequest(\stdClass $wanted, int $place, array $requests): void
    {
        $got = $requests[$place];
        $known = ['method', 'path', 'query', 'headers', 'body', 'exact', 'same_body_as', 'other_keys_than', 'at_least_ms_later'];
        self::assertSame([], array_diff(array_keys((array) $wanted), $known));
        self::assertSame([$wanted->method, $wanted->path], [$got['method'], $got['path']]);
        parse_str($got['query'], $query);
        self::assertEquals((array) ($wanted->query ?? []), $query);
        foreach ((array) ($wanted->headers ?? []) as $name => $value) {
            self::assertSame($value, $got['headers'][$name] ?? null);
        }
        if (property_exists($wanted, 'body')) {
            self::assertSame([], self::differences($wanted->body, json_decode($got['body']), $wanted->exact ?? false));
        }
        if (isset($wanted->same_body_as)) {
            self::assertJsonStringEqualsJsonString($requests[$wanted->same_body_as - 1]['body'], $got['body']);
        }
        if (isset($wanted->other_keys_than)) {
            self::assertNotSame(json_decode($requests[$wanted->other_keys_than - 1]['body'])->idempotency_key, json_decode($got['body'])->idempotency_key);
        }
        if (isset($wanted->at_least_ms_later)) {
            self::assertGreaterThanOrEqual($wanted->at_least_ms_later, $got['at'] - $requests[$place - 1]['at']);
        }
    }

    /** @return list<string> where `$got` is not what `$wanted` says */
    private static function differences(mixed $wanted, mixed $got, bool $isExact = false, string $where = '$'): array
    {
        $shown = json_encode($got);
        if ($wanted instanceof \stdClass && property_exists($wanted, '$any')) {
            $fits = match ($wanted->{'$any'}) {
                'string' => is_string($got) && $got !== '',
                'integer' => is_int($got),
            };

            return $fits ? [] : ["$where: $shown is no {$wanted->{'$any'}}"];
        }
        if ($wanted instanceof \stdClass && property_exists($wanted, '$in')) {
            return in_array($got, $wanted->{'$in'}, true) ? [] : ["$where: $shown is none of these"];
        }
        if ($wanted instanceof \stdClass) {
            if (! $got instanceof \stdClass) {
                return ["$where: $shown is no object"];
            }
            $found = [];
            foreach ((array) $wanted as $key => $value) {
                $found = array_merge($found, $value === null && ! property_exists($got, (string) $key) ? [] : self::differences($value, $got->$key ?? null, $isExact, "$where.$key"));
            }
            $more = $isExact ? array_diff(array_keys((array) $got), array_keys((array) $wanted)) : [];

            return $more === [] ? $found : [...$found, "$where: not named: ".implode(', ', $more)];
        }
        if (is_array($wanted)) {
            if (! is_array($got) || count($got) !== count($wanted)) {
                return ["$where: $shown has not ".count($wanted).' items'];
            }

            return array_merge(...[[]], ...array_map(static fn (int $place): array => self::differences($wanted[$place], $got[$place], $isExact, "{$where}[$place]"), array_keys($wanted)));
        }

        return $wanted === $got ? [] : ["$where: $shown is not ".json_encode($wanted)];
    }
}
