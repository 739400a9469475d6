<?php

declare(strict_types=1);

namespace GetImmutable;

use Illuminate\Database\Eloquent\Model;

/**
 * What an event says of an Eloquent model, or of a resource given by type. Pure.
 *
 * A model may say more of itself: `getAuditType()`, otherwise its class's name; `getAuditName()`, otherwise its `title` or `name`
 * where that is not hidden.
 */
final class ResourceFields
{
    /**
     * @param  Model|array{type?: string, id?: string|int, name?: string}|string|null  $resource
     * @return array<string, string> `resource`, `resource_id` and `resource_name`, as far as they are known
     */
    public static function of(Model|array|string|null $resource): array
    {
        [$type, $id, $name] = self::parts($resource);

        return array_filter(['resource' => $type, 'resource_id' => $id, 'resource_name' => $name], self::isGiven(...));
    }

    /**
     * @param  Model|array{type?: string, id?: string|int, name?: string}|string|null  $resource
     * @return array<string, string> `type`, `id` and `name`, as far as they are known
     */
    public static function target(Model|array|string|null $resource, ?string $id = null, ?string $name = null): array
    {
        [$type, $ownId, $ownName] = self::parts($resource);

        return array_filter(['type' => $type, 'id' => $id ?? $ownId, 'name' => $name ?? $ownName], self::isGiven(...));
    }

    /** @return array{?string, ?string, ?string} */
    private static function parts(Model|array|string|null $resource): array
    {
        if (is_array($resource)) {
            return array_map(static fn (string $key): ?string => isset($resource[$key]) ? (string) $resource[$key] : null, ['type', 'id', 'name']);
        }
        if (! $resource instanceof Model) {
            return [$resource, null, null];
        }
        $type = method_exists($resource, 'getAuditType') ? (string) $resource->getAuditType() : class_basename($resource);
        $key = $resource->getKey();

        return [$type, $key === null ? null : (string) $key, self::name($resource)];
    }

    private static function name(Model $model): ?string
    {
        if (method_exists($model, 'getAuditName')) {
            $name = $model->getAuditName();

            return $name === null ? null : mb_substr((string) $name, 0, 255);
        }
        foreach (['title', 'name'] as $attribute) {
            $value = array_key_exists($attribute, $model->getAttributes()) && AttributeChanges::isShown($model, $attribute) && ! AttributeChanges::isSecret($model, $attribute)
                ? $model->getAttribute($attribute) : null;
            if (is_string($value) && $value !== '') {
                return mb_substr($value, 0, 255);
            }
        }

        return null;
    }

    private static function isGiven(?string $text): bool
    {
        return $text !== null && $text !== '';
    }
}
