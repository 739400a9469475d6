"""When events cannot be written as fast as they come: 503 and Retry-After, nothing lost, nothing half done."""

from concurrent.futures import FIRST_COMPLETED, ThreadPoolExecutor, wait

import apsw
import pytest
from tests.waiting import PATIENCE


@pytest.fixture
def narrow(serve):
    """A server with room for ten waiting events, which wait as long as a test may hold them up."""
    return serve(queue_max_events=10, database_timeout_seconds=PATIENCE).client()


class Held:
    """Keeps the database's write lock, so that nothing can be committed."""

    def __init__(self, database):
        self._connection = apsw.Connection(str(database))
        self._connection.set_busy_timeout(int(PATIENCE * 1_000))  # what is built behind the log writes too

    def __enter__(self):
        self._connection.execute("BEGIN IMMEDIATE")

    def __exit__(self, *_):
        self._connection.execute("ROLLBACK")
        self._connection.close()


def test_full_queue(narrow):
    """More than may wait is refused with 503 and Retry-After; what was taken is stored once the disk is back."""
    events = {"events": [{"actor_id": "a", "action": "b"}] * 5}
    with ThreadPoolExecutor(8) as pool:
        with Held(narrow.server.database):
            answers = [pool.submit(narrow.post, "/events/batch", events) for _ in range(8)]
            wait(answers, PATIENCE, FIRST_COMPLETED)  # one that is refused: none that was taken can be answered
        answers = [answer.result() for answer in answers]
    refused = [answer for answer in answers if answer.status_code == 503]
    taken = [answer for answer in answers if answer.status_code == 202]
    assert len(refused) + len(taken) == 8
    assert refused
    assert taken
    for answer in refused:
        assert answer.json()["error"] == "overloaded"
        assert int(answer.headers["retry-after"]) >= 1
    assert narrow.length() == 5 * len(taken)
    assert narrow.get("/verify").json()["data"]["valid"]
    assert narrow.post("/events/batch", events).status_code == 202


def test_reading_goes_on(narrow):
    """While nothing can be written, everything can be read."""
    narrow.send(session_id="s")
    with Held(narrow.server.database):
        for path in ("/events", "/sessions", "/sessions/s", "/verify"):
            assert narrow.get(path).status_code == 200
        assert narrow.http.get(narrow.server.url + "/readyz").status_code == 200


def test_batch_larger_than_the_queue(narrow):
    """A single batch is taken even where it is larger than the queue, or it could never be."""
    answer = narrow.post("/events/batch", {"events": [{"actor_id": "a", "action": "b"}] * 50})
    assert answer.status_code == 202
