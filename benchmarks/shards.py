"""How evenly do uneven workspaces lie over the nodes of a database that is distributed by workspace? A simulation.

Workspaces get events by Zipf's law (the n-th largest gets 1/n^s of the largest), are hashed to 32 shards, and the shards
dealt out to nodes, as Citus does by default. Then the largest workspaces are isolated into shards of their own, and all
shards placed anew, largest first, each on the node that has least.
"""

import hashlib
from collections.abc import Sequence

import typer
from rich.console import Console

from benchmarks import table

SHARDS = 32
SEEDS = 20


def sizes(workspaces: int, exponent: float) -> list[float]:
    """The share of all events that each workspace has, largest first."""
    weights = [1 / rank**exponent for rank in range(1, workspaces + 1)]
    total = sum(weights)
    return [weight / total for weight in weights]


def shards_of(shares: Sequence[float], seed: int, isolated: int = 0) -> list[float]:
    """The load of each shard; the `isolated` largest workspaces have one each, after the others."""
    loads = [0.0] * SHARDS
    for rank, share in enumerate(shares[isolated:], isolated):
        digest = hashlib.blake2b(f"{seed}:{rank}".encode(), digest_size=8).digest()
        loads[int.from_bytes(digest) % SHARDS] += share
    return [*loads, *shares[:isolated]]


def dealt(loads: Sequence[float], nodes: int) -> float:
    """The hottest node's load over the mean, with shards dealt out in turn."""
    return max(sum(loads[node::nodes]) for node in range(nodes)) * nodes


def balanced(loads: Sequence[float], nodes: int) -> float:
    """The hottest node's load over the mean, with each shard on the node that has least, largest first."""
    on = [0.0] * nodes
    for load in sorted(loads, reverse=True):
        on[on.index(min(on))] += load
    return max(on) * nodes


def main() -> None:
    """Print, for many and few workspaces, even and uneven: the hottest node's load over the mean (1 is even)."""
    console = Console()
    for nodes in (2, 4, 8):
        rows = []
        for workspaces in (100, 1_000, 10_000):
            for exponent in (0.8, 1.1):
                shares = sizes(workspaces, exponent)
                plain, moved, apart = (
                    sum(figures) / SEEDS
                    for figures in zip(
                        *(
                            (
                                dealt(shards_of(shares, seed), nodes),
                                balanced(shards_of(shares, seed), nodes),
                                balanced(shards_of(shares, seed, isolated=nodes), nodes),
                            )
                            for seed in range(SEEDS)
                        ),
                        strict=True,
                    )
                )
                name = f"{workspaces:,} workspaces, largest has {shares[0]:.0%}"
                rows.append((name, plain, f"dealt out; {moved:.2f} rebalanced; {apart:.2f} with {nodes} isolated"))
        console.print(table.facts(f"{nodes} nodes: the hottest node's load over the mean", rows))


if __name__ == "__main__":
    typer.run(main)
