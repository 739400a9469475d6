"""GET /sessions/{id}/story over HTTP: ticket #4821 is the acceptance test."""

import pytest

from immutable.demo import ticket_4821


@pytest.fixture(scope="module")
def log(server):
    """The events of ticket #4821."""
    api = server.client()
    assert api.post("/events/batch", {"events": list(ticket_4821.events())}).status_code == 202
    return api


def test_the_ticket_is_told_in_order_and_each_sentence_names_its_events(log):
    """Opened, edited, saved, to the folder, to the trash at 09:53:11, emptied 7 s later, searched and found nothing."""
    told = log.get("/sessions/sess_a8f3c2d1/story", zone=ticket_4821.ZONE).json()["data"]
    story = [sentence["text"] for sentence in told["story"]]
    order = [
        "viewed the document “Q3 Budget Report”",
        "edited",
        "saved",
        "Finance Team",
        "09:53:11",
        "09:53:18",
        "search",
    ]
    places = [next(at for at, text in enumerate(story) if part in text) for part in order]
    assert places == sorted(places)
    trashed = next(one for one in told["story"] if "09:53:11" in one["text"])
    assert (trashed["destructive"], trashed["events_count"]) == (True, 1)
    event = log.get("/events/" + trashed["events"][0]["id"]).json()["data"]
    assert (event["action"], event["sequence"]) == ("document.moved_to_trash", trashed["events"][0]["sequence"])
    assert (told["is_whole"], told["zone"]) == (True, ticket_4821.ZONE)
    assert told["summary"][0]["events_count"] == log.get("/sessions/sess_a8f3c2d1").json()["data"]["events_count"]


def test_the_answer_is_about_the_document(log):
    """With others who touched it counted over all sessions, and the two events as evidence."""
    answer = log.get("/sessions/sess_a8f3c2d1/story").json()["data"]["answer"]
    text = "\n".join(line["text"] for line in answer)
    assert "Hello Lisa," in text
    assert "Others who touched Q3 Budget Report" in text
    assert "7 s later" in text
    assert [line["text"].strip().split(",")[0].split()[0] for line in answer[-2:]] == ["event", "event"]


@pytest.mark.parametrize("zone", ["Mars/Olympus", "../../etc/passwd", "x" * 300])
def test_an_unknown_zone_is_told(log, zone):
    """As a bad request, whatever it looks like."""
    assert log.get("/sessions/sess_a8f3c2d1/story", zone=zone).status_code == 400
