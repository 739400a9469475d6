"""Rate limits: what one key, and one address with wrong keys, may send; also through several processes at once."""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import httpx2
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
    answers = [api.get("/events")]
    while answers[-1].status_code == 200:
        answers.append(api.get("/events"))
    assert len(answers) > 5
    assert (answers[-1].status_code, answers[-1].json()["error"]) == (429, "rate_limited")
    assert other.get("/events").status_code == 200
    while (answer := api.get("/events")).status_code == 429:
        time.sleep(int(answer.headers["retry-after"]))
    assert answer.status_code == 200
    assert "immutable_rate_limited_total" in api.http.get(server.url + "/metrics").text


def test_events_of_one_key(serve):
    """A batch counts its events, and what is refused is not stored."""
    server = serve(rate_limit_events=1, rate_limit_burst_seconds=150)
    api = server.client()
    batch = {"events": [EVENT] * 100}
    assert [api.post("/events/batch", batch).status_code for _ in range(3)] == [202, 202, 429]
    refused = api.send()
    assert refused.status_code == 429
    assert 1 <= int(refused.headers["retry-after"]) <= 51
    assert api.length() == 200  # reading is not limited by events


def test_wrong_keys_from_one_address(serve):
    """After so many the address is not looked up any more, with any key that was never good; good ones go on."""
    server = serve(failed_authentications_per_minute=2, trusted_proxies="127.0.0.1")  # another one after half a minute
    good, unseen = server.client(workspace="w"), server.client(workspace="w")
    assert good.get("/events").status_code == 200
    guesser = server.with_key("imk_" + "x" * 43)
    assert [guesser.get("/events").status_code for _ in range(4)] == [401] * 2 + [429] * 2
    refused = guesser.get("/events")
    assert refused.json()["error"] == "rate_limited"
    assert 1 <= int(refused.headers["retry-after"]) <= 30
    assert unseen.get("/events").status_code == 429
    assert good.get("/events").status_code == 200
    server.client(workspace="another change")  # which makes the server forget what it remembered of keys
    assert good.get("/events").status_code == 200
    elsewhere = {"x-forwarded-for": "203.0.113.9"}
    assert guesser.http.get("/events", headers=elsewhere).status_code == 401
    assert unseen.http.get("/events", headers=elsewhere).status_code == 200


class Spender:
    """Takes from one limit through several servers at once until each refuses, and holds the sum to what one limit allows."""

    def __init__(self, per_second: float, capacity: int) -> None:
        self.per_second, self.capacity = per_second, capacity
        self.began = time.monotonic()
        self.taken: list[int] = []

    def take_all(self, ask: Callable[[], httpx2.Response], amount: int) -> None:
        """Ask until it is refused."""
        while (answer := ask()).status_code != 429:
            self.taken.append(amount)
        assert answer.json()["error"] == "rate_limited"

    def owes(self, ask: Callable[[], httpx2.Response], amount: int) -> None:
        """Wait until this server tells who asks to wait for as long as what all servers let through is worth.

        However late the servers hear of each other: what both let through meanwhile is a debt, which is paid back.
        """
        deadline = time.monotonic() + 60
        while True:
            answer = ask()
            waited = time.monotonic() - self.began
            if answer.status_code != 429:
                self.taken.append(amount)
            elif sum(self.taken) <= self.capacity + self.per_second * (waited + int(answer.headers["retry-after"])):
                return
            assert time.monotonic() < deadline, "The servers do not share the limit."
            time.sleep(0.05)


def test_the_sum_of_two_processes_holds(serve):
    """Two servers over one database, asked as fast as they answer, let through what one limit allows, not two."""
    settings = {"database_url": new_database(), "rate_limit_events": 1, "rate_limit_burst_seconds": 300}
    first, second = serve(**settings), serve(**settings)
    key = first.client().key
    spender, batch = Spender(1, 300), {"events": [EVENT] * 10}
    asks = [partial(server.with_key(key).post, "/events/batch", batch) for server in (first, second) for _ in range(2)]
    for ask in asks:  # each lets something through
        assert ask().status_code == 202
        spender.taken.append(10)
    with ThreadPoolExecutor(4) as threads:
        list(threads.map(lambda ask: spender.take_all(ask, 10), asks))
    for ask in asks:
        spender.owes(ask, 10)
    assert sum(spender.taken) >= 300  # and not less


def test_wrong_keys_through_two_processes(serve):
    """Guessing through several servers is no faster than through one."""
    settings = {"database_url": new_database(), "failed_authentications_per_minute": 6}
    spender = Spender(6 / 60, 6)
    asks = [partial(serve(**settings).with_key("imk_wrong").get, "/events") for _ in range(2)]
    for ask in asks:
        spender.take_all(ask, 1)
    for ask in asks:
        spender.owes(ask, 1)
