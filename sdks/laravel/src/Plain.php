<?php

declare(strict_types=1);

namespace GetImmutable;

use BackedEnum;
use DateTimeImmutable;
use DateTimeInterface;
use DateTimeZone;
use Illuminate\Contracts\Support\Arrayable;
use JsonSerializable;
use Stringable;
use UnitEnum;

/** PHP values as what JSON can hold. Pure. */
final class Plain
{
    private const DEEPEST = 32;

    /** Text, numbers, booleans, null, and arrays of these; of an object, what it says of itself. */
    public static function value(mixed $value, int $depth = 0): mixed
    {
        if ($depth > self::DEEPEST) {
            return '[too deep]'; // also what ends objects that hold each other
        }

        return match (true) {
            is_array($value) => array_map(static fn (mixed $item): mixed => self::value($item, $depth + 1), $value),
            $value instanceof DateTimeInterface => self::instant($value),
            $value instanceof BackedEnum => $value->value,
            $value instanceof UnitEnum => $value->name,
            $value instanceof Arrayable => self::value($value->toArray(), $depth + 1),
            $value instanceof JsonSerializable => self::value($value->jsonSerialize(), $depth + 1),
            $value instanceof Stringable => (string) $value,
            is_object($value) => self::value(get_object_vars($value), $depth + 1),
            is_resource($value) => '[resource]',
            default => $value,
        };
    }

    /** RFC 3339, UTC, microseconds. */
    public static function instant(DateTimeInterface $time): string
    {
        return DateTimeImmutable::createFromInterface($time)->setTimezone(new DateTimeZone('UTC'))->format('Y-m-d\TH:i:s.u\Z');
    }

    /** One line of JSON. Throws JsonException for NaN and infinity; bytes that are no UTF-8 become U+FFFD. */
    public static function json(mixed $value): string
    {
        return json_encode($value, JSON_THROW_ON_ERROR | JSON_UNESCAPED_SLASHES | JSON_INVALID_UTF8_SUBSTITUTE | JSON_PRESERVE_ZERO_FRACTION);
    }
}
