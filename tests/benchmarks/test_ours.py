"""Logs that are filled for the benchmarks."""

from pathlib import Path

import pytest

from benchmarks import disk, ours


@pytest.mark.parametrize("texts", [True, False])
def test_a_log_is_filled_and_nothing_is_left_to_build(tmp_path: Path, texts: bool) -> None:
    """All events are in it, and its indexes stand still while it is measured, with texts or without."""
    appended: list[int] = []
    url = ours.sqlite_url(tmp_path)
    store = ours.fill(url, 1_200, appended.append, texts=texts)
    workspace = store.catalog.workspace(ours.WORKSPACE)
    assert workspace is not None
    assert store.head(workspace).seq == sum(appended) == 1_200
    assert store.reader().progress(workspace) == (0, 1_200)
    assert not store.follow()
    assert disk.sizes(url)["the log"] > 1_200 * 200
    store.close()
