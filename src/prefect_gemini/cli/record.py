"""`prefect-gemini record`: real calls, kept as a cassette that `prefect-gemini local --replay` serves."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter
from rich.text import Text

from prefect_gemini.cli._run import console, notes

if TYPE_CHECKING:
    from prefect_gemini.local.wire.replay.cassette import Exchange


def record(
    cassette: Path,
    /,
    *,
    base_url: Annotated[str, Parameter(help="Where requests go, instead of Google.")] = "",
    port: int = 8791,
) -> None:
    """Pass requests on to the real Gemini and keep every reply, until Ctrl-C.

    Every call is a real call and is paid for. Keys, tokens and documents do not get into the file:
    of long values only a digest is kept. What the model answered does; read it before you commit it.

    Parameters
    ----------
    cassette
        The file to write; one that is there is added to.
    base_url
        Where requests go, instead of Google.
    port
        Port to listen on; 0 for any free one.
    """
    from prefect_gemini.local.wire.replay.cassette import Cassette, CassetteError
    from prefect_gemini.local.wire.replay.recorder import Recorder
    from prefect_gemini.local.wire.serving import Serving

    try:
        recorder = Recorder(Cassette(cassette), base_url=base_url, listener=_show)
    except CassetteError as error:
        notes.print(Text.assemble(("CassetteError: ", "bold red"), str(error)), soft_wrap=True)
        raise SystemExit(2) from None
    serving = Serving(recorder, port=port)
    recorder.own_url = serving.open()
    serving.run()
    console.print(f"Recording to {cassette}; [bold]every call through {recorder.own_url} is real and is paid for.[/]")
    console.print(
        f"google-genai: GOOGLE_VERTEX_BASE_URL={recorder.own_url} or GOOGLE_GEMINI_BASE_URL={recorder.own_url}, "
        "with your own credentials",
        highlight=False,
        soft_wrap=True,
    )
    console.print("Ctrl-C ends it.")
    try:
        threading.Event().wait()
    except KeyboardInterrupt:
        console.print(f"\nServe it with: prefect-gemini local --replay {cassette}", highlight=False)
    finally:
        serving.stop()


def _show(exchange: Exchange) -> None:
    style = "green" if exchange.status == 200 else "red"
    size = sum(len(chunk) for chunk in exchange.chunks)
    console.print(
        Text.assemble((f"{exchange.status} ", style), f"{exchange.method} {exchange.path}  {size:,} characters")
    )
