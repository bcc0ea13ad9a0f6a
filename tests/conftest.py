"""What all tests share: the network is off (loopback aside), nothing is read from the user's home."""

from __future__ import annotations

from pathlib import Path

import pytest

SHARED = Path(__file__).resolve().parents[2] / "shared"


@pytest.fixture(autouse=True)
def _no_network(socket_enabled: None) -> None:
    import pytest_socket

    pytest_socket.socket_allow_hosts(["127.0.0.1", "::1", "localhost"], allow_unix_socket=True)


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The measured data sets beside the checkout."""
    if not (SHARED / "data").is_dir():
        pytest.skip("the measured data sets are not beside this checkout")
    return SHARED / "data"
