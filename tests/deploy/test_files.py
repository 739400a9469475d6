"""The files in deploy/ against the program: settings, options, metrics and probes that they name are there.

No container engine runs where these tests run; docs/guide/deploy.md says with what the image was built and run by hand.
"""

import json
import os
import re
import shlex
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import msgspec
import pytest
import yaml

from immutable.settings import PREFIX, Settings

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "deploy"
FILES = sorted(path for path in DEPLOY.rglob("*") if path.is_file())
MANIFESTS = sorted((DEPLOY / "kubernetes").glob("*.yaml"))
SETTINGS = {PREFIX + field.name.upper() for field in msgspec.structs.fields(Settings)}


def _manifest(name: str) -> Any:
    return yaml.safe_load((DEPLOY / "kubernetes" / name).read_text("utf-8"))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_settings_that_are_named_exist(path: Path) -> None:
    """A setting that was renamed is renamed here too."""
    assert set(re.findall(r"\bIMMUTABLE_[A-Z_]+", path.read_text("utf-8"))) <= SETTINGS


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_no_file_names_a_host_of_images_or_packages(path: Path) -> None:
    """Which registry is used is the operator's choice."""
    assert not re.search(r"\b(image|newName|FROM)[: ]+\S+\.\w+/", path.read_text("utf-8"))


def _commands() -> list[list[str]]:
    (container,) = _manifest("deployment.yaml")["spec"]["template"]["spec"]["containers"]
    (schema,) = _manifest("deployment.yaml")["spec"]["template"]["spec"]["initContainers"]
    compose = yaml.safe_load((DEPLOY / "compose.yaml").read_text("utf-8"))
    unit = re.search(r"^ExecStart=\S+/immutable (.*)$", (DEPLOY / "immutable.service").read_text("utf-8"), re.MULTILINE)
    image = re.search(r"^CMD (.*)$", (DEPLOY / "Containerfile").read_text("utf-8"), re.MULTILINE)
    assert unit is not None
    assert image is not None
    return [
        container["args"], schema["args"], compose["services"]["server"]["command"], shlex.split(unit[1]),
        json.loads(image[1]),
    ]  # fmt: skip


@pytest.mark.parametrize("arguments", _commands(), ids=" ".join)
def test_commands_are_understood(arguments: list[str]) -> None:
    """Each command line is one of ours, with options that it has."""
    command = [sys.executable, "-m", "immutable", *arguments, "--help"]
    assert subprocess.run(command, capture_output=True, check=False).returncode == 0


def test_probes_ask_what_the_server_answers(server: Any) -> None:
    """Both paths answer 200 while the server can do its work."""
    (container,) = _manifest("deployment.yaml")["spec"]["template"]["spec"]["containers"]
    paths = {container[probe]["httpGet"]["path"] for probe in ("readinessProbe", "livenessProbe")}
    assert paths == {"/readyz", "/healthz"}
    client = server.with_key("")
    for path in paths:
        assert client.http.get(server.url + path).status_code == 200


def test_the_image_asks_for_its_health_where_it_listens(server: Any) -> None:
    """The health check of the image follows `IMMUTABLE_PORT`, and fails where nobody answers."""
    lines = (DEPLOY / "Containerfile").read_text("utf-8").replace("\\\n", "")
    found = re.search(r"^HEALTHCHECK .*CMD (\[.*\])$", lines, re.MULTILINE)
    assert found is not None
    _, *arguments = json.loads(found[1])
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        for port, is_healthy in ((urlsplit(server.url).port, True), (nobody.getsockname()[1], False)):
            environment = os.environ | {"IMMUTABLE_PORT": str(port)}
            done = subprocess.run([sys.executable, *arguments], env=environment, capture_output=True, check=False)
            assert (done.returncode == 0) is is_healthy, done.stderr


def test_the_guide_names_all_that_compose_asks_for() -> None:
    """Whoever follows the guide, or the file's own head, has every variable without which compose refuses to start."""
    compose = (DEPLOY / "compose.yaml").read_text("utf-8")
    needed = set(re.findall(r"\$\{(\w+):\?", compose))
    assert needed
    for text in (compose, (ROOT / "docs" / "guide" / "deploy.md").read_text("utf-8")):
        assert needed <= set(re.findall(r'^(?:#\s+)?echo "(\w+)=.* >>? \.env', text, re.MULTILINE))


def test_the_database_is_healthy_only_where_the_server_reaches_it() -> None:
    """The health check goes over TCP: the image of PostgreSQL first starts one that answers on the socket alone."""
    compose = yaml.safe_load((DEPLOY / "compose.yaml").read_text("utf-8"))
    assert "--host=127.0.0.1" in compose["services"]["database"]["healthcheck"]["test"]


