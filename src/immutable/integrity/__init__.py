"""Pure: bytes in, bytes or verdict out. No disk, no network, no clock. What an auditor reads first."""
