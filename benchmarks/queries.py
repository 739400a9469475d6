"""How fast are the questions that a support engineer asks, over HTTP, on a log of a million events, or ten?"""

from collections.abc import Callable, Sequence
from random import Random
from urllib.parse import urlencode

from benchmarks import load, ours, workload
from benchmarks.load import LoadResult
from immutable.api.render import event
from immutable.model.workspace import Workspace
from immutable.store.log_store import LogStore

_SAMPLE = 200


def measure(store: LogStore, *, seconds: float, texts: bool = True) -> dict[str, LoadResult]:
    """Ask each question again and again, one at a time on one connection; `texts` False: none that searches text."""
    questions = _questions(store)
    store.close()
    answers: dict[str, LoadResult] = {}
    with ours.running(store.url) as server:
        for name, paths in questions.items():
            if not texts and "search" in name:
                continue
            urls = [f"{server.base_url}/api/v1/{path}" for path in paths]
            load.run_gets(urls, server.key, count=min(len(urls), 20))  # the first questions also fill the caches
            answers[name] = load.run_gets(urls, server.key, seconds=seconds)
            if answers[name].others:
                raise RuntimeError(f"{name}: {answers[name].first_other}")
    return answers


def _questions(store: LogStore) -> dict[str, Sequence[str]]:
    rng = Random(4821)
    workspace = _workspace(store)
    head = store.head(workspace).seq
    places = [rng.randint(1, head) for _ in range(_SAMPLE)]
    sample = [event(next(store.entries(workspace, place, place))) for place in places]
    spans = [_span(store, rng, head) for _ in range(_SAMPLE)]
    action = Random(1).sample([shown["action"].split(".")[0] for shown in sample], 20)
    build: dict[str, Callable[[int], str]] = {
        "a session's timeline": lambda n: f"sessions/{sample[n]['session_id']}",
        "an actor's last 50 events": lambda n: "events?" + urlencode({"actor_id": sample[n]["actor_id"], "limit": 50}),
        "an actor's sessions": lambda n: "sessions?" + urlencode({"actor_id": sample[n]["actor_id"]}),
        "a document's history": lambda n: (
            f"resources/{sample[n]['resource']['type']}/{sample[n]['resource']['id']}/history"
        ),
        "an action like report.* in a span of time": lambda n: (
            "events?" + urlencode({"action": action[n % 20] + ".*", "from": spans[n][0], "to": spans[n][1]})
        ),
        "a selective search": lambda n: "events?" + urlencode({"search": sample[n]["resource_name"]}),
        "an unselective search": lambda n: "events?" + urlencode({"search": workload.COMMON_WORD, "limit": 25 + n % 2}),
        "a search that finds nothing": lambda n: "events?" + urlencode({"search": f"no such text {n}"}),
        "the newest sessions": lambda n: "sessions?" + urlencode({"limit": 25 + n % 2}),
        "one event": lambda n: f"events/{sample[n]['id']}",
    }
    return {name: [path(n) for n in range(_SAMPLE)] for name, path in build.items()}


def _span(store: LogStore, rng: Random, head: int) -> tuple[str, str]:
    """The times between which a tenth of the log was created."""
    workspace = _workspace(store)
    first = rng.randint(1, max(1, head - head // 10))
    ends = (first, min(head, first + head // 10))
    earliest, latest = (event(next(store.entries(workspace, place, place)))["created_at"] for place in ends)
    return earliest, latest


def _workspace(store: LogStore) -> Workspace:
    workspace = store.catalog.workspace(ours.WORKSPACE)
    assert workspace is not None
    return workspace
