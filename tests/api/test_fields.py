"""The rule of every field, at its limit and one beyond it."""

import pytest

TEXTS = [
    "actor_id", "action", "actor_name", "actor_type", "action_category", "resource", "resource_id", "resource_name",
    "tenant_id", "session_id", "idempotency_key", "trace_id", "request_id",
]  # fmt: skip
KEYS_50 = {f"k{n}": n for n in range(50)}
KEYS_51 = {f"k{n}": n for n in range(51)}


def sized(size):
    """Metadata that takes so many bytes as JSON."""
    return {"k": "x" * (size - len('{"k":""}'))}


def nested(depth):
    """Metadata of so many levels."""
    value = 1
    for _ in range(depth):
        value = {"a": value}
    return value


@pytest.mark.parametrize("name", TEXTS)
def test_text_limit(api, refused, name):
    """A text may have 255 characters, whatever they take as bytes, and not 256."""
    assert refused(api.send(**{name: "x" * 256}), 422)["errors"].keys() == {name}
    longest = "🧨" * 255
    event = api.add(**{name: longest})
    assert (event["resource"]["type"] if name == "resource" else event[name]) == longest


@pytest.mark.parametrize("name", ["actor_id", "action"])
@pytest.mark.parametrize("value", ["", None])
def test_required(api, refused, name, value):
    """Actor and action must be there, and not be empty."""
    assert refused(api.send(**{name: value}), 422)["errors"].keys() == {name}


@pytest.mark.parametrize("name", sorted({*TEXTS, "occurred_at", "ip_address", "user_agent"} - {"actor_id", "action"}))
@pytest.mark.parametrize("value", [1.5, True, ["x"], {"kind": "x"}])
def test_text_of_another_type(api, refused, name, value):
    """A fraction, a truth, a list or an object is no text."""
    problem = refused(api.send(**{name: value}), 422)
    assert all(path.startswith(name) for path in problem["errors"])


@pytest.mark.parametrize(
    ("name", "fits", "breaks"),
    [
        ("user_agent", "x" * 1024, "x" * 1025),
        ("version", 1, 0),
        ("version", 2**31 - 1, 2**31),
        ("version", 1, 1.5),
        ("version", 1, "1"),
        ("version", 1, 2**63),
        ("targets", [{"type": "t"}] * 100, [{"type": "t"}] * 101),
        ("targets", [{"type": "t" * 255}], [{"type": "t" * 256}]),
        ("targets", [{"type": "t", "id": "i" * 255}], [{"type": "t", "id": "i" * 256}]),
        ("targets", [{"type": "t", "name": "n" * 255}], [{"type": "t", "name": "n" * 256}]),
        ("targets", [{"type": "t"}], [{"id": "i"}]),
        ("targets", [{"type": "t"}], [{"type": ""}]),
        ("targets", [{"type": "t"}], [{"type": "t", "color": 1}]),
        ("targets", [], {}),
        ("targets", [{"type": "t", "metadata": KEYS_50}], [{"type": "t", "metadata": KEYS_51}]),
        ("targets", [{"type": "t", "metadata": sized(65_536)}], [{"type": "t", "metadata": sized(65_537)}]),
        ("metadata", KEYS_50, KEYS_51),
        ("metadata", sized(65_536), sized(65_537)),
        ("metadata", nested(32), nested(33)),
        ("metadata", {}, []),
        ("metadata", {"": ""}, "text"),
        ("changes", {f"f{n}": {"old": n, "new": -n} for n in range(50)}, {f"f{n}": {} for n in range(51)}),
        ("changes", {"f": {"new": 1}}, {"f": {"new": 1, "newer": 2}}),
        ("changes", {"f": {"old": None}}, {"f": 1}),
        ("on_behalf_of", {"id": "x" * 255}, {"id": "x" * 256}),
        ("on_behalf_of", {"id": "x", "name": None, "type": None}, {"name": "x"}),
        ("on_behalf_of", {"id": 1}, {"id": ""}),
        ("producer", {"id": "x" * 255, "sequence": 1}, {"id": "x" * 256, "sequence": 1}),
        ("producer", {"id": 7, "run": None, "sequence": 2**53 - 1}, {"id": 7, "sequence": 2**53}),
        ("producer", {"id": "x", "run": "r" * 64, "sequence": 1}, {"id": "x", "run": "r" * 65, "sequence": 1}),
        ("producer", None, {"id": "x"}),
        ("producer", None, {"id": "x", "sequence": 0}),
        ("producer", None, {"id": "x", "sequence": 1.5}),
        ("producer", None, {"id": "", "sequence": 1}),
        ("producer", None, {"id": "x", "sequence": 1, "host": "y"}),
        ("resource", {"type": "t" * 255, "id": "i" * 255, "name": "n" * 255}, {"type": "t" * 256}),
        ("resource", {}, {"kind": "t"}),
        ("resource", {"id": 5}, {"id": 5.5}),
        ("ip_address", "2001:db8::1", "2001:db8::g"),
        ("ip_address", "1.2.3.4", "1.2.3.256"),
        ("ip_address", "::ffff:1.2.3.4", "fe80::1%eth0"),
        ("ip_address", "", "1.2.3.4/32"),
        ("ip_address", None, "localhost"),
        ("occurred_at", "0001-01-01", "0000-01-01"),
        ("occurred_at", "0001-01-01T01:00:00+01:00", "0001-01-01T00:59:59+01:00"),
        ("occurred_at", "9999-12-31T22:59:59-01:00", "9999-12-31T23:00:00-01:00"),
        ("occurred_at", "2024-02-29", "2026-02-29"),
        ("occurred_at", "2026-03-27T00:00:00", "2026-03-27T24:00:00"),
        ("occurred_at", None, ""),
        ("occurred_at", None, "yesterday"),
        ("occurred_at", None, 1774600391),
        ("occurred_at", None, "9" * 65),
    ],
)
def test_limits(api, refused, name, fits, breaks):
    """What fits is stored; what is one beyond, or of another kind, is refused, and the field is named."""
    problem = refused(api.send(**{name: breaks}), 422)
    assert problem["error"] == "validation_failed"
    assert all(path.split(".")[0] == name for path in problem["errors"]), problem["errors"]
    assert api.send(**{name: fits}).status_code == 202


