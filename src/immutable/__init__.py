"""Immutable: an audit log that nobody can alter unseen, and that tells any session as a story."""

__version__ = "0.1.0"
