"""The OpenAPI document says what the server does: every route is in it, and real answers are as it describes them."""

import copy
import re

import jsonschema_rs
import pytest
import schemathesis

from immutable.api.routes import TABLE

FULL = {
    "actor_id": "a", "actor_name": "Ann", "action": "document.deleted", "resource": {"type": "document", "id": "d1"},
    "targets": [{"type": "folder", "id": "f1", "name": "F", "metadata": {"k": 1}}], "metadata": {"k": [1, None]},
    "changes": {"title": {"old": "x", "new": "y"}}, "on_behalf_of": {"id": "b", "name": "Bob"}, "session_id": "s1",
    "ip_address": "8.8.8.8", "user_agent": "curl/8", "version": 1, "tenant_id": "t", "idempotency_key": "k",
}  # fmt: skip


@pytest.fixture(scope="module")
def log(server):
    """A log with a full event, and more bare ones than a page holds."""
    api = server.client()
    api.post("/events/batch", {"events": [FULL, *[{"actor_id": "a", "action": "b"}] * 60]})
    return api


@pytest.fixture(scope="module")
def document(server):
    """The document as the server gives it, without a key."""
    answer = server.with_key("").get("/openapi.json")
    assert answer.status_code == 200
    return answer.json()


def closed(document):
    """The document with every object of known fields closed to others, so that no answer holds more than it says."""

    def close(node):
        if isinstance(node, dict):
            if "properties" in node:
                node["additionalProperties"] = False
                node["required"] = sorted(node["properties"])
            for value in node.values():
                close(value)
        elif isinstance(node, list):
            for value in node:
                close(value)

    strict = copy.deepcopy(document)
    close(strict["components"]["schemas"])
    return strict


def schema_of(document, path, verb, status):
    """The schema of an answer, with what it refers to."""
    answer = document["paths"][path][verb]["responses"][str(status)]
    if "$ref" in answer:
        answer = document["components"]["responses"][answer["$ref"].rsplit("/", 1)[1]]
    return {**answer["content"]["application/json"]["schema"], "components": document["components"]}


def test_is_openapi(document):
    """The document is valid OpenAPI 3.1."""
    assert document["openapi"] == "3.1.0"
    schemathesis.openapi.from_dict(document).validate()


def test_every_route_is_there(document):
    """Every path and verb of the URL table is described, and nothing else."""
    table = {(re.sub(r":\w+}", "}", path), verb.lower()) for path, verbs in TABLE.items() for verb in verbs}
    assert {(path, verb) for path, verbs in document["paths"].items() for verb in verbs} == table


def test_everything_is_said(document):
    """Each operation, parameter, answer and field of an event says what it means; nothing refers to nowhere."""
    for path, verbs in document["paths"].items():
        for operation in verbs.values():
            assert operation["summary"]
            assert all(parameter["description"] for parameter in operation["parameters"]), path
            assert {parameter["name"] for parameter in operation["parameters"] if parameter["in"] == "path"} == set(
                re.findall(r"{(\w+)}", path)
            )
    for name, field in document["components"]["schemas"]["EventInput"]["properties"].items():
        assert field["description"], name
    for reference in re.findall(r"'\$ref': '#/components/(\w+)/(\w+)'", str(document)):
        assert reference[1] in document["components"][reference[0]]


def test_operations_have_names_of_their_own(document):
    """No two operations have one id: clients that are generated name their methods by it."""
    names = [operation["operationId"] for verbs in document["paths"].values() for operation in verbs.values()]
    assert len(names) == len(set(names))


def test_examples_are_valid_and_accepted(document, server):
    """Each body's example fits its schema, and the server takes it; where there is nothing to decide or anchor, it says so."""
    for path, verbs in document["paths"].items():
        if "post" in verbs:
            content = verbs["post"]["requestBody"]["content"]["application/json"]
            schema = {**content["schema"], "components": document["components"]}
            jsonschema_rs.Draft202012Validator(schema, validate_formats=True).validate(content["example"])
            answer = server.client("ingest", "admin").post(path.removeprefix("/api/v1"), content["example"])
            expected: tuple[int, ...] = (200, 202)
            if path.startswith(("/api/v1/sign-in", "/api/v1/links")):  # for the desk alone
                expected = (403,)
            elif path.startswith(
                ("/api/v1/account", "/api/v1/sign-out", "/api/v1/workspaces")
            ):  # for a member's session
                expected = (401,)
            elif "{" in path or path.endswith("/evidence/links"):  # there is no such thing, or no such session
                expected = (404,)
            elif path.endswith(("/accept-rollback", "/anchors")):
                expected = (409,)
            assert answer.status_code in expected, answer.text


@pytest.mark.parametrize(
    ("verb", "path", "url", "body", "status"),
    [
        ("post", "/api/v1/events", "/events", FULL | {"idempotency_key": "k2"}, 202),
        ("post", "/api/v1/events", "/events", FULL, 202),
        ("post", "/api/v1/events", "/events", {}, 422),
        ("post", "/api/v1/events", "/events", b"{", 400),
        ("post", "/api/v1/events/batch", "/events/batch", {"events": [FULL, {}]}, 202),
        ("get", "/api/v1/events", "/events", None, 200),
        ("get", "/api/v1/events", "/events?search=ann", None, 200),
        ("get", "/api/v1/events", "/events?limit=0", None, 422),
        ("get", "/api/v1/events/{id}", "/events/{id}", None, 200),
        ("get", "/api/v1/events/{id}", "/events/none", None, 404),
        ("get", "/api/v1/sessions", "/sessions", None, 200),
        ("get", "/api/v1/sessions/{session_id}", "/sessions/s1", None, 200),
        ("get", "/api/v1/resources/{type}/{id}/history", "/resources/folder/f1/history", None, 200),
        ("get", "/api/v1/verify", "/verify", None, 200),
        ("get", "/api/v1/verify", "/verify?limit=1", None, 200),
    ],
)
def test_real_answers(log, document, verb, path, url, body, status):
    """A real answer has exactly the fields that the document has for it, each of its type."""
    url = url.replace("{id}", log.events(session_id="s1")[0]["id"])
    answer = log.get(url) if verb == "get" else log.post(url, body)
    assert answer.status_code == status
    validator = jsonschema_rs.Draft202012Validator(
        schema_of(closed(document), path, verb, status), validate_formats=True
    )
    validator.validate(answer.json())


def test_health_and_refusals(server, document):
    """So have the answers that need no key, and the refusal of a missing one."""
    stranger = server.with_key("")
    for path, status in (("/healthz", 200), ("/readyz", 200), ("/api/v1/events", 401), ("/api/v1/verify", 401)):
        answer = stranger.http.get(server.url + path)
        assert answer.status_code == status
        validator = jsonschema_rs.Draft202012Validator(schema_of(closed(document), path, "get", status))
        validator.validate(answer.json())
