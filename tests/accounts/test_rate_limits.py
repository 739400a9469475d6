"""Rate limits: what one key, and one address with wrong keys, may send; also through several processes at once."""

import http.client
import json
import threading
import time
from collections import Counter

import pytest
from tests.postgres import new_database

from immutable.accounts.rate_limits import Limit
from immutable.errors import RateLimited

EVENT = {"actor_id": "a", "action": "b"}


class Clock:
    """A time that the test moves."""

    def __init__(self):
        self.now = 100.0

    def __call__(self):
        """Tell it."""
        return self.now


def test_a_bucket_fills_again_and_says_when():
    """Ten at once and two a second; whoever is too early is told how many seconds to wait, and waits no longer."""
    clock = Clock()
    limit = Limit("requests", 2, 10, clock)
    for _ in range(10):
        limit.take(1, "key")
    with pytest.raises(RateLimited) as refused:
        limit.take(1, "key")
    assert refused.value.retry_after == 1
    limit.take(1, "other key")
    limit.take(2, "key")
    clock.now += refused.value.retry_after
    limit.take(1, "key")
    clock.now += 1000
    limit.take(1, "key", 10)
    with pytest.raises(RateLimited):
        limit.take(1, "key")


def test_a_batch_larger_than_the_bucket_passes_and_is_paid_back():
    """A hundred events at ten a second: taken whole, and then nothing for as long as they are worth."""
    clock = Clock()
    limit = Limit("events", 10, 50, clock)
    limit.take(1, "key", 100)
    with pytest.raises(RateLimited) as refused:
        limit.take(1, "key")
    assert refused.value.retry_after == 6
    clock.now += 5.0
    with pytest.raises(RateLimited):
        limit.take(1, "key")
    clock.now += 0.2
    limit.take(1, "key")


def test_what_others_took_counts():
    """What the database says is left is believed, less what was taken here meanwhile; each is told once."""
    clock = Clock()
    limit = Limit("requests", 1, 10, clock)
    limit.take(1, "key", 4)
    (told,) = limit.spendings()
    assert (told.workspace_number, told.amount, told.per_second, told.capacity) == (1, 4, 1, 10)
    limit.take(1, "key", 2)
    limit.settle(1, told.name, 2.0)
    with pytest.raises(RateLimited) as refused:
        limit.take(1, "key")
    assert refused.value.retry_after == 1
    (told,) = limit.spendings()
    assert told.amount == 2
    clock.now += 1000
    assert limit.spendings() == []  # full again, and forgotten


def test_requests_of_one_key(serve):
    """More than the limit get 429 with Retry-After, other keys go on, and who waits is served again."""
    server = serve(rate_limit_requests=1, rate_limit_burst_seconds=5)
    api, other = server.client(), server.client()
    answers = [api.get("/events") for _ in range(12)]
    refused = [one for one in answers if one.status_code == 429]
    assert [one.status_code for one in answers[:5]] == [200] * 5
    assert refused
    assert refused[-1].json()["error"] == "rate_limited"
    assert other.get("/events").status_code == 200
    time.sleep(int(refused[-1].headers["retry-after"]))
    assert api.get("/events").status_code == 200
    assert "immutable_rate_limited_total" in api.http.get(server.url + "/metrics").text


def test_events_of_one_key(serve):
    """A batch counts its events, and what is refused is not stored."""
    server = serve(rate_limit_events=1, rate_limit_burst_seconds=30)
    api = server.client()
    batch = {"events": [EVENT] * 20}
    assert [api.post("/events/batch", batch).status_code for _ in range(3)] == [202, 202, 429]
    refused = api.send()
    assert refused.status_code == 429
    assert 1 <= int(refused.headers["retry-after"]) <= 11
    assert api.length() == 40  # reading is not limited by events


def test_wrong_keys_from_one_address(serve):
    """After so many the address is not looked up any more, with any key that was never good; good ones go on."""
    server = serve(failed_authentications_per_minute=6, trusted_proxies="127.0.0.1")
    good, unseen = server.client(workspace="w"), server.client(workspace="w")
    assert good.get("/events").status_code == 200
    guesser = server.with_key("imk_" + "x" * 43)
    assert [guesser.get("/events").status_code for _ in range(8)] == [401] * 6 + [429] * 2
    refused = guesser.get("/events")
    assert refused.json()["error"] == "rate_limited"
    assert 1 <= int(refused.headers["retry-after"]) <= 10
    assert unseen.get("/events").status_code == 429
    assert good.get("/events").status_code == 200
    server.client(workspace="another change")  # which makes the server forget what it remembered of keys
    assert good.get("/events").status_code == 200
    elsewhere = {"x-forwarded-for": "203.0.113.9"}
    assert guesser.http.get("/events", headers=elsewhere).status_code == 401
    assert unseen.http.get("/events", headers=elsewhere).status_code == 200


def _hammer(port: int, key: str, until: float, statuses: Counter[int]) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    while time.monotonic() < until:
        connection.request("POST", "/api/v1/events", json.dumps(EVENT), {"Authorization": f"Bearer {key}"})
        answer = connection.getresponse()
        answer.read()
        statuses[answer.status] += 1
        if answer.status == 429:
            time.sleep(0.02)
    connection.close()


def test_the_sum_of_two_processes_holds(serve):
    """Two servers over one database, asked as fast as they answer, let through what one limit allows, not two.

    The tolerance: a burst for each process, and what flows in between two exchanges.
    """
    rate, burst, seconds = 40, 1, 10
    settings = {"database_url": new_database(), "rate_limit_events": rate, "rate_limit_burst_seconds": burst}
    servers = [serve(**settings), serve(**settings)]
    key = servers[0].client().key
    began, counts = time.monotonic(), [Counter[int]() for _ in range(4)]
    threads = [
        threading.Thread(target=_hammer, args=(servers[n % 2].port, key, began + seconds, counts[n])) for n in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    elapsed = time.monotonic() - began
    total = sum(counts, Counter[int]())
    assert set(total) == {202, 429}
    assert total[202] <= rate * elapsed + 2 * rate * burst + rate * 0.5
    assert total[202] < 2 * rate * elapsed * 0.8  # which two limits, each for itself, would let through
    assert min(counts[0][202] + counts[2][202], counts[1][202] + counts[3][202]) > 0
    print(f"{total[202]} events in {elapsed:.1f} s at {rate}/s: {total[202] / (rate * (elapsed + burst)):.2f}")


def test_wrong_keys_through_two_processes(serve):
    """Guessing through several servers is no faster than through one."""
    settings = {"database_url": new_database(), "failed_authentications_per_minute": 6}
    servers = [serve(**settings), serve(**settings)]
    statuses = []
    for number in range(12):
        statuses.append(servers[number % 2].with_key("imk_wrong").get("/events").status_code)
        time.sleep(0.4)  # they tell each other several times a second
    assert statuses.count(401) <= 9
    assert statuses[-1] == 429
