"""Members' sessions end by themselves: when they are idle, and when they are old, however busy."""

from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from immutable import clock
from immutable.accounts.member_sessions import MemberSessions
from immutable.accounts.one_time_links import OneTimeLinks
from immutable.api.cookies import SINGLE_SIGN_ON, cookie, session_cookie
from immutable.cli.operator import operator
from immutable.errors import Unauthenticated
from immutable.model.act import Act
from immutable.model.member import Member
from immutable.settings import Settings
from immutable.store.catalog import Catalog
from immutable.store.open import open_catalog

IDLE, MOST = 600, 3_600
"""Seconds."""


@pytest.fixture
def catalog(tmp_path: Path) -> Iterator[Catalog]:
    """A catalogue of its own."""
    with closing(open_catalog(f"sqlite:///{tmp_path / 'log.db'}")) as opened:
        yield opened


@pytest.fixture
def wait(monkeypatch: pytest.MonkeyPatch) -> Callable[[int], None]:
    """Lets so many seconds go by; else the clock stands still."""
    now = [clock.now()]

    def forward(seconds: int) -> None:
        now[0] += seconds * 1_000_000

    monkeypatch.setattr(clock, "now", lambda: now[0])
    return forward


def _sessions(catalog: Catalog) -> MemberSessions:
    return MemberSessions(catalog, idle_seconds=IDLE, most_seconds=MOST)


def _begin(catalog: Catalog, sessions: MemberSessions) -> str:
    links = OneTimeLinks(catalog)
    member = Member("mem_1", "owner@example.com", "Owner", clock.now(), True, False, None)
    links.accept([links.read(links.for_first_owner(operator()))], member, "hash", operator(), "member_joined")
    act = Act("act_1", clock.now(), "signed_in", member.id, "user")
    return sessions.begin(member, "password", "127.0.0.1", "Browser", act)[0]


def test_an_idle_session_is_over(catalog: Catalog, wait: Callable[[int], None]) -> None:
    """For the process that remembers it, and for another that reads it from the database."""
    sessions = _sessions(catalog)
    token = _begin(catalog, sessions)
    assert sessions.find(token).member.id == "mem_1"
    wait(IDLE - 10)
    assert sessions.remembered(token) is not None
    wait(IDLE + 1)
    assert sessions.remembered(token) is None
    for one in (sessions, _sessions(catalog)):
        with pytest.raises(Unauthenticated, match="over"):
            one.find(token)


def test_use_keeps_a_session_up_in_every_process(catalog: Catalog, wait: Callable[[int], None]) -> None:
    """What one process noted counts for another that has not seen it for longer than the idle time."""
    sessions, other = _sessions(catalog), _sessions(catalog)
    token = _begin(catalog, sessions)
    other.find(token)
    for _ in range(3):
        wait(IDLE // 2)
        assert sessions.find(token)
        sessions.flush_seen()
    assert other.remembered(token) is None
    assert other.find(token).member.id == "mem_1"


def test_an_old_session_is_over_however_busy(catalog: Catalog, wait: Callable[[int], None]) -> None:
    """Nobody stays signed in for ever."""
    sessions = _sessions(catalog)
    token = _begin(catalog, sessions)
    for _ in range(MOST // 300 - 1):
        wait(300)
        assert sessions.find(token)
    wait(301)
    assert sessions.remembered(token) is None
    with pytest.raises(Unauthenticated, match="over"):
        sessions.find(token)


def test_no_session_begins_by_a_password_that_was_changed_meanwhile(catalog: Catalog) -> None:
    """Who was recognised by the old one while it was being changed gets none, and the log is told of none."""
    sessions = _sessions(catalog)
    _begin(catalog, sessions)
    member = catalog.members.member("mem_1")
    assert member is not None
    told = len(catalog.acts.oldest(10))
    act = Act("act_2", clock.now(), "signed_in", member.id, "user")
    with pytest.raises(Unauthenticated, match="changed"):
        sessions.begin(member, "password", "127.0.0.1", "Browser", act, "the old hash")
    assert (len(catalog.sign_ins.sessions(member.id)), len(catalog.acts.oldest(10))) == (1, told)
    assert sessions.begin(member, "password", "127.0.0.1", "Browser", act, "hash")
    assert (len(catalog.sign_ins.sessions(member.id)), len(catalog.acts.oldest(10))) == (2, told + 1)


def test_another_token_opens_nothing(catalog: Catalog) -> None:
    """Not one that was cut, lengthened or made up."""
    sessions = _sessions(catalog)
    token = _begin(catalog, sessions)
    for wrong in ("", token[:-1], token + "x", "\x00"):
        assert sessions.remembered(wrong) is None
        with pytest.raises(Unauthenticated):
            sessions.find(wrong)


def test_the_cookie_over_https_is_bound_to_the_host() -> None:
    """`__Host-`, Secure, HttpOnly, SameSite=Strict; over plain http, where a browser would refuse it, without the first two."""
    _, secure = session_cookie(Settings(public_url="https://audit.example.com"), "t", 60)
    assert secure == b"__Host-immutable-session=t; Path=/; Max-Age=60; HttpOnly; SameSite=Strict; Secure"
    _, sent_out = cookie(SINGLE_SIGN_ON, "s", 60, Settings(public_url="https://audit.example.com"), same_site="Lax")
    assert sent_out == b"__Host-immutable-single-sign-on=s; Path=/; Max-Age=60; HttpOnly; SameSite=Lax; Secure"
    _, plain = session_cookie(Settings(), "", 60)
    assert plain == b"immutable-session=; Path=/; Max-Age=0; HttpOnly; SameSite=Strict"
