<?php

declare(strict_types=1);

namespace GetImmutable;

/** The key that lets an event be sent again without being stored twice. */
final class IdempotencyKey
{
    /** A UUID of version 7 (RFC 9562 section 5.7): it begins with the time, so that the server's index stays dense. */
    public static function make(): string
    {
        $bytes = substr(pack('J', (int) (microtime(true) * 1000)), 2).random_bytes(10);
        $bytes[6] = chr(ord($bytes[6]) & 0x0F | 0x70);
        $bytes[8] = chr(ord($bytes[8]) & 0x3F | 0x80);

        return vsprintf('%s%s-%s-%s-%s-%s%s%s', str_split(bin2hex($bytes), 4));
    }

    /**
     * @param  array<string, mixed>  $event
     * @return array<string, mixed> the event with its own key, or a new one
     */
    public static function on(array $event): array
    {
        return ['idempotency_key' => ($event['idempotency_key'] ?? '') ?: self::make()] + $event;
    }
}
