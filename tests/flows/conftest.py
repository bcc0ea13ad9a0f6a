"""Tests are imported by path, so a helper beside them is loaded by path too."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path

_spec = importlib.util.spec_from_file_location("lawyer", Path(__file__).with_name("lawyer.py"))
assert _spec is not None
assert _spec.loader is not None
lawyer = sys.modules.setdefault("lawyer", importlib.util.module_from_spec(_spec))
_spec.loader.exec_module(lawyer)
