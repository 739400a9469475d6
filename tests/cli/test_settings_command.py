"""`immutable settings`."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec

from immutable.settings import Settings


def test_every_setting_is_there_with_its_meaning(read_json: Callable[..., Any]) -> None:
    """Name, variable, value, default and meaning of each, in the order of the code."""
    rows = read_json("settings")["data"]
    assert [row["name"] for row in rows] == [field.name for field in msgspec.structs.fields(Settings)]
    assert all(row["variable"] == "IMMUTABLE_" + row["name"].upper() for row in rows)
    assert all(row["meaning"].endswith(".") for row in rows)
    assert all(row["value"] == row["default"] for row in rows)


def test_what_holds_now_comes_from_file_and_environment(run: Any, tmp_path: Path) -> None:
    """The environment wins over the file, the file over the default."""
    (tmp_path / "immutable.toml").write_text("port = 9000\nlog_level = 'debug'\n", "utf-8")
    printed = run("settings", "--config", "immutable.toml", port="9001").stdout
    assert "9001 (default: 8080)" in printed
    assert "debug (default: info)" in printed
    assert "127.0.0.1, the default" in printed


def test_a_wrong_setting_is_named_and_the_list_shown_all_the_same(run: Any) -> None:
    """Who mistyped a value sees what it should be."""
    finished = run("settings", code=2, port="many")
    assert "$.port" in finished.stderr
    assert "IMMUTABLE_PORT" in finished.stdout


def test_a_password_is_not_shown(run: Any) -> None:
    """Of a database's address only what follows the password is printed."""
    assert "hunter2" not in run("settings", database_url="postgres://me:hunter2@db/log").stdout


def test_secrets_do_not_show_in_what_is_printed_of_settings() -> None:
    """A log line or a traceback that holds the settings gives away neither the secret nor the database's password."""
    told = Settings(secret="correct horse battery", database_url="postgresql://me:hunter2@db/log", port=81)
    for text in (repr(told), str(told), str(told.__rich_repr__())):
        assert "hunter2" not in text
        assert "horse" not in text
    assert "port=81" in repr(told)
