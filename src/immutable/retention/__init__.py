"""What may leave a log, and what must stay: erasure of details, holds, retention."""
