"""Acts that wait for their place in the administrative log: kept by the transaction that carries them out.

So no act is carried out without being kept, and none is told that was not carried out. `accounts/acts.py` appends them.
"""

import msgspec

from immutable.model.act import Act
from immutable.store.statements import Send, Statements

_decode = msgspec.json.Decoder(Act).decode


def keep(send: Send, act: Act) -> None:
    """Keep an act in the transaction that carries it out."""
    send(
        "INSERT INTO acts (id, content) VALUES (?,?) ON CONFLICT (id) DO NOTHING RETURNING 1",
        act.id,
        msgspec.json.encode(act).decode(),
    )


class WaitingActs:
    """The acts that are not in the log yet."""

    def __init__(self, statements: Statements) -> None:
        self._statements = statements

    def add(self, act: Act) -> None:
        """Keep an act that changes nothing in the catalogue."""
        with self._statements.change(act, counts=False):
            pass

    def oldest(self, most: int) -> list[Act]:
        """The oldest acts, in their order."""
        rows = self._statements.read("SELECT content FROM acts ORDER BY number LIMIT ?", most)
        return [_decode(row[0]) for row in rows]

    def forget(self, act_ids: list[str]) -> None:
        """Forget those that are in the log."""
        with self._statements.change(counts=False) as send:
            for act_id in act_ids:
                send("DELETE FROM acts WHERE id=? RETURNING 1", act_id)
