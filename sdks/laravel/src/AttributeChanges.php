<?php

declare(strict_types=1);

namespace GetImmutable;

use Illuminate\Database\Eloquent\Model;
use Throwable;

/**
 * What an update changed, attribute by attribute: `{"title": {"old": "Draft", "new": "Report"}}`. Pure.
 *
 * 1. Hidden attributes (`$hidden`, `$visible`), passwords, remember tokens, the model's own `$auditExclude` and its
 *    timestamps are left out.
 * 2. Of encrypted and hashed attributes it is said that they changed, not to what.
 * 3. Values are those of the casts: dates as RFC 3339 in UTC, enums by their value, JSON as JSON.
 * 4. A value that its cast cannot read is said to be unreadable: the model is saved already, and nothing may fail for its audit.
 * 5. What is long is cut, so that an event never outgrows what the server takes and is refused for it.
 */
final class AttributeChanges
{
    private const NEVER = ['password', 'remember_token'];

    private const LONGEST_VALUE = 1024;

    private const MOST_FIELDS = 50;

    private const MOST_BYTES = 32_768;

    /** @return array<string, array{old: mixed, new: mixed}> within `updated`, before the model forgets its original */
    public static function of(Model $model): array
    {
        $changes = [];
        $bytes = 0;
        foreach (array_keys($model->getChanges()) as $attribute) {
            if (! self::isShown($model, $attribute) || in_array($attribute, [$model->getCreatedAtColumn(), $model->getUpdatedAtColumn()], true)) {
                continue;
            }
            $change = self::isSecret($model, $attribute)
                ? ['old' => '[secret]', 'new' => '[secret]']
                : ['old' => self::short(static fn (): mixed => $model->getOriginal($attribute)), 'new' => self::short(static fn (): mixed => $model->getAttribute($attribute))];
            $bytes += strlen(Plain::json([$attribute => $change]));
            $changes[$attribute] = $bytes > self::MOST_BYTES ? ['old' => '[left out]', 'new' => '[left out]'] : $change;
            if (count($changes) === self::MOST_FIELDS) {
                break;
            }
        }

        return $changes;
    }

    /** Whether an attribute of this model may be shown to a reader of the log. */
    public static function isShown(Model $model, string $attribute): bool
    {
        $excluded = array_merge(self::NEVER, $model->getHidden(), self::excluded($model));

        return ! in_array($attribute, $excluded, true)
            && ($model->getVisible() === [] || in_array($attribute, $model->getVisible(), true));
    }

    /** @return list<string> */
    private static function excluded(Model $model): array
    {
        return property_exists($model, 'auditExclude') ? (fn (): array => $this->auditExclude)->call($model) : [];
    }

    /** Whether its cast keeps the value from readers of the database. */
    public static function isSecret(Model $model, string $attribute): bool
    {
        $cast = $model->getCasts()[$attribute] ?? '';

        return is_string($cast) && preg_match('/^encrypted|^hashed|\\\\AsEncrypted/i', $cast) === 1;
    }

    /** @param  callable(): mixed  $read */
    private static function short(callable $read): mixed
    {
        try {
            $plain = Plain::value($read());
            Plain::json(is_float($plain) ? null : $plain);
        } catch (Throwable) {
            return '[unreadable]';
        }
        if (is_string($plain)) {
            return match (true) {
                ! mb_check_encoding($plain, 'UTF-8') => '['.strlen($plain).' bytes]',
                mb_strlen($plain) > self::LONGEST_VALUE => mb_substr($plain, 0, self::LONGEST_VALUE).'…',
                default => $plain,
            };
        }
        if (is_float($plain) && ! is_finite($plain)) {
            return (string) $plain;
        }

        return is_array($plain) && strlen(Plain::json($plain)) > self::LONGEST_VALUE ? '['.count($plain).' items]' : $plain;
    }
}
