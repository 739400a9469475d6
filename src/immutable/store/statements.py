"""How an engine sends the catalogue's statements that both engines share: written once, with `?` for their values."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any, Protocol

from immutable.model.act import Act

Send = Callable[..., list[Any]]
"""Sends one statement with its values, and gives its rows."""


class Statements(Protocol):
    """What an engine supplies."""

    def read(self, sql: str, *values: object) -> list[Any]:
        """The rows of one statement, as of now. Raises Overloaded where the engine cannot answer."""

    def change(self, act: Act | None = None, *, counts: bool = True) -> AbstractContextManager[Send]:
        """A durable transaction that keeps the act with what it does; `counts`: every process is to look again."""
