"""/settings/…: what a workspace decides about how its log is shown, and where that is seen."""

import pytest
from tests.people import invited
from tests.waiting import until

from immutable.model.workspace import ADMINISTRATION

DESTRUCTIVE, LINKS = "/settings/destructive-actions", "/settings/links"
EVENTS = [
    {
        "actor_id": "lisa",
        "session_id": "s1",
        "action": action,
        "resource": {"type": "plan", "id": "p1"},
        "request_id": "r/1",
    }
    for action in ("plan.viewed", "plan.deleted", "plan.cancelled", "plan.viewed")
]


@pytest.fixture(scope="module")
def server(serve_module):
    """A server with a pattern and a link of its own."""
    return serve_module(destructive_actions="*.deleted", log_link="https://logs/{session_id}")


@pytest.fixture
def api(server, request):
    """A workspace of each test's own, with a session."""
    client = server.client("ingest", "read", "admin", workspace=request.node.name)
    assert client.post("/events/batch", {"events": EVENTS}).status_code == 202
    return client


def marked(api):
    """Which of the session's steps are destructive, as its timeline says."""
    return [step["destructive"] for step in api.get("/sessions/s1").json()["data"]["timeline"]]


def test_a_workspace_has_what_the_server_says_until_it_decides(api):
    """And has it again when it decides nothing."""
    assert api.get(DESTRUCTIVE).json() == {
        "data": {"uses_default": True, "patterns": [], "exceptions": [], "default": ["*.deleted"]}
    }
    assert marked(api) == [False, True, False, False]
    assert api.post(DESTRUCTIVE, {"uses_default": False}).status_code == 200
    assert marked(api) == [False] * 4
    assert api.post(DESTRUCTIVE, {}).json() == api.get(DESTRUCTIVE).json()
    assert marked(api) == [False, True, False, False]


def test_what_it_decides_holds_everywhere(api):
    """In timelines, lists, stories, histories, the search, the viewer and evidence; in old events too, at the next answer."""
    decided = {"patterns": ["plan.cancelled", "plan.cancelled"], "exceptions": ["plan.del*"]}
    answer = api.post(DESTRUCTIVE, decided).json()["data"]
    assert (answer["patterns"], answer["exceptions"]) == (["plan.cancelled"], ["plan.del*"])
    assert marked(api) == [False, False, True, False]
    assert [one["destructive_count"] for one in api.get("/sessions").json()["data"]] == [1]
    assert [one["destructive_count"] for one in api.get("/search", q="s1").json()["data"]["sessions"]] == [1]
    history = api.get("/resources/plan/p1/history").json()["data"]
    assert [one["action"] for one in history if one["destructive"]] == ["plan.cancelled"]
    story = api.get("/sessions/s1/story").json()["data"]["story"]
    assert [sentence["destructive"] for sentence in story].count(True) == 1
    viewer = api.server.with_key(api.post("/viewer-token", {}).json()["token"])
    seen = viewer.get("/viewer/events").json()["data"]
    assert [one["action"] for one in seen if one["destructive"]] == ["plan.cancelled"]
    link = api.post("/evidence/links", {"session_id": "s1"}).json()["data"]
    page = api.http.get(api.server.url + link["path"]).text
    assert "DESTRUCTIVE" in page
    assert "1 action counted as destructive" in page


def test_a_decision_can_be_looked_at_first(api):
    """Each known action with its count, what it would be, what it is and why; nothing is decided by it."""
    preview = api.post(DESTRUCTIVE + "/preview", {"patterns": ["*.cancel*"], "exceptions": ["*.deleted"]}).json()[
        "data"
    ]
    assert [tuple(one.values()) for one in preview["actions"]] == [
        ("plan.cancelled", 1, True, False, "*.cancel*"),
        ("plan.deleted", 1, False, True, "*.deleted"),
        ("plan.viewed", 2, False, False, None),
    ]
    assert (preview["from_sequence"], preview["is_whole"]) == (1, True)
    assert marked(api) == [False, True, False, False]
    assert (
        api.server.client("read", workspace="empty").post(DESTRUCTIVE + "/preview", {}).json()["data"]["actions"] == []
    )


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"patterns": ["a\u202eb"]}, "patterns.0"),
        ({"exceptions": ["ok", " x"]}, "exceptions.1"),
        ({"patterns": [""]}, "patterns.0"),
        ({"patterns": ["x" * 256]}, "patterns.0"),
        ({"patterns": ["x"] * 201}, "patterns"),
        ({"patterns": "x"}, "patterns"),
        ({"more": []}, "more"),
    ],
)
def test_patterns_are_texts_that_can_be_seen(server, body, field):
    """What is wrong is named, and nothing is kept."""
    api = server.client("read", "admin", workspace="wrong")
    answer = api.post(DESTRUCTIVE, body)
    assert answer.status_code == 422
    assert field in "".join([*answer.json()["errors"], answer.json()["message"]])
    assert api.get(DESTRUCTIVE).json()["data"]["patterns"] == []


