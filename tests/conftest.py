"""What all tests share: the network is off (loopback aside), nothing of the user's machine is read or written."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
import pytest_socket
from hypothesis import HealthCheck, settings

SHARED = Path(__file__).resolve().parents[2] / "shared"
EXAMPLES = Path(__file__).resolve().parents[1] / "examples"

for name in [name for name in os.environ if name.startswith(("GOOGLE_", "GEMINI_", "PREFECT_"))]:
    del os.environ[name]
os.environ["DO_NOT_TRACK"] = "1"
os.environ["PREFECT_SERVER_ANALYTICS_ENABLED"] = "false"

# How long an example takes says more about what else the machine does than about the code.
settings.register_profile("house", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("house")


@pytest.fixture(autouse=True)
def _network_is_off() -> None:
    pytest_socket.socket_allow_hosts(["127.0.0.1", "::1", "localhost"], allow_unix_socket=True)


@pytest.fixture(autouse=True)
def ledger_url(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A ledger of the test's own."""
    url = f"sqlite:///{tmp_path / 'ledger.db'}"
    monkeypatch.setenv("PREFECT_INTEGRATIONS_GEMINI_LEDGER_URL", url)
    return url


@pytest.fixture(autouse=True)
def _no_credentials_are_known(monkeypatch: pytest.MonkeyPatch) -> None:
    """Google credentials are kept for a process, not from test to test."""
    from prefect_gemini.gemini import backend

    monkeypatch.setattr(backend, "_KNOWN", {})


@pytest.fixture(scope="session")
def prefect_server() -> Iterator[None]:
    """A Prefect server on loopback with a database of its own; takes several seconds to start."""
    from prefect.settings import PREFECT_FLOWS_HEARTBEAT_FREQUENCY, temporary_settings
    from prefect.testing.utilities import prefect_test_harness

    # Without heartbeats: each would keep a sync flow run waiting for a second.
    with (
        prefect_test_harness(server_startup_timeout=180),
        temporary_settings({PREFECT_FLOWS_HEARTBEAT_FREQUENCY: None}),
    ):
        yield


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The measured data sets beside the checkout."""
    if not (SHARED / "data").is_dir():
        pytest.skip("the measured data sets are not beside this checkout")
    return SHARED / "data"


@pytest.fixture(scope="session")
def examples() -> Path:
    """The samples that come with the project."""
    return EXAMPLES


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """A PostgreSQL server of our own on a socket, where its programs and the driver are installed."""
    pytest.importorskip("psycopg")
    from benchmarks._postgres import postgres_server

    with postgres_server() as url:
        if url is None:
            pytest.skip("PostgreSQL is not installed")
        yield url
