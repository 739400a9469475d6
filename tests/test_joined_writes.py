"""What is written together goes out together, in order, and nothing waits longer than the event loop's turn."""

import asyncio
from collections.abc import Callable

from immutable.joined_writes import joined


class _Recorder(asyncio.Transport):
    """Keeps what it is told."""

    def __init__(self) -> None:
        super().__init__()
        self.told: list[bytes | str] = []

    def write(self, data: bytes | bytearray | memoryview) -> None:
        self.told.append(bytes(data))

    def close(self) -> None:
        self.told.append("closed")


def _told(use: Callable[[asyncio.Transport, _Recorder], None]) -> list[bytes | str]:
    """What the transport beneath is told, through the end of the turn in which it is used."""

    async def turn() -> list[bytes | str]:
        recorder = _Recorder()
        use(joined(recorder, asyncio.get_running_loop()), recorder)
        await asyncio.sleep(0)
        return recorder.told

    return asyncio.run(turn())


def test_a_head_and_its_body_are_one_write() -> None:
    """The second write of a turn takes the first with it, and does not wait for the turn to end."""

    def answer(transport: asyncio.Transport, recorder: _Recorder) -> None:
        transport.write(b"head ")
        transport.write(b"body")
        recorder.told.append("later in the turn")

    assert _told(answer) == [b"head body", "later in the turn"]


def test_a_lone_write_goes_out_at_the_end_of_the_turn() -> None:
    """The beginning of a stream does not wait for its first piece."""
    assert _told(lambda transport, _: transport.write(b"head")) == [b"head"]


def test_many_writes_keep_their_order_and_nothing_piles_up() -> None:
    """One piece at most is held, so the transport can say when to pause."""

    def stream(transport: asyncio.Transport, recorder: _Recorder) -> None:
        for number in range(5):
            transport.write(b"%d" % number)
        assert recorder.told == [b"01", b"23"]

    assert _told(stream) == [b"01", b"23", b"4"]


def test_closing_sends_first() -> None:
    """A refusal reaches the client before its connection ends."""

    def refuse(transport: asyncio.Transport, _: _Recorder) -> None:
        transport.write(b"refusal")
        transport.close()

    assert _told(refuse) == [b"refusal", "closed"]
