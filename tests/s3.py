"""A real S3-compatible server for tests: SeaweedFS, from its wheel, on a port of its own, in a folder that goes with it."""

import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import httpx2
from tests.ports import own_port

_GRPC = 10_000
"""How far above each of its ports SeaweedFS speaks gRPC."""


@contextmanager
def running(bucket: str) -> Iterator[dict[str, str]]:
    """A server with this bucket: the AWS_… variables that lead to it."""
    weed = Path(sys.executable).with_name("weed")
    with ExitStack() as stack:
        folder = stack.enter_context(TemporaryDirectory(prefix="s3-", ignore_cleanup_errors=True))
        master, volume, filer, s3, iceberg, lance = (own_port(_GRPC) for _ in range(6))
        command = [
            str(weed), "server", f"-dir={folder}", "-ip=127.0.0.1", "-ip.bind=127.0.0.1", "-s3", f"-s3.port={s3}",
            f"-master.port={master}", f"-volume.port={volume}", f"-filer.port={filer}", "-volume.max=5",
            "-master.volumeSizeLimitMB=64", f"-s3.port.iceberg={iceberg}", f"-s3.port.lance={lance}",
        ]  # fmt: skip
        log = stack.enter_context(Path(folder, "weed.log").open("w+"))
        process = subprocess.Popen(command, stdout=log, stderr=log)
        stack.callback(shutil.rmtree, folder, ignore_errors=True)
        stack.callback(process.wait)
        stack.callback(process.kill)
        url = f"http://127.0.0.1:{s3}"
        _make_bucket(url, bucket, process, Path(folder, "weed.log"))
        yield {
            "AWS_ACCESS_KEY_ID": "any", "AWS_SECRET_ACCESS_KEY": "any", "AWS_ENDPOINT_URL": url,
            "AWS_REGION": "us-east-1", "AWS_ALLOW_HTTP": "true",
        }  # fmt: skip


def _make_bucket(url: str, bucket: str, process: "subprocess.Popen[bytes]", log: Path) -> None:
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline:
        assert process.poll() is None, log.read_text()[-2000:]
        try:
            if httpx2.put(f"{url}/{bucket}", timeout=10).is_success:
                return
        except httpx2.HTTPError:
            pass
        time.sleep(0.3)
    raise AssertionError(log.read_text()[-2000:])
