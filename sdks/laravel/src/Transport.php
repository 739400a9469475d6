<?php

declare(strict_types=1);

namespace GetImmutable;

use Closure;
use DateTimeImmutable;
use GuzzleHttp\Exception\RequestException;
use GuzzleHttp\Exception\TransferException;
use Illuminate\Http\Client\HttpClientException;
use Illuminate\Http\Client\PendingRequest;
use Illuminate\Http\Client\Response;
use Illuminate\Support\Facades\Http;
use InvalidArgumentException;
use SensitiveParameter;
use Throwable;

/** Sends requests through Laravel's HTTP client, and again where that can do no harm. What calls there are is in AuditLogClient. */
final class Transport
{
    /** cURL's numbers for what surely was not sent: no such host, no connection, no TLS. */
    private const NOT_SENT = [5, 6, 7, 35];

    /** How long a download may say nothing: the server makes an evidence pack before it sends any of it. */
    private const DOWNLOAD_SECONDS = 60.0;

    private readonly string $baseUrl;

    private readonly string $apiKey;

    /** @var Closure(): void */
    private Closure $onRetry;

    public function __construct(
        #[SensitiveParameter] string $apiKey,
        string $baseUrl,
        private readonly float $timeout = 5.0,
        private readonly RetryPolicy $retry = new RetryPolicy,
    ) {
        $this->apiKey = trim($apiKey);
        $this->baseUrl = rtrim(trim($baseUrl), '/');
        $this->onRetry = static function (): void {};
    }

    /** @param  Closure(): void  $hook  is called before a request is sent again */
    public function onRetry(Closure $hook): void
    {
        $this->onRetry = $hook;
    }

    /**
     * Send, and again as the policy says.
     *
     * @param  array<string, mixed>  $query  null is left out
     * @param  array<mixed>|object|null  $body
     * @param  bool  $repeatable  sending it twice has the effect of sending it once
     * @param  float|null  $within  all tries together end within so many seconds
     * @param  string|null  $file  where the answer is written once it is whole; what is returned is then its size: `bytes`
     * @return array<string, mixed>
     *
     * @throws GetImmutableException
     */
    public function send(
        string $method,
        string $path,
        array $query = [],
        array|object|null $body = null,
        bool $repeatable = true,
        ?float $within = null,
        ?string $file = null,
    ): array {
        $this->check();
        $parameters = http_build_query(array_map(self::text(...), array_filter($query, static fn (mixed $value): bool => $value !== null)), '', '&', PHP_QUERY_RFC3986);
        $url = $this->baseUrl.$path.($parameters === '' ? '' : "?$parameters");
        $content = $body === null ? null : Plain::json($body);
        $started = hrtime(true);
        for ($retriesDone = 0; ; $retriesDone++) {
            $elapsed = (hrtime(true) - $started) / 1e9;
            $timeout = $within === null ? $this->timeout : max(0.05, min($this->timeout, $within - $elapsed));
            [$answer, $error, $mayRetry] = $this->attempt($method, $url, $content, $repeatable, $timeout, $file);
            if ($error === null) {
                return $answer;
            }
            $elapsed = (hrtime(true) - $started) / 1e9;
            $delay = $mayRetry ? $this->retry->delay($retriesDone, $elapsed, $error->retryAfter, $within) : null;
            if ($delay === null) {
                throw $error;
            }
            ($this->onRetry)();
            usleep((int) ($delay * 1e6));
        }
    }

    /** @return array{array<string, mixed>, GetImmutableException|null, bool} */
    private function attempt(string $method, string $url, ?string $content, bool $repeatable, float $timeout, ?string $file): array
    {
        $request = Http::withToken($this->apiKey)->accept($file === null ? 'application/json' : '*/*')
            ->withHeaders(['User-Agent' => 'getimmutable-laravel/'.AuditLogClient::VERSION])
            ->withOptions(['timeout' => $timeout, 'connect_timeout' => $timeout, 'allow_redirects' => false]);
        if ($file !== null) {
            return $this->download($request, $method, $url, $file);
        }
        if ($content !== null) {
            $request = $request->withBody($content, 'application/json');
        }
        try {
            $response = $request->send($method, $url);
        } catch (HttpClientException|TransferException $lost) {
            return [[], $this->lost($lost), $repeatable || in_array(self::errno($lost), self::NOT_SENT, true)];
        }
        $data = $response->json();
        if ($response->successful() && is_array($data)) {
            return [$data, null, false];
        }

        return $this->outcomeOf($response, $repeatable);
    }

