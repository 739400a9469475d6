<?php

declare(strict_types=1);

namespace GetImmutable;

use Illuminate\Contracts\Auth\Authenticatable;

/** What an event says of a user of the application. A user may say its type itself, with `getAuditActorType()`. */
final class Actor
{
    public const SYSTEM = ['id' => 'system', 'name' => null, 'type' => 'system'];

    /** @return array{id: string, name: ?string, type: ?string}|null */
    public static function of(?Authenticatable $user): ?array
    {
        if ($user === null) {
            return null;
        }
        $name = $user->name ?? null;

        return [
            'id' => (string) $user->getAuthIdentifier(),
            'name' => is_string($name) && $name !== '' ? mb_substr($name, 0, 255) : null,
            'type' => method_exists($user, 'getAuditActorType') ? (string) $user->getAuditActorType() : 'user',
        ];
    }
}
