<?php

declare(strict_types=1);

namespace GetImmutable;

use Illuminate\Http\Request;

/**
 * Who is asking, from where and in which session, as CaptureAuditContext saw it. One for each request.
 *
 * Each field may be set by the application; the others follow the request: who logs in during it is its actor from then on.
 */
class RequestContext
{
    public ?string $actorId = null;

    public ?string $actorName = null;

    public ?string $actorType = null;

    public ?string $ipAddress = null;

    public ?string $userAgent = null;

    /** The keyed hash of the session's id, never the id itself. */
    public ?string $sessionId = null;

    public ?string $requestId = null;

    public ?string $traceId = null;

    private ?Request $request = null;

    private string $secret = '';

    /** @var array<string, ?string> what the request said last */
    private array $seen = [];

    /** Follow this request. */
    public function capture(Request $request, string $secret): void
    {
        $this->request = $request;
        $this->secret = $secret;
        $this->current();
    }

    /** Read the request again, except for what the application has set itself. */
    public function current(): self
    {
        if ($this->request === null) {
            return $this;
        }
        foreach (self::said($this->request, $this->secret) as $field => $value) {
            if ($this->$field === ($this->seen[$field] ?? null)) {
                $this->$field = $value;
            }
            $this->seen[$field] = $value;
        }

        return $this;
    }

    /** The session alone, as `current` has it, without asking who is signed in: that may read the database, and log. */
    public function session(): ?string
    {
        $isSet = $this->sessionId !== ($this->seen['sessionId'] ?? null);

        return $isSet || $this->request === null ? $this->sessionId : self::hashed($this->request, $this->secret);
    }

    private static function hashed(Request $request, string $secret): ?string
    {
        return $request->hasSession() ? SessionHash::of($request->session()->getId(), $secret) : null;
    }

    /** @return array<string, string> the fields of an event that are known */
    public function fields(): array
    {
        $this->current();

        return array_filter([
            'ip_address' => $this->ipAddress,
            'user_agent' => $this->userAgent,
            'session_id' => $this->sessionId,
            'request_id' => $this->requestId,
            'trace_id' => $this->traceId,
        ], static fn (?string $text): bool => $text !== null && $text !== '');
    }

    /** @return array<string, ?string> */
    private static function said(Request $request, string $secret): array
    {
        $actor = Actor::of($request->user());
        $trace = [];
        preg_match('/^[0-9a-f]{2}-([0-9a-f]{32})-/', (string) $request->header('traceparent'), $trace);
        $requestId = $request->header('X-Request-Id');

        return [
            'actorId' => $actor['id'] ?? null,
            'actorName' => $actor['name'] ?? null,
            'actorType' => $actor['type'] ?? null,
            'ipAddress' => $request->ip(),
            'userAgent' => self::text($request->userAgent(), 1024),
            'sessionId' => self::hashed($request, $secret),
            'requestId' => is_string($requestId) ? self::text($requestId, 255) : null,
            'traceId' => $trace[1] ?? null,
        ];
    }

    /** What a stranger's header says, cut to what the server takes: a long one must not cost the event. */
    private static function text(?string $text, int $longest): ?string
    {
        return $text === null ? null : mb_substr(mb_scrub($text, 'UTF-8'), 0, $longest);
    }
}