    /** @return array{array<string, mixed>, GetImmutableException|null, bool} */
    private function download(PendingRequest $request, string $method, string $url, string $file): array
    {
        $beside = $file.'.'.bin2hex(random_bytes(6)).'.part';
        // No bound on the whole, which may be large, but on silence: fewer than one byte a second for so long.
        $bounds = ['timeout' => 0, 'read_timeout' => self::DOWNLOAD_SECONDS, 'curl' => extension_loaded('curl') ? [CURLOPT_LOW_SPEED_LIMIT => 1, CURLOPT_LOW_SPEED_TIME => (int) self::DOWNLOAD_SECONDS] : []];
        try {
            if (! @touch($beside) || ! chmod($beside, 0600)) {
                throw new InvalidArgumentException("$file cannot be written");
            }
            $response = $request->withOptions($bounds + ['sink' => $beside])->send($method, $url);
            if (! $response->successful()) {
                return $this->outcomeOf($response, false);
            }
            $response->toPsrResponse()->getBody()->close();
            clearstatcache(true, $beside);
            $bytes = (int) filesize($beside);
            rename($beside, $file);

            return [['bytes' => $bytes], null, false];
        } catch (HttpClientException|TransferException $lost) {
            return [[], $this->lost($lost), in_array(self::errno($lost), self::NOT_SENT, true)];
        } finally {
            is_file($beside) && unlink($beside);
        }
    }

    /** @return array{array<string, mixed>, GetImmutableException, bool} of an answer that is none of ours, or a refusal */
    private function outcomeOf(Response $response, bool $repeatable): array
    {
        $data = $response->json();
        $status = $response->status();

        return [[], $this->refused($response, is_array($data) ? $data : []), in_array($status, [429, 503], true) || ($repeatable && in_array($status, [502, 504], true))];
    }

    private function lost(Throwable $cause): GetImmutableException
    {
        $why = self::errno($cause) === 28 ? 'Request timed out' : 'HTTP error: '.$cause->getMessage();

        return new GetImmutableException("Immutable API request failed: $why", isTemporary: true, previous: $cause);
    }

    /** @param  array<string, mixed>  $data */
    private function refused(Response $response, array $data): GetImmutableException
    {
        $status = $response->status();
        $words = implode(': ', array_filter([$data['error'] ?? null, $data['message'] ?? null], 'is_string'));
        $words = $words !== '' ? $words : match (true) {
            $status < 300 => "the answer is not the API's JSON; is base_url the address of an Immutable server?",
            $status < 400 => 'the server redirects; give its final address as base_url',
            default => 'the answer says no more',
        };

        return new GetImmutableException(
            "Immutable API request failed: $status $words",
            $status,
            $data,
            in_array($status, [429, 502, 503, 504], true),
            self::retryAfter($response->header('Retry-After')),
        );
    }

    /** Refuse before anything is sent what cannot work. */
    private function check(): void
    {
        $parts = parse_url($this->baseUrl) ?: [];
        if (! in_array($parts['scheme'] ?? '', ['http', 'https'], true) || empty($parts['host']) || isset($parts['query']) || isset($parts['fragment'])) {
            throw new InvalidArgumentException('GETIMMUTABLE_BASE_URL must be http:// or https://, the server\'s name, and at most a path');
        }
        if ($this->apiKey === '' || preg_match('/[^\x21-\x7e]/', $this->apiKey)) {
            throw new InvalidArgumentException('GETIMMUTABLE_API_KEY is missing, or holds characters that no key has');
        }
    }

    private static function text(mixed $value): string
    {
        $plain = Plain::value($value);

        return is_bool($plain) ? ($plain ? 'true' : 'false') : (string) $plain;
    }

    private static function errno(Throwable $error): ?int
    {
        $cause = $error instanceof HttpClientException ? $error->getPrevious() : $error;

        return $cause instanceof RequestException || $cause instanceof \GuzzleHttp\Exception\ConnectException
            ? ($cause->getHandlerContext()['errno'] ?? null) : null;
    }

    private static function retryAfter(string $text): ?float
    {
        if (preg_match('/^\d{1,9}$/', trim($text))) {
            return (float) $text;
        }
        $then = DateTimeImmutable::createFromFormat(DATE_RFC7231, trim($text));

        return $then === false ? null : max(0.0, (float) ($then->getTimestamp() - time()));
    }
}
