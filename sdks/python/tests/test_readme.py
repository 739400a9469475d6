"""The README's examples run, in their order, as they stand."""

import re
from pathlib import Path
from typing import Any

import pytest

import getimmutable
from getimmutable.testing import MemoryClient

README = Path(__file__).parents[1] / "README.md"


def test_the_examples_run(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], real_server: Any, tmp_path: Path
) -> None:
    """Against the real server, and what they print is what they should."""
    monkeypatch.setenv("IMMUTABLE_URL", real_server.url)
    monkeypatch.setenv("IMMUTABLE_API_KEY", real_server.key())
    monkeypatch.chdir(tmp_path)
    examples = re.findall(r"```python\n(.*?)```", README.read_text(), re.DOTALL)
    assert len(examples) == 10
    names: dict[str, Any] = {}
    for example in examples:
        exec(compile(example, "README.md", "exec"), names)
    names["test_renaming_is_audited"]()
    printed = capsys.readouterr().out
    assert re.search(r"^! [\d:]{8}  \+\d+\.\d s  document\.moved_to_trash  Q3 Budget Report$", printed, re.MULTILINE)
    assert "True\n" in printed
    assert "not_found 404 There is no event of this id in this workspace." in printed
    assert "QueueCounts(queued=1, sent=1, unsent=0, retried=0, spooled=0)" in printed
    assert "Stats(queued=1, sent=1, retried=0, given_up=0, spooled=0)" in printed
    actions = [event["action"] for event in names["client"].iter_events(order="asc")]
    assert actions[:2] == ["document.viewed", "document.moved_to_trash"]
    names["client"].close()
    names["patient"].close()


@pytest.mark.parametrize("client", [getimmutable.ImmutableClient, getimmutable.AsyncImmutableClient, MemoryClient])
def test_every_public_method_is_in_the_readme(client: type) -> None:
    """The reference names them all."""
    text = README.read_text()
    assert [name for name in dir(client) if not name.startswith("_") and f"`{name}" not in text] == []
