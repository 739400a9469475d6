"""The OpenAPI document against the server: random requests, right and wrong, to every operation.

More of them than every run has time for:
    FUZZ_EXAMPLES=500 .venv/bin/pytest -q tests/api/test_schemathesis.py
"""

import os
import re

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    negative_data_rejection,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from tests.waiting import PATIENCE

from immutable.api.routes import TABLE

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    negative_data_rejection,
]
OPERATIONS = {
    f"{verb} {re.sub(r':[a-z]+}', '}', path)}": bool(method.parameters or method.body)
    for path, verbs in TABLE.items()
    for verb, method in verbs.items()
    if not method.streams  # which would be waited for: tests/api/test_tail.py
}
"""By label: whether there is anything that a request can get wrong."""

REFUSED = {
    f"{verb} {re.sub(r':[a-z]+}', '}', path)}"
    for path, verbs in TABLE.items()
    for verb, method in verbs.items()
    if method.scope == "admin" or method.takes_session or method.for_own_page
}
"""What the key here may not ask at all: a few requests show how it is refused."""

bounded = settings(
    deadline=None,
    max_examples=int(os.environ.get("FUZZ_EXAMPLES", "40")),
    database=None,
    derandomize=True,  # the same requests in every run: a red build is never bad luck
    suppress_health_check=list(HealthCheck),
)


@pytest.fixture(scope="module")
def operations(server):
    """A client of a log with some events to find, and the operations of the document by label."""
    api = server.client()
    api.post("/events/batch", {"events": [{"actor_id": "a", "action": "b.c", "session_id": "0"}] * 30})
    document = api.get("/openapi.json").json()
    for verbs in document["paths"].values():
        for operation in verbs.values():
            operation.pop("security", None)  # every request here has the key; those without are in test_errors.py
    schema = schemathesis.openapi.from_dict(document)
    schema.config.update(base_url=server.url, request_timeout=PATIENCE)
    return api, {operation.ok().label: operation.ok() for operation in schema.get_all_operations()}


@pytest.mark.parametrize(
    ("label", "mode"),
    [(label, GenerationMode.POSITIVE) for label in OPERATIONS]
    + [(label, GenerationMode.NEGATIVE) for label, can_be_wrong in OPERATIONS.items() if can_be_wrong],
)
def test_operation(operations, label, mode):
    """An answer has a status, a type and a shape that the document has, and what it forbids is refused."""
    api, known = operations
    headers = {"Authorization": f"Bearer {api.key}"}

    @settings(bounded, max_examples=5 if label in REFUSED else 120)
    @given(known[label].as_strategy(generation_mode=mode))
    def check(case):
        answer = case.call(headers=headers)
        # An invalid event of a batch is told so in its place, and the batch is accepted.
        excluded = [negative_data_rejection] if label.endswith("/batch") else []
        case.validate_response(answer, checks=CHECKS, excluded_checks=excluded, headers=headers)

    check()
