"""The README's examples run, in their order, as they stand."""

import re
from pathlib import Path
from typing import Any

import pytest

import getimmutable
from getimmutable.testing import AsyncMemoryClient, MemoryClient

README = Path(__file__).parents[1] / "README.md"


def test_the_examples_run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """Over a log in memory, and what they print is what they should."""
    monkeypatch.setenv("IMMUTABLE_URL", "http://127.0.0.1:8080")
    monkeypatch.setenv("IMMUTABLE_API_KEY", "imk_example")
    monkeypatch.setattr(getimmutable, "ImmutableClient", _Remembered)
    monkeypatch.setattr(getimmutable, "AsyncImmutableClient", AsyncMemoryClient)
    examples = re.findall(r"```python\n(.*?)```", README.read_text(), re.DOTALL)
    assert len(examples) == 9
    names: dict[str, Any] = {}
    for example in examples:
        exec(compile(example, "README.md", "exec"), names)
    names["test_renaming_is_audited"]()
    printed = capsys.readouterr().out
    assert re.search(r"^! [\d:]{8}  \+\d+\.\d s  document\.moved_to_trash  Q3 Budget Report$", printed, re.MULTILINE)
    assert "True\n" in printed
    assert "not_found 404 There is no event of this id in this workspace." in printed
    assert "QueueCounts(queued=1, sent=1, unsent=0, retried=0)" in printed
    assert [event["action"] for event in names["client"].events][:2] == ["document.viewed", "document.moved_to_trash"]


class _Remembered(MemoryClient):
    """Takes all that an `ImmutableClient` takes."""

    def __init__(self, api_key: str, base_url: str, timeout: float = 5.0, **options: Any) -> None:
        super().__init__(api_key, base_url, timeout)


@pytest.mark.parametrize("client", [getimmutable.ImmutableClient, getimmutable.AsyncImmutableClient, MemoryClient])
def test_every_public_method_is_in_the_readme(client: type) -> None:
    """The reference names them all."""
    text = README.read_text()
    assert [name for name in dir(client) if not name.startswith("_") and f"`{name}" not in text] == []