def test_links_are_its_own_the_server_s_or_none(api):
    """Each kind by itself, and one that is left out stays; a value is encoded, and an example shows it."""
    path = "https://errors/?q={request_id}&who={actor_id}"
    told = api.post(LINKS, {"errors": path, "ticket": "https://t/{ticket}"}).json()["data"]
    assert told["errors"]["example"] == "https://errors/?q=req_5d20&who=user%204f2a%2F8c"
    assert (told["logs"]["template"], told["logs"]["default"]) == (None, "https://logs/{session_id}")
    links = api.get("/sessions/s1").json()["data"]["timeline"][0]["links"]
    assert links == {"trace": None, "logs": "https://logs/s1", "errors": "https://errors/?q=r%2F1&who=lisa"}
    case = api.post("/investigations", {"ticket": "A/1", "title": "t"}).json()["data"]
    assert case["ticket_url"] == "https://t/A%2F1"
    assert api.get("/investigations").json()["data"][0]["ticket_url"] == "https://t/A%2F1"
    assert api.post(LINKS + "/preview", {"errors": None}).json()["data"]["errors"]["template"] is None
    assert api.post(LINKS, {"logs": "", "errors": None}).json()["data"]["logs"]["example"] is None
    links = api.get("/sessions/s1").json()["data"]["timeline"][0]["links"]
    assert links == {"trace": None, "logs": None, "errors": None}


@pytest.mark.parametrize(
    "template",
    ["javascript:alert({trace_id})", "https://{trace_id}/", "https://a/{user}", "https://a@b/{trace_id}", "data:{trace_id}", "https://a/"],
)  # fmt: skip
@pytest.mark.parametrize("path", [LINKS, LINKS + "/preview"])
def test_no_template_leads_elsewhere(server, template, path):
    """What is no address of http or https, lets a value choose the host, or names what is not known, is refused by its kind."""
    api = server.client("read", "admin", workspace="wrong")
    answer = api.post(path, {"trace": template, "logs": None})
    assert answer.status_code == 422
    assert list(answer.json()["errors"]) == ["trace"]
    assert api.get(LINKS).json()["data"]["trace"]["template"] is None


def test_who_may_see_and_who_may_decide(server):
    """Reading takes `read`, deciding `admin`: a viewer sees, an admin decides."""
    viewer, admin = (invited(server, "roles", role) for role in ("viewer", "admin"))
    for path in (DESTRUCTIVE, LINKS):
        assert viewer.get(path).status_code == 200
        assert viewer.post(path + "/preview").status_code == 200
        assert viewer.post(path, {}).status_code == 403
        assert admin.post(path, {}).status_code == 200
        assert server.client("ingest", workspace="roles").get(path).status_code == 403
        assert server.client("read", workspace="roles").post(path, {}).status_code == 403


def test_each_decision_is_an_administrative_act(server):
    """With what was and what is; what changes nothing is none."""
    admin, boss = invited(server, "told", "admin"), invited(server, ADMINISTRATION, "viewer")
    for _ in range(2):
        assert admin.post(DESTRUCTIVE, {"patterns": ["x.y"]}).status_code == 200
        assert admin.post(LINKS, {"ticket": "https://t/{ticket}"}).status_code == 200
    place = server.catalog.workspace("told")
    told = {"action": "immutable.workspace_changed", "tenant_id": place.id}
    until(lambda: len(boss.get("/events", **told).json()["data"]) >= 2)
    acts = boss.get("/events", **told).json()["data"]
    assert [one["metadata"] for one in reversed(acts)] == [
        {"setting": "destructive_actions", "old": {}, "new": {"patterns": ["x.y"]}},
        {"setting": "links", "old": {}, "new": {"ticket": "https://t/{ticket}"}},
    ]
    assert {one["actor"]["name"] for one in acts} == {"Test Person"}
