"""Clients that keep the log in memory, for the tests of an application that uses getimmutable."""

from getimmutable.testing.memory_client import AsyncMemoryClient, MemoryClient
from getimmutable.testing.memory_log import MemoryLog

__all__ = ["AsyncMemoryClient", "MemoryClient", "MemoryLog"]
