"""The README's examples run, in their order, as they stand."""

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import structlog
from fastapi.testclient import TestClient

import getimmutable
from getimmutable import context
from getimmutable.testing import MemoryClient

README = Path(__file__).parents[1] / "README.md"


def test_the_examples_run(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    real_server: Any,
    tmp_path: Path,
    request: pytest.FixtureRequest,
) -> None:
    """Against the real server, and what they print is what they should."""
    monkeypatch.setenv("IMMUTABLE_URL", real_server.url)
    monkeypatch.setenv("IMMUTABLE_API_KEY", real_server.key())
    monkeypatch.chdir(tmp_path)
    examples = re.findall(r"```python\n(.*?)```", README.read_text(), re.DOTALL)
    assert len(examples) == 17
    monkeypatch.setattr(context, "_configured", None)
    request.addfinalizer(structlog.reset_defaults)  # one of them configures it, for the whole process
    names: dict[str, Any] = {}
    for example in examples:
        exec(compile(example, "README.md", "exec"), names)
    names["test_renaming_is_audited"]()
    printed = capsys.readouterr().out
    assert re.search(r"^! [\d:]{8}  \+\d+\.\d s  document\.moved_to_trash  Q3 Budget Report$", printed, re.MULTILINE)
    assert "True\n" in printed
    assert "not_found 404 There is no event of this id in this workspace." in printed
    assert " events are signed, and nothing that was signed before has changed\n" in printed
    assert f"case.zip: {(tmp_path / 'case.zip').stat().st_size} bytes" in printed
    assert "QueueCounts(queued=1, sent=1, unsent=0, retried=0, spooled=0)" in printed
    assert "Stats(queued=1, sent=1, retried=0, given_up=0, spooled=0)" in printed
    with TestClient(names["api"]) as browser:
        browser.post("/login/ann")
        browser.post("/documents/d1")
    context._sink().queue.flush()
    names["site"].test_client().post("/documents/d2")
    context._sink().queue.flush()
    edited, saved = (names["client"].get_events(resource_id=one)["data"][0] for one in ("d1", "d2"))
    assert (edited["action"], edited["actor_id"], edited["session_id"][:3]) == ("document.edited", "ann", "sh_")
    assert (saved["action"], saved["actor_id"]) == ("document.saved", "anonymous")
    [invoice] = names["client"].get_events(action="invoice.created")["data"]
    assert (invoice["actor_id"], set(invoice["changes"])) == ("nightly", {"id", "total"})
    actions = [event["action"] for event in names["client"].iter_events(order="asc")]
    assert actions[:2] == ["document.viewed", "document.moved_to_trash"]
    names["client"].close()
    names["patient"].close()


DJANGO = """
import django
django.setup()
from django.db import connection
from getimmutable import context
from documents.models import Invoice
with connection.schema_editor() as editor:
    editor.create_model(Invoice)
from django.core.handlers.wsgi import WSGIHandler
WSGIHandler()
invoice = Invoice.objects.create(number="R-7", total=100, note="private")
invoice.total = 120
invoice.save()
context._sink().queue.flush()
[updated] = context._sink().client.get_events(action="invoice.updated")["data"]
print(updated["resource_name"], updated["changes"] == {"total": {"old": 100, "new": 120}}, updated["producer"]["sequence"])
"""


def test_the_examples_for_django_run(real_server: Any, tmp_path: Path) -> None:
    """In a project of their own: the settings, and the model in an application."""
    block, model = re.findall(r"```python django\n(.*?)```", README.read_text(), re.DOTALL)
    (tmp_path / "documents").mkdir()
    (tmp_path / "documents" / "models.py").write_text(model)
    database = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}}
    usual = f"SECRET_KEY, INSTALLED_APPS, MIDDLEWARE, DATABASES = 'k', ['documents'], [], {database}\n"
    (tmp_path / "project.py").write_text(usual + block)
    more = {
        "IMMUTABLE_URL": real_server.url,
        "IMMUTABLE_API_KEY": real_server.key(),
        "DJANGO_SETTINGS_MODULE": "project",
    }
    ran = subprocess.run(
        [sys.executable, "-c", DJANGO],
        check=False,
        cwd=tmp_path,
        env={**os.environ, **more},
        capture_output=True,
        text=True,
        timeout=240,
    )
    assert ran.stdout == "Invoice R-7 True 2\n", ran.stderr


@pytest.mark.parametrize("client", [getimmutable.ImmutableClient, getimmutable.AsyncImmutableClient, MemoryClient])
def test_every_public_method_is_in_the_readme(client: type) -> None:
    """The reference names them all."""
    text = README.read_text()
    assert [name for name in dir(client) if not name.startswith("_") and f"`{name}" not in text] == []
