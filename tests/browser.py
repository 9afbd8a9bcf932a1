"""Drive Chromium through its debugging pipe: no driver, no port, nothing leaves this machine."""

from __future__ import annotations

import base64
import contextlib
import fcntl
import functools
import http.server
import json
import os
import select
import shutil
import subprocess
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

FOUND = (
    shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
)
FLAGS = (
    "--headless=new", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--mute-audio",
    "--no-first-run", "--disable-background-networking", "--disable-component-update",
    "--disable-sync", "--disable-dev-shm-usage", "--disable-extensions",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE localhost", "--remote-debugging-pipe",
)  # fmt: skip
PATIENCE_S = 60.0


class BrowserError(Exception):
    """Chromium refused a command, or didn't answer in time."""


class Chromium:
    """A running browser. Commands wait for their answer, and events are kept for the tab."""

    def __init__(self, profile: Path) -> None:
        assert FOUND is not None
        down, up = os.pipe(), os.pipe()
        # The browser reads commands from descriptor 3 and answers on 4.
        child = [fcntl.fcntl(end, fcntl.F_DUPFD, 100) for end in (down[0], up[1])]
        argv = [FOUND, *FLAGS, f"--user-data-dir={profile}", "about:blank"]
        self._process = subprocess.Popen(
            ["bash", "-c", f'exec "$@" 3<&{child[0]} 4>&{child[1]}', "bash", *argv],
            pass_fds=child, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL, start_new_session=True,
        )  # fmt: skip
        for end in (*child, down[0], up[1]):
            os.close(end)
        self._write, self._read = down[1], up[0]
        self._number, self._buffer = 0, b""
        self.events: list[dict[str, Any]] = []

    def close(self) -> None:
        """End the browser."""
        with contextlib.suppress(BrowserError, OSError):
            self.call("Browser.close")
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            os.killpg(self._process.pid, 9)
            self._process.wait()
        os.close(self._write)
        os.close(self._read)

    def call(self, method: str, session: str | None = None, **parameters: Any) -> dict[str, Any]:
        """Send a command and return its result."""
        number = self.send(method, session, **parameters)
        ends = time.monotonic() + PATIENCE_S
        while True:
            message = self._message(ends)
            if message is None:
                raise BrowserError(f"{method}: no answer in {PATIENCE_S:.0f} s")
            if message.get("id") != number:
                self._event(message)
            elif "error" in message:
                raise BrowserError(f"{method}: {message['error']['message']}")
            else:
                result: dict[str, Any] = message["result"]
                return result

    def send(self, method: str, session: str | None = None, **parameters: Any) -> int:
        """Send a command without waiting for its answer."""
        self._number += 1
        message: dict[str, Any] = {"id": self._number, "method": method, "params": parameters}
        if session:
            message["sessionId"] = session
        rest = json.dumps(message).encode() + b"\0"
        while rest:
            rest = rest[os.write(self._write, rest) :]
        return self._number

    def listen(self, seconds: float) -> bool:
        """Take in what the browser tells within the time; say whether there was anything."""
        message = self._message(time.monotonic() + seconds)
        if message is not None:
            self._event(message)
        return message is not None

    def _event(self, message: dict[str, Any]) -> None:
        if message.get("method") == "Target.attachedToTarget":  # a worker: watch it, let it run
            worker = message["params"]["sessionId"]
            if message["params"]["waitingForDebugger"]:
                self.send("Network.enable", worker)
                self.send("Runtime.runIfWaitingForDebugger", worker)
        if "method" in message:
            self.events.append(message)

    def _message(self, ends: float) -> dict[str, Any] | None:
        while b"\0" not in self._buffer:
            left = max(ends - time.monotonic(), 0)
            if not select.select([self._read], [], [], left)[0]:
                return None
            data = os.read(self._read, 1 << 20)
            if not data:
                raise BrowserError("Chromium ended")
            self._buffer += data
        first, _, self._buffer = self._buffer.partition(b"\0")
        message: dict[str, Any] = json.loads(first)
        return message


