"""The suite as it lies in the wheel, laid out so that it runs: sources, stand-ins for its data, pytest.

The wheel ships the tests but not the pictures, recordings and papers they open. Nothing is written into
site-packages: the package is linked into a folder of our own, the tests are copied beside it.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import wave
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import google.genai
from PIL import Image

GENAI = Path(google.genai.__file__).parent
PROJECT = Path(__file__).parents[2]

# What this server serves; the rest is live sessions, video, file search, and units without a server.
AREAS = (
    *("afc", "batches", "caches", "chats", "files", "models"),
    *("operations", "public_samples", "shared", "tokens", "tunings"),
)
LEFT_OUT = ("models/test_generate_videos.py", "shared/models/test_generate_videos.py")

_PICTURES = [
    "a-man-and-a-dog.png",
    "bridge1.png",
    "checkerboard.png",
    "dog.jpg",
    "google.jpg",
    "google.png",
    "google_homepage.png",
    "google_small.png",
    "man.jpg",
    "segmentation_scribble.jpg",
    "skateboard_stop_sign.jpg",
]
_PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[]/Count 0>>endobj\n%%EOF\n"
MP4 = b"\x00\x00\x00\x18ftypmp42" + bytes(4096)


@dataclass(frozen=True)
class Layout:
    """Where the suite was laid out.

    Args:
        root: on Python's path; holds `google/genai`.
        replays: where the suite writes its tables while it is collected.
        work: the working directory; `tests/data` must be below it.
    """

    root: Path
    replays: Path
    work: Path

    @property
    def tests(self) -> Path:
        """The copied tests."""
        return self.root / "google" / "genai" / "tests"


def lay_out(folder: Path) -> Layout:
    """Link the package and copy its tests below `folder`."""
    layout = Layout(folder / "root", folder / "replays", folder / "work")
    package = layout.tests.parent
    package.mkdir(parents=True)
    for entry in GENAI.iterdir():
        if entry.name not in ("tests", "__pycache__"):
            (package / entry.name).symlink_to(entry)
    shutil.copytree(GENAI / "tests", layout.tests, ignore=shutil.ignore_patterns("__pycache__"))
    make_data(layout.tests / "data")
    layout.replays.mkdir()
    layout.work.mkdir()
    (layout.work / "tests").symlink_to(layout.tests)
    return layout


def make_data(folder: Path) -> None:
    """Small stand-ins for the files the tests open: right kind, any content."""
    folder.mkdir()
    for name in _PICTURES:
        Image.new("RGB", (64, 64), (30, 144, 255)).save(folder / name)
    (folder / "story.txt").write_text("A lighthouse keeper counted the ships and wrote each one down.\n" * 30)
    (folder / "story.pdf").write_bytes(_PDF)
    for name in ("animal.mp4", "pixel.m4a"):
        (folder / name).write_bytes(MP4)
    with wave.open(str(folder / "voice_sample.wav"), "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(16_000)
        sound.writeframes(bytes(32_000))


def start(
    layout: Layout,
    *,
    surface: str,
    base_url: str,
    report: Path,
    output: Path,
    seeded: bool,
    paths: list[str],
    only: str = "",
    limit: int | None = None,
) -> subprocess.Popen[bytes]:
    """Start one half of the suite.

    Args:
        surface: "developer" or "vertex".
        base_url: of the server.
        report: gets one JSON line for each test.
        output: gets what pytest prints.
        seeded: whether ids recorded elsewhere are put into the server first.
        paths: below `tests`.
        only: pytest's `-k`.
        limit: run only the first so many.
    """
    environment = {
        name: value for name, value in os.environ.items() if not name.startswith(("GOOGLE_", "GEMINI_", "PYTEST_"))
    } | {
        "PYTHONPATH": os.pathsep.join(
            [str(layout.root), str(PROJECT), str(PROJECT / "src"), os.environ.get("PYTHONPATH", "")]
        ),
        "GOOGLE_API_KEY": "local-key",
        "GOOGLE_CLOUD_PROJECT": "local-project",
        "GOOGLE_CLOUD_LOCATION": "us-central1",
        "GOOGLE_GENAI_REPLAYS_DIRECTORY": str(layout.replays),
        "CONFORMANCE_URL": base_url,
        "CONFORMANCE_SURFACE": surface,
        "CONFORMANCE_REPORT": str(report),
        "CONFORMANCE_SEEDED": "1" if seeded else "",
        "CONFORMANCE_LIMIT": str(limit or ""),
    }
    options = [
        "--mode",
        "api",
        "-q",
        "--tb=no",
        "--no-header",
        "-p",
        "no:cacheprovider",
        "-p",
        "no:randomly",
        "-p",
        "no:prefect_gemini",
        "-W",
        "ignore",
        "-p",
        "benchmarks.conformance.plugin",
        "-o",
        "consider_namespace_packages=true",
        "-o",
        "asyncio_mode=auto",
        "-o",
        "asyncio_default_fixture_loop_scope=function",
        "--continue-on-collection-errors",
        "--timeout",
        "30",
    ]
    command = [sys.executable, "-m", "pytest", *options, f"--rootdir={layout.tests}", *(["-k", only] if only else [])]
    command += [f"--ignore={layout.tests / name}" for name in LEFT_OUT]
    command += [str(layout.tests / path) for path in paths]
    with output.open("wb") as printed:
        return subprocess.Popen(command, cwd=layout.work, env=environment, stdout=printed, stderr=subprocess.STDOUT)


def read_report(report: Path) -> list[dict[str, Any]]:
    """The lines of a report so far; a line still being written is left out."""
    if not report.exists():
        return []
    return [json.loads(line) for line in report.read_text().splitlines(keepends=True) if line.endswith("\n")]
