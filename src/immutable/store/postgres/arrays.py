"""Columns of many rows as PostgreSQL's binary arrays, one parameter each, for `unnest`.

The driver's own lists are sent as text, each element searched for quotes and escaped: half the time of an append.
The form is that of `array_send` in PostgreSQL's source: dimensions, whether there are nulls, type, length, lower bound;
then each element after its length, -1 for null; all in network order.
"""

from collections.abc import Iterable, Sequence
from struct import Struct, pack

from psycopg.adapt import AdaptersMap, Dumper
from psycopg.pq import Format

_HEADER = Struct("!iiIii").pack
_EMPTY = Struct("!iiI").pack
_LENGTH = Struct("!i").pack
_NULL = _LENGTH(-1)
_BYTEA, _BIGINT, _INTEGER, _TEXT, _BOOLEAN = 17, 20, 23, 25, 16
"""Type numbers of the elements, from PostgreSQL's catalogue; they never change."""


class _Array:
    """An array as it is sent."""

    __slots__ = ("data",)

    def __init__(self, data: bytes) -> None:
        self.data = data


class ByteaArray(_Array):
    """A `bytea[]`."""


class BigintArray(_Array):
    """A `bigint[]`."""


class IntegerArray(_Array):
    """An `integer[]`."""


class TextArray(_Array):
    """A `text[]`."""


class BooleanArray(_Array):
    """A `boolean[]`."""


def bytea_array(values: Sequence[bytes | None]) -> ByteaArray:
    """These bytes; None is null."""
    return ByteaArray(_of_any_length(_BYTEA, values))


def text_array(values: Iterable[str | None]) -> TextArray:
    """These texts; None is null."""
    return TextArray(_of_any_length(_TEXT, [None if value is None else value.encode() for value in values]))


def bigint_array(values: Sequence[int]) -> BigintArray:
    """These integers of 64 bits."""
    return BigintArray(_of_numbers(_BIGINT, "iq", 8, values))


def integer_array(values: Sequence[int]) -> IntegerArray:
    """These integers of 32 bits."""
    return IntegerArray(_of_numbers(_INTEGER, "ii", 4, values))


def boolean_array(values: Sequence[bool]) -> BooleanArray:
    """These truth values."""
    return BooleanArray(_of_numbers(_BOOLEAN, "i?", 1, values))


def register(adapters: AdaptersMap) -> None:
    """Let a connection send these."""
    for kind, dumper in _DUMPERS.items():
        adapters.register_dumper(kind, dumper)


_TYPES = {ByteaArray: 1001, BigintArray: 1016, IntegerArray: 1007, TextArray: 1009, BooleanArray: 1000}


class _ArrayDumper(Dumper):
    format = Format.BINARY

    def dump(self, obj: _Array) -> bytes:
        return obj.data


# Made once and not for each connection: psycopg keeps every class of this kind that it ever saw.
_DUMPERS: dict[type[_Array], type[_ArrayDumper]] = {
    kind: type(f"{kind.__name__}Dumper", (_ArrayDumper,), {"oid": number}) for kind, number in _TYPES.items()
}


def _of_any_length(element: int, values: Sequence[bytes | None]) -> bytes:
    if not values:
        return _EMPTY(0, 0, element)
    pieces = [_HEADER(1, None in values, element, len(values), 1)]
    for value in values:
        if value is None:
            pieces.append(_NULL)
        else:
            pieces.append(_LENGTH(len(value)))
            pieces.append(value)
    return b"".join(pieces)


def _of_numbers(element: int, form: str, size: int, values: Sequence[int]) -> bytes:
    if not values:
        return _EMPTY(0, 0, element)
    flat = [size] * (2 * len(values))
    flat[1::2] = values
    return _HEADER(1, 0, element, len(values), 1) + pack("!" + form * len(values), *flat)
