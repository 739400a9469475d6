<?php

declare(strict_types=1);

namespace GetImmutable;

use SensitiveParameter;

/**
 * What automatic capture sends instead of a session id: whoever reads the log must not be able to take over the session.
 * The same in all SDKs, so that events and log lines of one session can be joined.
 */
final class SessionHash
{
    public static function of(#[SensitiveParameter] string $id, #[SensitiveParameter] string $secret): string
    {
        return 'sh_'.substr(hash_hmac('sha256', "immutable:session:v1\n".$id, $secret), 0, 32);
    }
}
