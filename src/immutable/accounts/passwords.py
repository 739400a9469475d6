"""Passwords: argon2id beside the event loop, so few at once and so few in wait that nobody can exhaust memory or processors."""

import asyncio
import secrets
from concurrent.futures import ThreadPoolExecutor

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from immutable.errors import InvalidEvent, Overloaded

LEAST, MOST = 12, 1_024
_AT_ONCE = 2
_MOST_WAITING = 40


class Passwords:
    """Hashes and checks passwords."""

    def __init__(self, memory_kib: int, passes: int) -> None:
        self._hasher = PasswordHasher(time_cost=passes, memory_cost=memory_kib, parallelism=1)
        self._executor = ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="passwords")
        self._waiting = 0
        self._nobodys = ""

    def prepare(self) -> None:
        """Make the hash that costs what everybody's does, of a password that nobody knows."""
        self._nobodys = self._hasher.hash(secrets.token_hex(32))

    async def hash(self, password: str) -> str:
        """What is kept of a password. Raises Overloaded where too many wait."""
        return await self._run(password, None) or ""

    async def is_right(self, kept: str | None, password: str) -> bool:
        """Whether this is the password. For nobody's (None), takes the same work and says no. Raises Overloaded."""
        found = await self._run(password, kept or self._nobodys)
        return found is not None and kept is not None

    def is_weak(self, kept: str) -> bool:
        """Whether it was hashed with other parameters than are asked for now."""
        return self._hasher.check_needs_rehash(kept)

    def close(self) -> None:
        """End the threads."""
        self._executor.shutdown()

    async def _run(self, password: str, kept: str | None) -> str | None:
        """The hash of a password; or, where one is kept, that one if the password is right, and None if not."""
        if self._waiting >= _MOST_WAITING:
            raise Overloaded("Too many people sign in at once. Try again in a second.", 1)
        self._waiting += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._executor, self._work, password, kept)
        finally:
            self._waiting -= 1

    def _work(self, password: str, kept: str | None) -> str | None:
        if kept is None:
            return self._hasher.hash(password)
        try:
            self._hasher.verify(kept, password)
        except (VerificationError, InvalidHashError):
            return None
        return kept


def checked(password: str, *not_like: str, field: str = "password") -> str:
    """A password that may be chosen. Raises InvalidEvent: too short, or like the name or address of whose it is."""
    told = None
    if len(password) < LEAST:
        told = f"Use at least {LEAST} characters; a few words are easy to keep in mind."
    elif any(part and password.casefold() == part.casefold() for part in not_like):
        told = "Use something else than your name or e-mail address."
    if told is not None:
        raise InvalidEvent(f"{field}: {told}", {field: [told]})
    return password
