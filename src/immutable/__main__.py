"""`python -m immutable`."""

from immutable.cli.main import app

app()
