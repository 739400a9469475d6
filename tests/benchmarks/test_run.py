"""The command that measures: its parts follow one another on the same logs."""

import pytest

from benchmarks import run


def test_a_log_that_was_verified_is_asked(capsys: pytest.CaptureFixture[str]) -> None:
    """Verification signs the log; the server that answers the questions afterwards opens those keys."""
    run.main(events=[2_000], seconds=0.1, rounds=1, part=["verification", "queries"])
    told = capsys.readouterr().out
    assert "Verification on PostgreSQL" in told
    assert "Questions over HTTP" in told
