"""The terms that find events: answered for one event alone as the index of a log answers for it."""

from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.logs import Log, event, open_log, small_epochs

from immutable.integrity.record import decode_record
from immutable.model.event import Target
from immutable.model.filters import EventFilter
from immutable.store.terms import meets


@pytest.fixture(scope="module")
def log(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Log]:
    """Events of few values, so that each condition is met by some; the older half is indexed."""
    with small_epochs(), open_log(tmp_path_factory.mktemp("log") / "log.db") as opened:
        for number in range(36):
            draft: dict[str, Any] = {
                "actor_id": f"a{number % 2}", "action": ("doc.viewed", "doc.edited", "docs.viewed")[number % 3],
                "tenant_id": f"e{number % 3}" if number % 4 else None, "session_id": f"s{number % 2}" if number % 5 else None,
                "resource_type": "doc" if number % 4 else None, "resource_id": f"d{number % 3}" if number % 3 else None,
                "targets": (Target("folder", f"d{number % 2}"), Target("doc")) if number % 6 else (),
            }  # fmt: skip
            opened.append(event(**draft))
            if number == 18:
                opened.settle()
        yield opened


def _maybe(*values: Any) -> st.SearchStrategy[Any]:
    return st.none() | st.sampled_from(values)


@given(data=st.data())
def test_an_event_meets_what_the_index_finds_it_by(log: Log, data: st.DataObject) -> None:
    """Whatever is asked, alone or together."""
    moments = _maybe(log.now - 36_000_000, log.now - 20_000_000, log.now - 5_000_000)
    wanted = data.draw(
        st.builds(
            EventFilter, actor_id=_maybe("a0", "a9"), action=_maybe("*", "doc.*", "doc.viewed", "docs.*"),
            resource=_maybe("doc"), resource_id=_maybe("d0", "d1"), tenant_id=_maybe("e1"), session_id=_maybe("s0"),
            target_type=_maybe("folder", "doc"), target_id=_maybe("d1"), touched=_maybe(("doc", "d1"), ("folder", "d0")),
            run=_maybe(("a0", 3, 30)), created_from=moments, created_to=moments,
        )
    )  # fmt: skip
    expected = list(log.store.matching(log.workspace, wanted))
    assert [entry.seq for entry in log.entries() if meets(decode_record(entry.record), wanted)] == expected
