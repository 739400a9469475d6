"""Evidence packs are downloaded whole or not at all, and `immutable-verify` accepts them; share links open and close."""

import asyncio
import io
import os
import subprocess
import sys
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

import pytest

from getimmutable import AsyncImmutableClient, ImmutableClient, ImmutableError

VERIFIER = Path(__file__).parents[3] / "verifier" / "src"


def _verdict(pack: Path, key: str) -> str:
    command = [sys.executable, "-m", "immutable_verify", "pack", str(pack), "--key", key]
    ran = subprocess.run(
        command, env={**os.environ, "PYTHONPATH": str(VERIFIER)}, check=True, capture_output=True, text=True
    )
    return ran.stdout


def test_a_case_is_proved_and_shared(audit_server: Any, tmp_path: Path) -> None:
    """By both clients, into files and open files; the link shows the report, until it is taken back."""
    key = audit_server.key("evidence", "ingest", "read", "admin")
    report = {"type": "document", "id": "doc_1"}
    with ImmutableClient(key, audit_server.url, timeout=60.0) as client:
        client.actor("user_1", name="Lisa Wang").session("sess_1").track("document.viewed", report)
        client.actor("user_2", name="Sam").session("sess_1").track("document.deleted", report)
        size = client.get_session_evidence("sess_1", tmp_path / "case.zip")
        withheld = io.BytesIO()
        client.get_resource_evidence("document", "doc_1", withheld, withhold="others:user_1")
        link = client.create_share_link(session_id="sess_1", ttl=3600)["data"]
        assert [one["id"] for one in client.iter_share_links()] == [link["id"]]
        shared = audit_server.url + (link["path"] or "")
        with urllib.request.urlopen(shared) as page:
            assert "Lisa Wang" in page.read().decode()
        assert client.revoke_share_link(link["id"], "Sent to the wrong address")["data"]["is_revoked"]
        with pytest.raises(urllib.error.HTTPError):
            urllib.request.urlopen(shared)
        verifier = client.get_signing_keys()["data"][0]["verifier_key"]

    async def ask() -> int:
        async with AsyncImmutableClient(key, audit_server.url, timeout=60.0) as audit:
            return await audit.get_evidence(tmp_path / "filtered.zip", action="document.*", actor_id="user_1")

    assert asyncio.run(ask()) == (tmp_path / "filtered.zip").stat().st_size
    assert size == (tmp_path / "case.zip").stat().st_size
    (tmp_path / "withheld.zip").write_bytes(withheld.getvalue())
    for name, count in (("case", 2), ("withheld", 2), ("filtered", 1)):
        said = _verdict(tmp_path / f"{name}.zip", verifier)
        assert said.startswith("VERIFIES\n")
        assert f"Its {count} event" in said


@pytest.mark.parametrize("is_async", [False, True])
def test_a_torn_pack_is_no_file(server: Any, client: ImmutableClient, tmp_path: Path, is_async: bool) -> None:
    """What was there before stays; nothing is left beside it; the file is readable for its user only."""
    target = tmp_path / "case.zip"

    def download() -> int:
        if not is_async:
            return client.get_session_evidence("s", target)

        async def ask() -> int:
            async with AsyncImmutableClient("imk_test", server.url) as audit:
                return await audit.get_session_evidence("s", target)

        return asyncio.run(ask())

    def torn(handler: Any, _: Any) -> None:
        handler.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nPK")
        handler.close_connection = True

    target.write_bytes(b"the one before")
    server._script.append(torn)
    with pytest.raises(ImmutableError, match="HTTP error"):
        download()
    assert [one.read_bytes() for one in tmp_path.iterdir()] == [b"the one before"]
    server._script.append(lambda handler, _: handler.answer(200, b"PK whole", {}))
    assert download() == len(b"PK whole")
    assert [one.read_bytes() for one in tmp_path.iterdir()] == [b"PK whole"]
    assert target.stat().st_mode & 0o777 == 0o600
    assert len(server.requests) == 2
