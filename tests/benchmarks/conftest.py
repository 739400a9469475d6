"""Puts the repository's root on the path: the benchmarks are not part of what is installed."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
