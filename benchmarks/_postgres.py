"""A PostgreSQL server for a while, where its programs are installed."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any


@contextmanager
def postgres_server() -> Iterator[str | None]:
    """The URL of a server of our own on a socket; None where PostgreSQL is not installed."""
    # Debian keeps a server's programs off the PATH.
    path = os.pathsep.join([os.environ["PATH"], *map(str, sorted(Path("/usr/lib/postgresql").glob("*/bin")))])
    initdb, pg_ctl = shutil.which("initdb", path=path), shutil.which("pg_ctl", path=path)
    if not initdb or not pg_ctl:
        yield None
        return
    # Where anybody may enter: PostgreSQL refuses to run as root.
    folder = Path(tempfile.mkdtemp(prefix="prefect-gemini-pg-"))
    user: dict[str, Any] = {}
    if os.getuid() == 0:
        os.chown(folder, 65534, 65534)
        user = {"user": 65534, "group": 65534, "extra_groups": []}
    quiet = {"check": True, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "cwd": folder, **user}
    subprocess.run([initdb, "-D", folder / "data", "-U", "tester", "-A", "trust", "--no-sync"], **quiet)
    options = f"-F -c listen_addresses='' -k {folder}"
    subprocess.run([pg_ctl, "-D", folder / "data", "-o", options, "-l", folder / "log", "-w", "start"], **quiet)
    try:
        yield f"postgresql://tester@/postgres?host={folder}"
    finally:
        subprocess.run([pg_ctl, "-D", folder / "data", "-m", "immediate", "stop"], **quiet)
        shutil.rmtree(folder)
