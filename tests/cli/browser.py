"""A real browser for the tests of the page: an installed Chromium, driven by Playwright.

`pip install '.[browser]'` and Debian's package `chromium`, or CHROMIUM, the path of another one.

    python -m tests.cli.browser      writes the picture of the page that the documentation shows
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
NAMES = ("chromium", "chromium-browser", "google-chrome")
COMMAND = (sys.executable, "-m", "varsync", "simulate", "train.py", "--quiet", "--exit-zero")


def chromium() -> str | None:
    """The browser's path, None if there is none."""
    named = os.environ.get("CHROMIUM")
    return named or next(filter(None, map(shutil.which, NAMES)), None)


@contextmanager
def launched() -> Iterator[Any]:
    """The browser, without a window."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        # as root, as in a container, it has no sandbox of its own
        browser = playwright.chromium.launch(
            executable_path=chromium(), args=["--no-sandbox"] if os.geteuid() == 0 else []
        )
        yield browser
        browser.close()


class Opened:
    """A page that is open, and everything that it must not do."""

    def __init__(self, browser: Any, file: Path, width: int = 1200, **options: Any) -> None:
        self.faults: list[str] = []
        self.context = browser.new_context(viewport={"width": width, "height": 900}, **options)
        self.context.set_default_timeout(20_000)
        self.context.route("**/*", self._route)
        self.page = self.context.new_page()
        self.page.on("console", lambda message: self.faults.append(f"console: {message.text}"))
        self.page.on("pageerror", lambda error: self.faults.append(f"error: {error}"))
        self.page.on("dialog", self._dialog)
        self.address = file.absolute().as_uri()
        self.page.goto(self.address)

    def _route(self, route: Any) -> None:
        """Nothing but the page itself is given."""
        if route.request.url.split("#")[0] == self.address:
            route.continue_()
        else:
            self.faults.append(f"request: {route.request.url}")
            route.abort()

    def _dialog(self, dialog: Any) -> None:
        self.faults.append(f"dialog: {dialog.message}")
        dialog.dismiss()

    def run(self, expression: str, given: Any = None) -> Any:
        """What an expression of JavaScript gives in the page."""
        return self.page.evaluate(expression, given)

    def table(self, section: str) -> list[list[str]]:
        """The texts of the first table of a section, row by row, without the heading."""
        rows: list[list[str]] = self.run(
            """section => [...document.querySelector(`#${section} table`).tBodies[0].rows]
            .map(row => [...row.cells].map(cell => cell.innerText))""",
            section,
        )
        return rows

    def close(self) -> None:
        """Closes it, and sees that it did nothing that it must not do."""
        self.context.close()
        assert self.faults == []


def simulated(folder: Path) -> tuple[Path, dict[str, Any], dict[str, Any]]:
    """`examples/train.py`: the page, the report and the trace of one run."""
    for name in ("train.py", "model.py"):
        shutil.copy(ROOT / "examples" / name, folder)
    files = [folder / name for name in ("report.html", "report.json", "trace.json")]
    options = zip(("--html", "--report-file", "--trace"), map(str, files), strict=True)
    path = os.pathsep.join(os.path.abspath(entry) for entry in sys.path if entry)  # noqa: PTH100
    subprocess.run(
        [*COMMAND, *(word for option in options for word in option)],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": path},
        stdout=subprocess.DEVNULL,
        check=True,
        timeout=120,
    )
    report, trace = (json.loads(file.read_text(encoding="utf-8")) for file in files[1:])
    return files[0], report, trace


def main() -> None:
    """Writes docs/page.png."""
    with tempfile.TemporaryDirectory() as folder, launched() as browser:
        file, *_ = simulated(Path(folder))
        page = Opened(browser, file, 900, device_scale_factor=0.8, color_scheme="light")
        page.page.screenshot(path=ROOT / "docs" / "page.png", full_page=True)
        page.close()


if __name__ == "__main__":
    main()
