"""Tests are imported by path, so helpers beside them are loaded by path too."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path

for _name in ("lawyer", "browser"):
    _spec = importlib.util.spec_from_file_location(_name, Path(__file__).with_name(f"{_name}.py"))
    assert _spec is not None
    assert _spec.loader is not None
    _module = sys.modules.setdefault(_name, importlib.util.module_from_spec(_spec))
    _spec.loader.exec_module(_module)
