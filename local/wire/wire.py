"""Everything one server holds: its clock, journal, script, faults, quota and what clients stored in it."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from prefect_gemini.local.engine import Engine
from prefect_gemini.local.wire.control.clock import Clock
from prefect_gemini.local.wire.control.faults import Faults
from prefect_gemini.local.wire.control.journal import Journal
from prefect_gemini.local.wire.control.pace import INSTANT, Pace
from prefect_gemini.local.wire.control.quota import Quota
from prefect_gemini.local.wire.control.script import Script
from prefect_gemini.local.wire.resources.jobs import Jobs
from prefect_gemini.local.wire.resources.models import Models
from prefect_gemini.local.wire.resources.storage import Storage
from prefect_gemini.local.wire.resources.store import Store

if TYPE_CHECKING:
    from prefect_gemini.local.wire.replay.player import Player

EngineMaker = Callable[[], Engine]


def reader_engine() -> Engine:
    """The reader, loaded when it is first needed: its models take seconds."""
    from prefect_gemini.local.reader.engine import ReaderEngine

    return ReaderEngine()


class Wire:
    """The state behind one server.

    Args:
        engine: makes the engine on the first call that needs it.
        authentication: refuse requests without a key or token, as Google does.
        keep: how many requests the journal keeps; None for all.
        state: an SQLite file for what clients store; in memory without one.
        player: serves a cassette instead of everything else.
    """

    def __init__(
        self,
        *,
        engine: EngineMaker = reader_engine,
        authentication: bool = True,
        keep: int | None = None,
        state: Path | str | None = None,
        player: Player | None = None,
    ) -> None:
        self.player = player
        self.clock = Clock()
        self.journal = Journal(keep=keep)
        self.script = Script()
        self.faults = Faults()
        self.quota = Quota(self.clock)
        self.models = Models(self.clock)
        self.store = Store(state)
        self.storage = Storage(self.store, self.clock)
        self.jobs = Jobs(self.store, self.clock)
        self.pace: Pace = INSTANT
        self.authentication = authentication
        self.base_url = ""
        self._make_engine = engine
        self._engine: Engine | None = None
        self._engine_lock = threading.Lock()

    @property
    def engine(self) -> Engine:
        """The engine; made on first use. Call from a worker thread."""
        with self._engine_lock:
            if self._engine is None:
                self._engine = self._make_engine()
            return self._engine

    def reset(self) -> None:
        """Forget script, faults, quota and pace; the journal and what was stored stay. A cassette is rewound."""
        if self.player is not None:
            self.player.rewind()
        self.script.clear()
        self.faults.clear()
        self.quota.set()
        self.pace = INSTANT
