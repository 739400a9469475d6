"""The links' templates, the server's: a timeline's steps link to the operator's own tools."""

import pytest

from immutable.api.links import Links, links_of
from immutable.errors import StartError
from immutable.settings import Settings

EVENT = {"id": "e1", "trace_id": "4bf9", "session_id": "s/1", "request_id": None}


def test_timeline_links_to_traces_and_logs(serve):
    """Each step has its links; without a trace or a session of its own there is none."""
    with_links = {"trace_link": "https://traces.example.com/{trace_id}?go", "log_link": "http://logs/?q={session_id}"}
    with_links["error_link"] = "https://e/{actor_id}?t="
    api = serve(**with_links).client()
    api.send(session_id="s/1 &?", trace_id="../x")
    api.send(session_id="s/1 &?")
    api.send(actor_id="bob", action="report.opened")
    steps = api.get("/sessions/s%2F1%20%26%3F").json()["data"]["timeline"]
    logs = "http://logs/?q=s%2F1%20%26%3F"
    assert [step["links"] for step in steps] == [
        {"trace": "https://traces.example.com/..%2Fx?go", "logs": logs, "errors": "https://e/usr_1?t="},
        {"trace": None, "logs": logs, "errors": "https://e/usr_1?t="},
    ]
    inferred = api.get("/sessions", actor_id="bob").json()["data"][0]["session_id"]
    [step] = api.get(f"/sessions/{inferred}").json()["data"]["timeline"]
    assert step["links"] == {"trace": None, "logs": None, "errors": "https://e/bob?t="}


def test_without_templates_there_are_no_links():
    """As it is unless the operator says otherwise."""
    assert Links({}).of(EVENT) == {"trace": None, "logs": None, "errors": None}


def test_a_ticket_link_takes_a_ticket_and_nothing_else():
    """Whatever the ticket's number is made of, it stays one step of the path."""
    assert Links({"ticket": "https://tickets/{ticket}?go"}).of_ticket("A/1 &?") == "https://tickets/A%2F1%20%26%3F?go"
    assert Links({}).of_ticket("1") is None
    for template in ("https://tickets/{trace_id}", "https://{ticket}/", "javascript:{ticket}"):
        with pytest.raises(StartError, match="IMMUTABLE_TICKET_LINK"):
            links_of(Settings(ticket_link=template))


@pytest.mark.parametrize("value", [".", "..", "", None])
def test_values_that_lead_elsewhere_make_no_link(value):
    """A browser would take them for steps in the path."""
    assert Links({"trace": "https://traces/{trace_id}/"}).of({**EVENT, "trace_id": value})["trace"] is None


@pytest.mark.parametrize(
    "template", ["https://traces/.{trace_id}/x", "https://traces/{trace_id}{session_id}/x", "https://t/%2E{trace_id}"]
)
def test_a_value_completes_no_step_of_the_path(template):
    """Where it would lead up, together with what stands beside it, there is no link."""
    values = {**EVENT, "trace_id": ".", "session_id": "."}
    assert Links({"trace": template}).of(values)["trace"] is None
    assert Links({"trace": template}).of({**values, "trace_id": "a", "session_id": "b"})["trace"] is not None


@pytest.mark.parametrize(
    "template",
    [
        "javascript:alert({trace_id})",
        "//traces/{trace_id}",
        "ftp://traces/{trace_id}",
        "https://{trace_id}/",
        "https://traces/{trace_id}.{user}",
        "https://traces/{trace_id",
        "https://traces/{}",
        "https://traces/",
        "https://tra ces/{trace_id}",
        "https://[::1/{trace_id}",
        "https://traces:x/{trace_id}",
        "https://traces@evil/{trace_id}",
        "https:\\\\traces/{trace_id}",
        "https://traces/{trace_id}\u202e",
        "https://traces/{__class__}",
        "https://traces/{trace_id}" + "x" * 2_000,
    ],
)
def test_other_templates_stop_the_start(template):
    """What is no address of http or https, lets an event choose the host, or names nothing we know."""
    with pytest.raises(StartError, match="IMMUTABLE_LOG_LINK"):
        links_of(Settings(trace_link="https://traces/{trace_id}", log_link=template))
