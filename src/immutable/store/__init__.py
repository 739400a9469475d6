"""Where bytes rest. SQL lives here and nowhere else. `log_store.py` and `catalog.py` say what every engine promises."""
