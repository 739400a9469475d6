"""Passwords: the same work for everybody, within bounds."""

import asyncio

import pytest

from immutable.accounts.passwords import Passwords, checked
from immutable.errors import InvalidEvent, Overloaded


def test_an_unknown_member_costs_the_same_work(monkeypatch: pytest.MonkeyPatch) -> None:
    """For nobody's password a hash of the same parameters is checked, and the answer is no, whatever is typed."""
    passwords = Passwords(64, 1)
    passwords.prepare()
    asked: list[str] = []
    verify = type(passwords._hasher).verify

    def noting(hasher: object, kept: str, password: str) -> bool:
        asked.append(kept.rpartition("$")[0].rpartition("$")[0])
        return bool(verify(hasher, kept, password))  # type: ignore[arg-type]

    monkeypatch.setattr(type(passwords._hasher), "verify", noting)

    async def check() -> None:
        kept = await passwords.hash("correct horse battery")
        assert await passwords.is_right(kept, "correct horse battery")
        assert not await passwords.is_right(kept, "wrong")
        assert not await passwords.is_right(None, "wrong")

    asyncio.run(check())
    passwords.close()
    assert len(asked) == 3
    assert len(set(asked)) == 1  # the same algorithm with the same parameters


def test_too_many_at_once_are_pushed_back() -> None:
    """More than wait in line are told to come again, and take no memory."""
    passwords = Passwords(64, 1)

    async def crowd() -> list[object]:
        return await asyncio.gather(*(passwords.hash("x" * 12) for _ in range(60)), return_exceptions=True)

    outcomes = asyncio.run(crowd())
    passwords.close()
    assert sum(isinstance(one, Overloaded) for one in outcomes) == 20
    assert sum(isinstance(one, str) for one in outcomes) == 40


def test_what_may_be_a_password() -> None:
    """Long enough, and not one's own name or address."""
    assert checked("correct horse battery", "ada@example.com") == "correct horse battery"
    for wrong in ("short", "Ada@Example.com"):
        with pytest.raises(InvalidEvent):
            checked(wrong, "ada@example.com", "Ada")
