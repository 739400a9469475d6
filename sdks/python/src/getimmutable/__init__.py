"""The Python SDK for Immutable, the tamper-evident audit log."""

__version__ = "0.3.0"