def test_metadata_and_changes_are_counted_together(api, refused):
    """64 KiB is what metadata and changes may take together."""
    changes = {"f": {"old": "", "new": "x" * 40_000}}
    refused(api.send(metadata=sized(40_000), changes=changes), 422)
    assert api.send(metadata=sized(20_000), changes=changes).status_code == 202


@pytest.mark.parametrize("name", ["color", "actor", "Actor_Id", "", "a.b", "x" * 1000, "`$.actor_id`", "é🧨"])
@pytest.mark.parametrize("value", [1, None])
def test_unknown_field_is_named(api, refused, name, value):
    """A field that we do not know is refused by name, also where it is null."""
    assert refused(api.send(**{name: value}), 422)["errors"] == {name[:255]: ["There is no such field."]}


def test_every_wrong_field_is_named(api, refused):
    """The answer names all wrong fields at once, each with a sentence."""
    problem = refused(api.post("/events", {"version": "x", "targets": [{"id": 1}], "color": 1, "actor_id": 1.5}), 422)
    assert problem["errors"].keys() == {"version", "targets.0.type", "color", "actor_id", "action"}


def test_an_answer_names_at_most_a_hundred_fields(api, refused):
    """A body of a hundred thousand unknown fields gets an answer of bounded size."""
    answer = api.post("/events", {f"f{n}": 1 for n in range(60_000)})
    assert len(refused(answer, 422)["errors"]) <= 103


def test_reserved_action(api, refused):
    """Nobody but the server says what the server did: its actions are refused, alone and in a batch."""
    assert refused(api.send(action="immutable.details_erased"), 422)["errors"].keys() == {"action"}
    batch = {"events": [{"actor_id": "a", "action": "immutable.x"}, {"actor_id": "a", "action": "immutables.listed"}]}
    statuses = [one["status"] for one in api.post("/events/batch", batch).json()["events"]]
    assert statuses == ["rejected", "queued"]
