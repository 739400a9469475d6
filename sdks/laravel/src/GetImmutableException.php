<?php

declare(strict_types=1);

namespace GetImmutable;

use RuntimeException;
use Throwable;

/** A request failed. `statusCode` is 0 where no answer came; `responseBody` is the JSON of the answer, or []. */
class GetImmutableException extends RuntimeException
{
    /** The events it is about were counted and told; whoever catches it next must not do so again. */
    public bool $isSettled = false;

    /**
     * @param  array<string, mixed>  $responseBody
     * @param  bool  $isTemporary  the same request may succeed later: no answer, 429, 502, 503, 504
     * @param  float|null  $retryAfter  seconds that the server asked to wait
     */
    public function __construct(
        string $message,
        public readonly int $statusCode = 0,
        public readonly array $responseBody = [],
        public readonly bool $isTemporary = false,
        public readonly ?float $retryAfter = null,
        ?Throwable $previous = null,
    ) {
        parent::__construct($message, $statusCode, $previous);
    }

    /** The server's code, `validation_failed`; without one its sentence, `HTTP 502`, or what went wrong on the way. */
    public function errorCode(): string
    {
        foreach (['error', 'message'] as $key) {
            if (is_string($this->responseBody[$key] ?? null)) {
                return $this->responseBody[$key];
            }
        }

        return $this->statusCode >= 300 ? "HTTP {$this->statusCode}" : $this->getMessage();
    }

    /** The server's sentence about what to do; without one, the same as `errorCode()`. */
    public function sentence(): string
    {
        $sentence = $this->responseBody['message'] ?? null;

        return is_string($sentence) ? $sentence : $this->errorCode();
    }

    /** @return array<string, list<string>> what is wrong with which field, where the server refused an event */
    public function errors(): array
    {
        $errors = $this->responseBody['errors'] ?? [];

        return is_array($errors) ? $errors : [];
    }
}