class Tab:
    """One page in a window of a given width and colour scheme."""

    def __init__(self, browser: Chromium, width: int, scheme: str) -> None:
        self.browser = browser
        browser.events.clear()
        self._target = browser.call("Target.createTarget", url="about:blank")["targetId"]
        made = browser.call("Target.attachToTarget", targetId=self._target, flatten=True)
        self._session: str = made["sessionId"]
        for domain in ("Page", "Network", "Runtime"):
            self.call(f"{domain}.enable")
        self.call(
            "Target.setAutoAttach", autoAttach=True, waitForDebuggerOnStart=True, flatten=True
        )
        self.call(
            "Emulation.setDeviceMetricsOverride",
            width=width, height=844, deviceScaleFactor=1, mobile=width < 600,
        )  # fmt: skip
        self.call(
            "Emulation.setEmulatedMedia",
            features=[{"name": "prefers-color-scheme", "value": scheme}],
        )

    def call(self, method: str, **parameters: Any) -> dict[str, Any]:
        """Send a command to the page."""
        return self.browser.call(method, self._session, **parameters)

    def open(self, url: str) -> None:
        """Load a page, and wait until it is quiet."""
        self.browser.events.clear()
        self.call("Page.navigate", url=url)
        ends = time.monotonic() + PATIENCE_S
        while not any(e["method"] == "Page.loadEventFired" for e in self.browser.events):
            if time.monotonic() > ends:
                raise BrowserError(f"{url}: not loaded in {PATIENCE_S:.0f} s")
            self.browser.listen(1.0)
        self.evaluate("document.fonts.ready.then(() => 0)")
        self.quiet()

    def quiet(self) -> None:
        """Wait until the page and its workers ask for nothing more."""
        ends = time.monotonic() + PATIENCE_S
        while self.browser.listen(0.2) and time.monotonic() < ends:
            pass

    def evaluate(self, script: str) -> Any:
        """Return the value of an expression in the page."""
        made = self.call(
            "Runtime.evaluate", expression=script, returnByValue=True, awaitPromise=True
        )
        if "exceptionDetails" in made:
            raise BrowserError(json.dumps(made["exceptionDetails"])[:800])
        return made["result"].get("value")

    def click(self, selector: str, times: int = 1) -> None:
        """Press the mouse on the first element that matches, as a reader would."""
        x, y = self.evaluate(
            f"(() => {{ const e = document.querySelector({json.dumps(selector)});"
            "e.scrollIntoView({block: 'center', behavior: 'instant'});"
            "const b = e.getBoundingClientRect();"
            "return [b.x + b.width / 2, b.y + b.height / 2] })()"
        )
        for count in range(1, times + 1):
            for kind in ("mousePressed", "mouseReleased"):
                self.call(
                    "Input.dispatchMouseEvent", type=kind, x=x, y=y, button="left",
                    clickCount=count,
                )  # fmt: skip

    def screenshot(self, path: Path) -> None:
        """Take a picture of the whole page."""
        size = self.call("Page.getLayoutMetrics")["cssContentSize"]
        clip = {"x": 0, "y": 0, "width": size["width"], "height": size["height"], "scale": 1}
        made = self.call("Page.captureScreenshot", captureBeyondViewport=True, clip=clip)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(base64.b64decode(made["data"]))

    @property
    def requests(self) -> list[str]:
        """The addresses that the page and its workers asked for since it was opened."""
        asked = []
        for event in self.browser.events:
            if event["method"] == "Network.requestWillBeSent":
                asked.append(str(event["params"]["request"]["url"]))
            elif event["method"] in ("Network.webSocketCreated", "Network.webTransportCreated"):
                asked.append(str(event["params"]["url"]))
        return asked

    @property
    def troubles(self) -> list[str]:
        """What failed since the page was opened: scripts, and answers other than success."""
        found = []
        for event in self.browser.events:
            told = event["params"]
            if event["method"] == "Runtime.exceptionThrown":
                found.append(json.dumps(told["exceptionDetails"])[:300])
            elif event["method"] == "Network.responseReceived" and told["response"]["status"] > 399:
                found.append(f"{told['response']['status']} {told['response']['url']}")
        return found

    def close(self) -> None:
        """Close the tab."""
        self.browser.call("Target.closeTarget", targetId=self._target)


class _Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, format: str, *arguments: Any) -> None:  # noqa: A002
        """Say nothing."""


@contextlib.contextmanager
def served(folder: Path) -> Iterator[str]:
    """Serve a built site on a free port of this machine."""
    handler = functools.partial(_Quiet, directory=str(folder))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://localhost:{server.server_port}"
        server.shutdown()
