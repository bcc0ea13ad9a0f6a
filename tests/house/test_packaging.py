"""The package is what its files say it is."""

from __future__ import annotations

import importlib
import subprocess
import sys
import tomllib
from importlib.metadata import entry_points
from pathlib import Path

import pytest

import prefect_gemini

ROOT = Path(__file__).resolve().parents[2]
ROOMS = ("blocks", "flows", "gemini", "local", "pages", "tasks")


def project() -> dict:
    return tomllib.loads((ROOT / "pyproject.toml").read_text())


def test_every_folder_with_code_is_packaged():
    """A folder that pyproject.toml forgets would be missing from the wheel, and only there."""
    found = {"prefect_gemini", "prefect_gemini.cli"}
    for room in ROOMS:
        for init in (ROOT / room).rglob("__init__.py"):
            found.add("prefect_gemini." + ".".join(init.parent.relative_to(ROOT).parts))
    assert found == set(project()["tool"]["setuptools"]["packages"])


def test_every_data_file_is_packaged():
    """Templates and tables travel with the code that reads them."""
    listed = project()["tool"]["setuptools"]["package-data"]
    for room in ROOMS:
        for path in (ROOT / room).rglob("*"):
            if path.is_file() and path.suffix not in (".py", ".pyc"):
                package = "prefect_gemini." + ".".join(path.parent.relative_to(ROOT).parts)
                assert any(path.match(pattern) for pattern in listed.get(package, ())), path


def test_no_module_of_a_flow_hides_the_standard_library():
    """Prefect puts the folder of a path entrypoint on `sys.path`: a `calendar.py` there would break every later import."""
    hiding = {path for path in (ROOT / "flows").rglob("*.py") if path.stem in sys.stdlib_module_names}
    assert not hiding


def test_rooms_are_linked_for_type_checkers():
    """`src/prefect_gemini/ROOM` leads to the top-level folder of the same name."""
    for room in ROOMS:
        assert (ROOT / "src" / "prefect_gemini" / room).resolve() == ROOT / room


def test_public_names_load_and_are_complete():
    """Each public name exists, and each node of `tasks` is public at the top."""
    tasks = importlib.import_module("prefect_gemini.tasks")
    for name in prefect_gemini.__all__:
        assert getattr(prefect_gemini, name) is not None
    assert set(tasks.__all__) <= set(prefect_gemini.__all__)
    assert sorted(prefect_gemini.__all__) == prefect_gemini.__all__


def test_unknown_public_name_is_an_attribute_error():
    """A typing mistake fails like on any module."""
    with pytest.raises(AttributeError, match="no attribute 'extrct'"):
        _ = prefect_gemini.extrct


def test_prefect_finds_the_blocks():
    """The `prefect.collections` entry point leads to the module that registers the blocks."""
    (found,) = [point for point in entry_points(group="prefect.collections") if point.name == "prefect_gemini"]
    assert {"GeminiCredentials", "GeminiModel"} <= set(vars(found.load()))


@pytest.mark.parametrize("module", ["prefect_gemini", "prefect_gemini.blocks", "prefect_gemini.testing"])
def test_importing_is_cheap(module):
    """Prefect imports the collection at every start; google-genai, OCR and prefect-gcp wait for their first use."""
    heavy = ["google.genai", "rapidocr", "onnxruntime", "prefect_gcp", "vertexai", "pypdfium2"]
    code = f"import sys, {module}; print([name for name in {heavy!r} if name in sys.modules])"
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert result.stdout.strip() == "[]"


def test_prefect_server_starts_with_the_pinned_fastapi():
    """Newer FastAPI breaks Prefect's server at import, which is easy to miss."""
    importlib.import_module("prefect.server.api.server")
