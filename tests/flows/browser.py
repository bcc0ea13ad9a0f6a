"""A headless Chromium over its DevTools protocol, for tests that look at pages as a person does."""

from __future__ import annotations

import asyncio
import base64
import json
import shutil
import tempfile
import time
import urllib.request
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import websockets

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")


class Tab:
    """One tab. Every request it makes is in `requested`."""

    def __init__(self, socket: Any) -> None:
        self.socket = socket
        self.requested: list[str] = []
        self.number = 0

    async def do(self, method: str, **params: Any) -> dict[str, Any]:
        """One command of the protocol."""
        self.number += 1
        mine = self.number
        await self.socket.send(json.dumps({"id": mine, "method": method, "params": params}))
        while True:
            told = json.loads(await self.socket.recv())
            if told.get("method") == "Network.requestWillBeSent":
                self.requested.append(told["params"]["request"]["url"])
            if told.get("id") == mine:
                return told.get("result", told)

    async def open(self, url: str, *, width: int = 1400, height: int = 1000, dark: bool = False) -> None:
        """Show a page."""
        await self.do("Network.enable")
        await self.do("Page.enable")
        await self.do(
            "Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=False
        )
        await self.do("Emulation.setFocusEmulationEnabled", enabled=True)
        scheme = "dark" if dark else "light"
        await self.do("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": scheme}])
        await self.do("Page.navigate", url=url)
        await self.wait("document.readyState === 'complete'")

    async def ask(self, script: str) -> Any:
        """The value of a JavaScript expression."""
        told = await self.do(
            "Runtime.evaluate", expression=script, awaitPromise=True, returnByValue=True, userGesture=True
        )
        if "exceptionDetails" in told:
            raise AssertionError(told["exceptionDetails"])
        return told["result"].get("value")

    async def wait(self, script: str, *, patience_s: float = 40) -> None:
        """Until an expression is true."""
        for _ in range(int(patience_s * 5)):
            if await self.ask(script):
                return
            await asyncio.sleep(0.2)
        raise TimeoutError(f"never true: {script}; the page says: {await self.ask('document.body.innerText')}")

    async def click(self, element: str) -> None:
        """Press an element as a mouse does; menus and dialogs listen to more than `click`."""
        kinds = "['pointerdown','mousedown','pointerup','mouseup','click']"
        await self.ask(
            f"(() => {{ const one = {element}; for (const kind of {kinds}) "
            "one.dispatchEvent(new (kind.startsWith('pointer') ? PointerEvent : MouseEvent)"
            "(kind, {bubbles: true, cancelable: true, button: 0})); })()"
        )

    async def shot(self) -> bytes:
        """A screenshot as PNG."""
        return base64.b64decode((await self.do("Page.captureScreenshot", format="png"))["data"])

    async def printed(self) -> bytes:
        """The page as it prints, as PDF."""
        return base64.b64decode((await self.do("Page.printToPDF"))["data"])


@asynccontextmanager
async def browser() -> AsyncIterator[Tab]:
    """A fresh browser with one tab; closed at the end."""
    assert CHROMIUM is not None
    home = Path(tempfile.mkdtemp(prefix="chromium-"))
    process = await asyncio.create_subprocess_exec(
        CHROMIUM,
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-background-networking",
        "--no-first-run",
        "--hide-scrollbars",
        f"--user-data-dir={home}",
        "--remote-debugging-port=0",
        "about:blank",
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        tabs = await asyncio.to_thread(_tabs, home / "DevToolsActivePort")
        async with websockets.connect(tabs[0], max_size=None) as socket:
            yield Tab(socket)
    finally:
        process.terminate()
        await process.wait()
        shutil.rmtree(home, ignore_errors=True)


def _tabs(file: Path) -> list[str]:
    """The addresses of the tabs, as soon as the browser has written its port."""
    for _ in range(400):
        if file.exists() and (words := file.read_text().split()):
            with urllib.request.urlopen(f"http://127.0.0.1:{words[0]}/json") as answer:
                return [tab["webSocketDebuggerUrl"] for tab in json.load(answer) if tab["type"] == "page"]
        time.sleep(0.1)
    raise TimeoutError("Chromium did not start")
