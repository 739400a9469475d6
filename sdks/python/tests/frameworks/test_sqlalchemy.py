"""SQLAlchemy with SQLite: what its sessions commit is told to our server, and nothing else."""

import datetime as dt
import enum
import logging
import uuid
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import ForeignKey, create_engine, event
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column, relationship, sessionmaker

from getimmutable import context
from getimmutable.changes import changes_of, plain
from getimmutable.context import acting
from getimmutable.sqlalchemy import track_changes


class Base(DeclarativeBase):
    """The models of this file."""


class Person(Base):
    """Not tracked."""

    __tablename__ = "people"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]


class Document(Base):
    """Tracked."""

    __tablename__ = "documents"
    id: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str]
    pages: Mapped[int] = mapped_column(default=1)
    note: Mapped[str | None]
    hidden: Mapped[str | None] = mapped_column("password_hash")
    owner_id: Mapped[int | None] = mapped_column(ForeignKey(Person.id))
    owner: Mapped[Person | None] = relationship()

    audit_exclude = ("note",)


@pytest.fixture
def sessions(tmp_path: Any, trail: Any) -> Iterator[Any]:
    """Makes sessions whose documents are tracked, in a job of Ann's."""
    engine = create_engine(f"sqlite:///{tmp_path / 'app.db'}")

    # As SQLAlchemy tells for savepoints on SQLite: the driver would begin transactions too late.
    @event.listens_for(engine, "connect")
    def connected(connection: Any, _: Any) -> None:
        connection.isolation_level = None

    @event.listens_for(engine, "begin")
    def begun(connection: Any) -> None:
        connection.exec_driver_sql("BEGIN")

    Base.metadata.create_all(engine)
    make = sessionmaker(engine)
    track_changes(Document, session=make)
    context.configure(trail.client)
    with acting(actor={"id": "ann"}):
        yield make
    engine.dispose()


def test_created_updated_deleted_with_old_and_new_values(sessions: Any, trail: Any) -> None:
    """Also of values that were not loaded, of relations and of computed ones; hidden ones are left out."""
    with sessions() as session:
        row = Document(title="Draft", note="private", hidden="h")
        session.add(row)
        session.add(Person(id=7, name="Bob"))  # not tracked
        session.commit()
        row.title, row.note = "Report", "more"  # expired: neither is loaded
        with session.no_autoflush:
            row.owner = session.get(Person, 7)
        session.commit()
        row.title = "Report"  # as it was
        session.commit()
        row.hidden = "other"
        session.commit()
        row.pages = Document.pages + 1
        session.commit()
        session.delete(row)
        session.commit()
    created, updated, hidden, computed, deleted = trail.events()
    assert (created["action"], created["actor_id"], created["resource_name"]) == ("document.created", "ann", "Draft")
    assert {name: change["new"] for name, change in created["changes"].items()} == {
        "id": 1,
        "title": "Draft",
        "pages": 1,
    }
    assert updated["changes"] == {"title": {"old": "Draft", "new": "Report"}, "owner_id": {"old": None, "new": 7}}
    assert (hidden["action"], hidden["changes"]) == ("document.updated", None)
    assert computed["changes"] == {"pages": {"old": 1, "new": "[computed]"}}
    assert (deleted["action"], deleted["resource"]) == (
        "document.deleted", {"type": "document", "id": "1", "name": "Report"},
    )  # fmt: skip
    assert deleted["changes"]["pages"] == {"old": 2, "new": None}
    assert "private" not in str(trail.events())


def test_only_what_is_committed_is_told(sessions: Any, trail: Any) -> None:
    """A rollback takes the events back, and a savepoint its own, also where an outer one is rolled back."""
    with sessions() as session:
        session.add(Document(title="Never"))
        session.flush()
        session.rollback()
        session.add(Document(title="Kept"))
        with session.begin_nested() as outer:
            session.add(Document(title="Outer"))
            with session.begin_nested():
                session.add(Document(title="Inner, released"))
            outer.rollback()
        with session.begin_nested():
            session.add(Document(title="Released"))
        session.flush()
        assert trail.events() == []
        session.commit()
        session.add(Document(title="Not committed"))
        session.flush()
    assert [one["resource_name"] for one in trail.events()] == ["Kept", "Released"]


def test_a_failed_flush_tells_nothing(sessions: Any, trail: Any) -> None:
    """Two rows of the same key: the database refuses, and the next transaction is told."""
    with sessions() as session:
        session.add_all([Document(id=1, title="One")])
        session.commit()
        with pytest.raises(Exception, match="UNIQUE"), Session(session.get_bind()):
            session.connection().exec_driver_sql("INSERT INTO documents (id, title, pages) VALUES (1, 'x', 1)")
        session.rollback()
        session.expunge_all()
        session.add(Document(id=1, title="Again"))
        with pytest.raises(Exception, match="UNIQUE"):
            session.commit()
        session.rollback()
        session.add(Document(id=2, title="Two"))
        session.commit()
    assert [one["resource_name"] for one in trail.events()] == ["One", "Two"]


def test_nothing_of_the_application_fails_for_its_audit(sessions: Any, monkeypatch: Any, caplog: Any) -> None:
    """Hooks that go wrong log it, and the rows are saved."""
    monkeypatch.setattr(Document, "audit_name", lambda _: 1 / 0, raising=False)
    with caplog.at_level(logging.ERROR, "getimmutable"), sessions() as session:
        session.add(Document(title="Draft"))
        session.commit()
        assert session.query(Document).count() == 1
    assert "changes could not be tracked" in caplog.text


def test_models_have_to_be_named() -> None:
    """Tracking nothing is a mistake."""
    with pytest.raises(ValueError, match="models"):
        track_changes()


class Colour(enum.Enum):
    """A value of a column."""

    RED = "red"


@pytest.mark.parametrize(
    ("value", "json"),
    [
        (dt.datetime(2026, 3, 27, 12, tzinfo=dt.timezone(dt.timedelta(hours=2))), "2026-03-27T10:00:00Z"),
        (dt.date(2026, 3, 27), "2026-03-27"),
        (Decimal("1.50"), "1.50"),
        (uuid.UUID(int=1), "00000000-0000-0000-0000-000000000001"),
        (Colour.RED, "red"),
        (float("nan"), "nan"),
        (2**60, str(2**60)),
        (True, True),
        (b"\x00\x01", "[2 bytes]"),
        ("x" * 2000, "x" * 1024 + "…"),
        ("\ud800", "?"),
        ({"a": [1, Decimal(2)]}, {"a": [1, "2"]}),
        (list(range(1000)), "[1000 items]"),
        ({"b", "a"}, ["a", "b"]),
    ],
)
def test_values_become_json(value: Any, json: Any) -> None:
    """Whatever a column holds, in as few characters as the log takes."""
    assert plain(value) == json


def test_changes_are_bounded() -> None:
    """Fifty fields, 32 KiB: what is beyond is said to be left out."""
    many = {f"f{n}": "x" * 1000 for n in range(100)}
    changes = changes_of(None, many)
    assert len(changes) == 50
    assert changes["f0"] == {"new": "x" * 1000}
    assert changes["f49"] == {"new": "[left out]"}
