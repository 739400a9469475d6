"""`python -m immutable`."""

from immutable.cli.main import app

if __name__ == "__main__":  # the processes that verify import this module too
    app()
