"""GET /producers and `immutable producers`: the numbers that never came are told, on either engine."""

from tests.waiting import until

from immutable.model import producer as model


def number(run, sequence, producer="web-3"):
    """An event with a number."""
    return {"actor_id": "u", "action": "a.b", "producer": {"id": producer, "run": run, "sequence": sequence}}


def runs_of(api, received):
    """The runs, once so many numbers were followed."""

    def found():
        runs = api.get("/producers").json()["data"]
        return runs if sum(run["received"] for run in runs) >= received else []

    return {(run["producer"], run["run"]): run for run in until(found)}


def test_runs_are_told_with_what_came(api):
    """Each run by itself: its ends and how many came; a young gap is not called missing yet."""
    assert api.get("/producers").json() == {"data": []}
    api.post("/events/batch", {"events": [number("r1", n) for n in (1, 2, 5)]})
    api.post("/events", number(None, 1, "cron"))
    api.post("/events", {"actor_id": "u", "action": "a.b", "metadata": {"producer": {"id": "no", "sequence": 1}}})
    runs = runs_of(api, 4)
    assert runs.keys() == {("web-3", "r1"), ("cron", None)}
    run = runs["web-3", "r1"]
    assert (run["first_sequence"], run["last_sequence"], run["received"]) == (1, 5, 3)
    assert (run["gaps"], run["gaps_forgotten"]) == ([], 0)
    assert run["last_received_at"] == api.events(action="a.b", limit=3)[2]["created_at"]


def test_a_parameter_is_refused(api):
    """There are none."""
    assert api.get("/producers", limit=1).status_code == 422
    assert model.GRACE == 60_000_000
