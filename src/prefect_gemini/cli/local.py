"""`prefect-gemini local`: the local Gemini server in the foreground, with a line for every request."""

from __future__ import annotations

import sqlite3
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from rich.text import Text

from prefect_gemini.cli._run import console, notes

if TYPE_CHECKING:
    from prefect_gemini.local import LocalGemini
    from prefect_gemini.local.wire.control.journal import Entry

STYLES = {"engine": "green", "script": "green", "replay": "green", "wire": "cyan", "quota": "yellow", "fault": "red"}


def local(
    *,
    port: int = 8790,
    host: str = "127.0.0.1",
    allow_remote: bool = False,
    state: Path | None = None,
    replay: Path | None = None,
    repeat: bool = False,
    rpm: int | None = None,
    tpm: int | None = None,
    pace: Literal["instant", "usual"] = "instant",
    retirement: bool = True,
    answers: Literal["reader", "sample"] = "reader",
) -> None:
    """Serve the Gemini API on this machine until Ctrl-C; the extractive reader answers, or samples.

    Parameters
    ----------
    port
        Port to listen on; 0 for any free one.
    host
        Address to listen on; loopback only, unless `--allow-remote`.
    allow_remote
        Listen where other machines can reach it. There is no protection but Google's own key check.
    state
        An SQLite file that keeps caches, files, jobs, prompts and buckets; without one they end with the server.
    replay
        A cassette of `prefect-gemini record`, served instead of everything else; what is not on it is refused.
    repeat
        Serve a recorded reply again when its request comes more often than it was recorded.
    rpm
        Requests a minute for each model; more are refused with 429.
    tpm
        Prompt tokens a minute for each model.
    pace
        instant, or usual: 300 ms to the first token, then 120 tokens a second.
    retirement
        Refuse models that Google has shut down, as Google does.
    answers
        reader, which reads what is sent and refuses what it cannot know; or sample, which knows nothing and fills
        every schema and function call with sample values.
    """
    from prefect_gemini.local import LocalGemini
    from prefect_gemini.local.sample.engine import SampleEngine
    from prefect_gemini.local.wire.control.pace import PACES
    from prefect_gemini.local.wire.replay.cassette import CassetteError
    from prefect_gemini.local.wire.wire import reader_engine

    try:
        server = LocalGemini(
            host=host,
            port=port,
            allow_remote=allow_remote,
            listener=_show,
            keep=100,
            engine=SampleEngine if answers == "sample" else reader_engine,
            state=state,
            replay=replay,
            repeat=repeat,
        ).start()
    except (CassetteError, ValueError, OSError) as error:
        taken = isinstance(error, OSError) and not isinstance(error, CassetteError)
        hint = f"; is another server on port {port}? Choose another with --port" if taken else ""
        notes.print(Text.assemble(("Not started: ", "bold red"), f"{error}{hint}"), soft_wrap=True)
        sys.exit(2)
    except sqlite3.Error as error:
        notes.print(Text.assemble(("Not started: ", "bold red"), f"--state {str(state)!r}: {error}"), soft_wrap=True)
        sys.exit(2)
    server.retirement = retirement
    server.quota.set(rpm=rpm, tpm=tpm)
    server.pace = PACES[pace]
    url = server.base_url
    console.print(f"Gemini API, Vertex AI and Developer API alike: [bold]{url}[/]")
    for client, settings in (
        ("google-genai", f"GOOGLE_GEMINI_BASE_URL={url} GEMINI_API_KEY=any"),
        ("Cloud Storage", f"STORAGE_EMULATOR_HOST={url}"),
        ("faults, journal", f"curl {url}/__gemini/health"),
    ):
        console.print(f"  {client + ':':<17}{settings}", highlight=False, soft_wrap=True)
    console.print("Ctrl-C ends it.\n")
    try:
        threading.Event().wait()
    except KeyboardInterrupt:
        _say_goodbye(server)
    finally:
        server.stop()


def _say_goodbye(server: LocalGemini) -> None:
    answered = server.journal.last.number if len(server.journal) else 0
    console.print(f"\n{answered} requests answered.")
    for finding in server.journal.verdict().findings:
        console.print(Text.assemble(("client: ", "yellow"), str(finding)))
    for mismatch in server.wire.player.mismatches if server.wire.player else ():
        console.print(Text.assemble(("not on the cassette: ", "red"), mismatch))


def _show(entry: Entry) -> None:
    console.print(line(entry))


def line(entry: Entry) -> Text:
    """One request as a person reads it: what was asked of which model, what came of it, how long it took."""
    good = entry.status and entry.status < 400
    seconds = (entry.ended or entry.started) - entry.started
    used = entry.usage.get("totalTokenCount")
    why = "".join(
        (
            f"  fault: {entry.fault}" if entry.fault else "",
            f"  wait {entry.retry_after_s:g} s" if entry.retry_after_s is not None else "",
        )
    )
    return Text.assemble(
        (f"{entry.number:>5}  ", "dim"),
        (f"{entry.status or 'cut':<4} ", "green" if good else "red"),
        f"{entry.kind:<14} {entry.model or entry.path:<32} ",
        f"{seconds:6.2f} s  {f'{used:,} tokens' if used else '':>14}  ",
        ("by ", "dim"),
        (entry.answered_by, STYLES.get(entry.answered_by, "")),
        (why, "yellow"),
    )
