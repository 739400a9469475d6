"""Puts the certificates of a time-stamp response into DER's order. Pure.

OpenSSL writes them as they come, and DER wants a set sorted; `rfc3161-client` reads DER alone. The certificates are covered by no
signature, and sorting them changes no length, so the rest stays byte for byte.
"""

_SEQUENCE, _CERTIFICATES = 0x30, 0xA0
_TOO_LONG = 4


def sorted_certificates(response: bytes) -> bytes:
    """The response with its certificates sorted. Raises ValueError where it is no DER."""
    start, end = _content(response, 0, _SEQUENCE)  # TimeStampResp
    members = _members(response, start, end)
    if len(members) < 2:
        return response  # refused: there is no token
    _, token = members[1]
    start, end = _content(response, token, _SEQUENCE)  # ContentInfo
    members = _members(response, start, end)
    if len(members) != 2:
        raise ValueError("This is no time-stamp.")
    _, explicit = members[1]
    start, _ = _content(response, explicit, 0xA0)
    start, end = _content(response, start, _SEQUENCE)  # SignedData
    for tag, place in _members(response, start, end):
        if tag == _CERTIFICATES:
            first, last = _content(response, place, tag)
            places = [one for _, one in _members(response, first, last)]
            certificates = sorted(
                response[begin:until] for begin, until in zip(places, [*places[1:], last], strict=True)
            )
            return response[:first] + b"".join(certificates) + response[last:]
    return response


def _members(data: bytes, start: int, end: int) -> list[tuple[int, int]]:
    """Tag and place of each value between `start` and `end`."""
    found = []
    while start < end:
        tag = data[start]
        found.append((tag, start))
        start = _content(data, start, tag)[1]
    if start != end:
        raise ValueError("A value of the time-stamp reaches beyond what holds it.")
    return found


def _content(data: bytes, place: int, tag: int) -> tuple[int, int]:
    """Where the content of the value at `place` begins and ends."""
    if place + 2 > len(data) or data[place] != tag:
        raise ValueError("This is no time-stamp.")
    length, start = data[place + 1], place + 2
    if length & 0x80:
        width = length & 0x7F
        if not 1 <= width <= _TOO_LONG:
            raise ValueError("A value of the time-stamp has no sensible length.")
        length, start = int.from_bytes(data[start : start + width], "big"), start + width
    if start + length > len(data):
        raise ValueError("The time-stamp is cut off.")
    return start, start + length
