"""`prefect-gemini local`: the local Gemini server in the foreground, with a line for every request."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from rich.text import Text

from prefect_gemini.cli._run import console

if TYPE_CHECKING:
    from prefect_gemini.local.wire.control.journal import Entry


def local(*, port: int = 8790, host: str = "127.0.0.1", allow_remote: bool = False) -> None:
    """Serve the Gemini API on this machine until Ctrl-C; the extractive reader answers.

    Parameters
    ----------
    port
        Port to listen on; 0 for any free one.
    host
        Address to listen on; loopback only, unless `--allow-remote`.
    allow_remote
        Listen where other machines can reach it. There is no protection but Google's own key check.
    """
    from prefect_gemini.local import LocalGemini

    with LocalGemini(host=host, port=port, allow_remote=allow_remote, listener=_show, keep=100) as server:
        console.print(f"Gemini API, Vertex AI and Developer API alike: [bold]{server.base_url}[/]")
        console.print(f"google-genai: GOOGLE_GEMINI_BASE_URL={server.base_url} GEMINI_API_KEY=any", highlight=False)
        console.print("Ctrl-C ends it.")
        try:
            threading.Event().wait()
        except KeyboardInterrupt:
            console.print(f"\n{server.journal.last.number if len(server.journal) else 0} requests answered.")


def _show(entry: Entry) -> None:
    style = "green" if entry.status == 200 else "red"
    seconds = (entry.ended or entry.started) - entry.started
    line = Text.assemble(
        (f"{entry.status or 'cut'} ", style),
        f"{entry.kind:<9} {entry.model or entry.path}  {seconds:.2f} s  by {entry.answered_by}",
        f"  fault: {entry.fault}" if entry.fault else "",
    )
    console.print(line)