def test_a_read_only_container_has_where_to_write() -> None:
    """Temporary files and the newest checkpoints have a place in the pod and in compose."""
    (container,) = _manifest("deployment.yaml")["spec"]["template"]["spec"]["containers"]
    assert container["securityContext"]["readOnlyRootFilesystem"]
    assert {mount["mountPath"] for mount in container["volumeMounts"]} == {"/tmp", "/data"}
    service = yaml.safe_load((DEPLOY / "compose.yaml").read_text("utf-8"))["services"]["server"]
    assert service["read_only"]
    assert {*service["tmpfs"], *(volume.split(":")[1] for volume in service["volumes"])} == {"/tmp", "/data"}


def test_a_pod_has_longer_to_end_than_the_server_takes(server: Any) -> None:
    """The balancer's time to look elsewhere and the server's time to drain fit into what the pod is given."""
    from immutable import server as server_module

    spec = _manifest("deployment.yaml")["spec"]["template"]["spec"]
    rest = int(spec["containers"][0]["lifecycle"]["preStop"]["exec"]["command"][1])
    assert spec["terminationGracePeriodSeconds"] > rest + server_module._GRACE_SECONDS


def test_the_service_has_a_folder_for_its_secret() -> None:
    """With PostgreSQL the secret is made in the folder in which the server starts, so that must be one it may write to."""
    unit = dict(re.findall(r"^(\w+)=(.*)$", (DEPLOY / "immutable.service").read_text("utf-8"), re.MULTILINE))
    assert unit["ProtectSystem"] == "strict"
    assert unit["WorkingDirectory"] == "/var/lib/" + unit["StateDirectory"]


def test_whoever_follows_the_guide_sets_what_the_files_demand() -> None:
    """What compose refuses to start without, and what pods take out of the secret, is set by the commands that are told."""
    guide = (ROOT / "docs" / "guide" / "deploy.md").read_text("utf-8")
    compose = (DEPLOY / "compose.yaml").read_text("utf-8")
    demanded = set(re.findall(r"\$\{(\w+):\?", compose))
    assert demanded
    for told in (guide, compose):
        assert demanded <= set(re.findall(r'echo "(\w+)=', told))
    (container,) = _manifest("deployment.yaml")["spec"]["template"]["spec"]["containers"]
    taken = {one["valueFrom"]["secretKeyRef"]["key"] for one in container["env"]}
    assert taken
    for told in (guide, (DEPLOY / "kubernetes" / "kustomization.yaml").read_text("utf-8")):
        assert taken <= set(re.findall(r"--from-literal=([\w-]+)=", told))


def test_selectors_select_the_pods() -> None:
    """Service and disruption budget look for the labels that the pods carry."""
    labels = _manifest("deployment.yaml")["spec"]["template"]["metadata"]["labels"]
    assert _manifest("deployment.yaml")["spec"]["selector"]["matchLabels"] == labels
    assert _manifest("service.yaml")["spec"]["selector"] == labels
    assert _manifest("disruption.yaml")["spec"]["selector"]["matchLabels"] == labels
    listed = set(_manifest("kustomization.yaml")["resources"])
    assert listed == {path.name for path in MANIFESTS} - {"kustomization.yaml"}


def test_the_dashboard_asks_for_metrics_that_there_are(server: Any) -> None:
    """Every name in a query is one that a server exposes, with the labels it is grouped by."""
    api = server.client()
    api.send()
    exposed = api.http.get(server.url + "/metrics").text
    dashboard = json.loads((DEPLOY / "grafana" / "immutable.json").read_text("utf-8"))
    queries = [target["expr"] for panel in dashboard["panels"] for target in panel["targets"]]
    names = {name for query in queries for name in re.findall(r"\b(?:immutable|process)_\w+", query)}
    assert len(names) > 8
    for name in names:
        assert re.search(rf"^{name}(\{{| )", exposed, re.MULTILINE), name
    for name, label in ((name, label) for query in queries for label in re.findall(r"by \((status)\)", query)
                        for name in re.findall(r"\b(immutable_\w+)", query)):  # fmt: skip
        assert re.search(rf"^{name}\{{[^}}]*\b{label}=", exposed, re.MULTILINE), (name, label)


def test_what_the_container_file_copies_is_there() -> None:
    """And the checkout's own environment and databases are no part of the build."""
    copied = re.findall(r"^COPY (?!--from)(.+) \S+$", (DEPLOY / "Containerfile").read_text("utf-8"), re.MULTILINE)
    assert copied
    for line in copied:
        for name in line.split():
            assert (ROOT / name).exists(), name
    ignored = (DEPLOY / "Containerfile.dockerignore").read_text("utf-8").split()
    assert ignored[0] == "*"
    for line in copied:
        for name in line.split():
            assert any(("!" + name).startswith(kept) for kept in ignored if kept.startswith("!")), name
