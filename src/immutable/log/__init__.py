"""The product: one way in (append), and what follows the log."""
