"""Checks what an Immutable log hands out, offline, with none of the server's code. Begin reading in `pack.py`."""

__version__ = "0.1.0"
