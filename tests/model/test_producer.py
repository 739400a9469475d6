"""Which numbers of a run came: exact against a plain set, and bounded."""

from hypothesis import given
from hypothesis import strategies as st

from immutable.model.producer import GRACE, MAX_RANGES, ProducerRun, decode_run, encode_run

LATER = 10**15


def _run(*numbers: int) -> ProducerRun:
    run = ProducerRun("web-3", "r")
    for at, number in enumerate(numbers):
        run.receive(number, at)
    return run


@given(st.lists(st.integers(1, 60), min_size=1))
def test_gaps_are_what_did_not_come(numbers: list[int]) -> None:
    """In whatever order and however often numbers come, the gaps are the others up to the highest."""
    run = decode_run(encode_run(_run(*numbers)))
    missing = {number for first, last in run.gaps(LATER) for number in range(first, last + 1)}
    assert missing == set(range(1, max(numbers) + 1)) - set(numbers)
    assert run.received == len(set(numbers))
    assert (run.spans[0].first, run.spans[-1].last) == (min(numbers), max(numbers))


def test_a_gap_counts_after_its_grace_and_goes_when_it_is_filled() -> None:
    """41 to 43 may be on their way for a minute; then they are missing, until they come."""
    run = ProducerRun("web-3", None)
    for number in range(1, 41):
        run.receive(number, 0)
    run.receive(44, 1_000)
    assert list(run.gaps(GRACE + 999)) == []
    assert list(run.gaps(GRACE + 1_000)) == [(41, 43)]
    run.receive(42, GRACE)
    assert list(run.gaps(GRACE + 1_000)) == [(41, 41), (43, 43)]
    run.receive(41, GRACE)
    run.receive(43, GRACE)
    assert list(run.gaps(LATER)) == []
    assert len(run.spans) == 1


def test_a_run_is_bounded() -> None:
    """Of too many gaps the oldest are forgotten, and how many numbers those were is kept."""
    run = _run(*range(1, 4 * MAX_RANGES, 2))
    assert len(run.spans) == MAX_RANGES
    assert run.forgotten == MAX_RANGES
    assert run.received == 2 * MAX_RANGES
