"""Share links: one case, no key, for a while, on the record."""

from unittest import mock

import httpx2
import pytest
from tests.evidence.conftest import Case
from tests.logs import event, open_log

from immutable import clock
from immutable.errors import Expired, NotFound
from immutable.evidence.links import ShareLinks
from immutable.evidence.scope import Scope
from immutable.log.system_events import Responsible

BY = Responsible("key_1", "api_key")


def share(case, **fields):
    """A new link."""
    answer = case.client.post("/evidence/links", fields)
    assert answer.status_code == 200, answer.text
    return answer.json()["data"]


def fetch(case, path):
    """What anybody gets, without a key."""
    return httpx2.get(case.server.url + path, timeout=60)


def told(case):
    """What the log tells of links, oldest first."""
    events = case.client.events(action="immutable.*", order="asc")
    return [one["action"].removeprefix("immutable.") for one in events if "evidence" in one["action"]]


def test_whoever_has_the_link_reads_the_case(case):
    """The page shows the story, the pack verifies, no key is needed, and the log tells of it, once however often."""
    while True:
        tenth = clock.now() // 600_000_000
        link = share(case, session_id="sess_a8f3c2d1", ttl=600)
        page, _, made, _ = [fetch(case, link["path"] + part) for part in ("", "", "/pack", "/pack")]
        if clock.now() // 600_000_000 == tenth:
            break
        case = Case(case.server)  # the ten minutes of the clock ended in between, and so it was told twice
    assert (page.status_code, page.headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert "default-src 'none'" in page.headers["content-security-policy"]
    assert "Lisa Wang moved the document “Q3 Budget Report” to trash" in page.text
    assert "imk_" not in page.text
    assert "Its 8 events" in case.check(made.content).established[1]
    assert told(case) == [
        "evidence_link_created", "evidence_link_opened", "evidence_link_opened", "evidence_exported",
    ]  # fmt: skip
    opened = case.client.events(action="immutable.evidence_link_opened", order="asc")
    assert [(one["metadata"], one["ip_address"]) for one in opened] == [
        ({"what": "page"}, "127.0.0.1"),
        ({"what": "pack"}, "127.0.0.1"),
    ]


def test_a_link_shows_what_was_there_when_it_was_made(case):
    """What happens later is not shown, and what is withheld stays so."""
    link = share(case, resource={"type": "document", "id": "doc_8f3a2c1d"}, withhold="all")
    case.client.send(action="document.burnt", resource={"type": "document", "id": "doc_8f3a2c1d"})
    page = fetch(case, link["path"]).text
    assert ("document.moved_to_trash" in page, "document.burnt" in page, "Lisa" in page) == (True, False, False)


def test_filters_can_be_shared(case):
    """The filters of the list of events."""
    link = share(case, filters={"actor_id": "user_9b2e71"})
    assert (link["asked"], fetch(case, link["path"]).status_code) == ("events with actor_id user_9b2e71", 200)


def test_a_revoked_link_shows_nothing(case):
    """410 from then on; revoking twice is 409; the list and the log know."""
    link = share(case, session_id="sess_a8f3c2d1")
    path = f"/evidence/links/{link['id']}/revoke"
    assert case.client.post(path, {"reason": "wrong address"}).json()["data"]["is_revoked"] is True
    assert case.client.post(path, {"reason": "again"}).status_code == 409
    for part in ("", "/pack"):
        answer = fetch(case, link["path"] + part)
        assert (answer.status_code, "Lisa" in answer.text) == (410, False)
    (listed,) = case.client.get("/evidence/links").json()["data"]
    assert (listed["id"], listed["is_revoked"], listed["path"]) == (link["id"], True, None)
    assert told(case) == ["evidence_link_created", "evidence_link_revoked"]


def test_nobody_can_make_up_a_link(case):
    """A token that was changed in any place names nothing."""
    path = share(case, session_id="sess_a8f3c2d1")["path"]
    for changed in (path[:-4] + "AAAA", "/share/" + path[8:].swapcase(), path + "A", "/share/x", "/share/é"):
        answer = fetch(case, changed)
        assert (answer.status_code, "no such link" in answer.text) == (404, True)


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ({}, 422),
        ({"session_id": "sess_a8f3c2d1", "filters": {}}, 422),
        ({"session_id": "sess_a8f3c2d1", "ttl": 59}, 422),
        ({"filters": {"limit": "3"}}, 422),
        ({"session_id": "sess_a8f3c2d1", "withhold": "x"}, 400),
        ({"session_id": "nobody"}, 404),
    ],
)
def test_a_wrong_link_is_refused(case, fields, status):
    """It says what is wrong, and makes none."""
    assert case.client.post("/evidence/links", fields).status_code == status
    assert told(case) == []


def test_only_an_administrator_shares(case):
    """A key that reads makes no link."""
    reader = case.server.client("read", workspace=case.client.workspace)
    assert reader.post("/evidence/links", {"session_id": "sess_a8f3c2d1"}).status_code == 403


def test_openings_are_limited(serve):
    """More than so many a minute get 429."""
    case = Case(serve(share_openings_per_minute=2))
    path = share(case, session_id="sess_a8f3c2d1")["path"]
    assert [fetch(case, path).status_code for _ in range(3)] == [200, 200, 429]


def test_the_log_is_not_filled_by_openings(tmp_path):
    """One opening in ten minutes of each link, address (the /64 of an IPv6 one) and kind; others are told."""
    with open_log(tmp_path / "log.db") as log:
        log.append(event())
        links, start = ShareLinks(log.store, 0), clock.now() // 600_000_000 * 600_000_000
        tokens = [
            links.create(log.workspace, Scope(filters=None, asked_filters={}), seconds=3_600, by=BY)[1]
            for _ in range(2)
        ]

        def told(minute, address, what="page", token=tokens[0]):
            """How many more events the log has after an opening."""
            before = log.store.head(log.workspace).seq
            with mock.patch.object(clock, "now", return_value=start + minute * 60_000_000):
                links.open(*links.named(token), what=what, address=address)
            return log.store.head(log.workspace).seq - before

        assert [told(1, "2001:db8::1"), told(9, "2001:db8::2"), told(9, "2001:db8::1")] == [1, 0, 0]
        assert [told(9, "192.0.2.1"), told(9, None), told(9, None), told(9, "192.0.2.1", "pack")] == [1, 1, 0, 1]
        assert [told(9, "192.0.2.1", token=tokens[1]), told(11, "192.0.2.1"), told(12, "192.0.2.1")] == [1, 1, 0]


def test_a_link_ends(tmp_path):
    """After its time the token names nothing; a token of another server never did."""
    with open_log(tmp_path / "log.db") as log:
        log.append(event())
        links = ShareLinks(log.store, 0)
        _, token = links.create(log.workspace, Scope(filters=None, asked_filters={}), seconds=60, by=BY)
        number, link_id = links.named(token)
        assert links.open(number, link_id, what="page", address=None)[0] == log.workspace
        later = clock.now() + 61_000_000
        with mock.patch.object(clock, "now", return_value=later), pytest.raises(Expired):
            links.named(token)
        with open_log(tmp_path / "other.db") as other, pytest.raises(NotFound):
            ShareLinks(other.store, 0).named(token)
