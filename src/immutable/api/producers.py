"""GET /producers: which numbers of each sender came, and which are missing (`model/producer.py`)."""

from typing import Annotated

import msgspec

from immutable import clock
from immutable.api.answer import Answer, json_answer
from immutable.api.endpoint import Call
from immutable.api.schemas import Count, Time
from immutable.model.producer import ProducerRun

_Number = Annotated[int, msgspec.Meta(ge=1)]


class Gap(msgspec.Struct, rename={"first": "from", "last": "to"}):
    """Numbers that did not come, both ends included."""

    first: _Number
    last: _Number


class RunView(msgspec.Struct):
    """One run of a producer: what came of it, and what is missing."""

    producer: str
    run: str | None
    first_sequence: _Number
    last_sequence: _Number
    received: Annotated[int, msgspec.Meta(ge=0, description="How many different numbers came.")]
    gaps: Annotated[list[Gap], msgspec.Meta(description="What has been missing for 60 seconds or more.")]
    gaps_forgotten: Annotated[
        Count, msgspec.Meta(description="Missing numbers of older gaps that are no longer listed: there were too many.")
    ]
    last_received_at: Time


class ProducerList(msgspec.Struct):
    """The runs that were heard of last, newest first, up to a thousand."""

    data: list[RunView]


async def list_producers(call: Call) -> Answer:
    """Which numbers of each producer came, and which are missing: events that were made and never arrived."""
    runs = await call.services.read(call.services.store.producer_runs, call.workspace)
    now = clock.now()
    return json_answer(ProducerList([_view(run, now) for run in sorted(runs, key=_age)]))


def _age(run: ProducerRun) -> tuple[int, str, str]:
    return -run.last_received_at, run.producer, run.run or ""


def _view(run: ProducerRun, now: int) -> RunView:
    return RunView(
        run.producer,
        run.run,
        run.spans[0].first,
        run.spans[-1].last,
        run.received,
        [Gap(first, last) for first, last in run.gaps(now)],
        run.forgotten,
        clock.to_text(run.last_received_at),
    )
