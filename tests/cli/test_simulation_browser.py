"""The page of a simulated run in a real browser: nothing it must not do, and every number of the report.

Skipped where no Chromium, or no Playwright, is installed; fails there if VARSYNC_BROWSER is
"required", so that a job that means to run it does.
"""

from __future__ import annotations

import importlib.util
import itertools
import json
import math
import os
from collections.abc import Iterator
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import Any

import pytest
from varsync.reports import wording
from varsync.reports.html import render

from tests.cli.browser import Opened, chromium, launched, simulated
from tests.cli.hostile import HOSTILE
from tests.cli.test_hostile_text import pages
from tests.cli.test_simulation_html import check, everything, large

pytestmark = pytest.mark.browser

PHONE = 360
ENOUGH = 4.5
"""WCAG's contrast for text (AA)."""
CONTRASTS = """() => {
  const channel = v => (v /= 255) <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4;
  const canvas = document.createElement("canvas").getContext("2d", {willReadFrequently: true});
  const rgba = color => {
    canvas.clearRect(0, 0, 1, 1); canvas.fillStyle = color; canvas.fillRect(0, 0, 1, 1);
    return [...canvas.getImageData(0, 0, 1, 1).data];
  };
  const light = color => {
    const [r, g, b] = rgba(color).map(channel);
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const paper = element => {
    for (let at = element; at; at = at.parentElement) {
      const color = getComputedStyle(at).backgroundColor;
      if (rgba(color)[3] === 255) return color;
    }
    return "white";
  };
  const found = [];
  for (const element of document.body.querySelectorAll("*")) {
    const own = [...element.childNodes].some(node => node.nodeType === 3 && node.data.trim());
    if (!own || ["SCRIPT", "STYLE"].includes(element.tagName)) continue;
    const [one, other] = [light(getComputedStyle(element).color), light(paper(element))];
    const ratio = (Math.max(one, other) + 0.05) / (Math.min(one, other) + 0.05);
    found.push([ratio, `${element.tagName}.${element.className}: ${element.textContent}`]);
  }
  return found;
}"""


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """Chromium."""
    missing = "no Chromium is installed" if chromium() is None else ""
    if importlib.util.find_spec("playwright") is None:
        missing = "Playwright is not installed"
    if missing and os.environ.get("VARSYNC_BROWSER") == "required":
        pytest.fail(missing)
    if missing:
        pytest.skip(missing)
    with launched() as browser:
        yield browser


@pytest.fixture(scope="module")
def run(browser: Any, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Any, Any]:
    """A real run: the file of its page, its report, its trace."""
    return simulated(tmp_path_factory.mktemp("run"))


@pytest.fixture
def opened(browser: Any, run: tuple[Path, Any, Any]) -> Iterator[Opened]:
    """Its page."""
    page = Opened(browser, run[0], color_scheme="light")
    yield page
    page.close()


def test_the_numbers_are_those_of_the_report(
    opened: Opened, run: tuple[Path, dict[str, Any], Any]
) -> None:
    report = run[1]
    facts = opened.run(
        "Object.fromEntries([...document.querySelectorAll('[data-fact]')]"
        ".map(fact => [fact.dataset.fact, fact.innerText]))"
    )
    totals = report["totals"]
    assert facts == {
        "Strategy": "MirroredStrategy",
        "Replicas": "2",
        "Workers": "1",
        "Steps": f"{report['steps']:,}",
        "Synchronisations": f"{totals['synchronisations']:,}",
        "Bytes a replica": f"{totals['bytes_of_a_replica']:,}",
        "Unneeded of these": f"{totals['unneeded']:,}",
        "Engine": f"Simulated as on TensorFlow {report['tensorflow_version']}",
        "Seconds": f"{report['seconds']:.1f}",
    }
    assert [row[3:8] for row in opened.table("ledger")] == [
        [
            str(row[key])
            for key in ("times", "each", "bytes_of_a_replica", "first_step", "last_step")
        ]
        for row in (
            {**row, "each": row["bytes_of_a_replica"] // row["times"]} for row in report["ledger"]
        )
    ]
    assert [(row[0], row[2], row[3], row[7], row[8]) for row in opened.table("variables")] == [
        (
            made["label"],
            made["synchronization"],
            made["aggregation"],
            str(made["synchronisations"]),
            str(made["bytes_of_a_replica"]),
        )
        for made in report["variables"]
    ]
    shown = opened.run("document.getElementById('observations').innerText")
    for seen in report["observations"]:
        said = seen["message"][:1].upper() + seen["message"][1:]
        assert said.replace("`", "") in shown
        for value in seen["values"]:
            assert wording.value(value) in shown


CENT = Decimal("0.01")  # browsers round a half up


def test_the_slider_shows_each_step_of_the_time_line(
    opened: Opened, run: tuple[Path, dict[str, Any], Any]
) -> None:
    replicas = run[1]["timeline"]["replicas"]
    opened.page.focus("#step")
    for step in range(1, run[1]["steps"] + 1):
        assert opened.page.inner_text("#at-step p") == f"Step {step}"
        assert opened.page.get_attribute("#step", "aria-valuetext") == f"step {step}"
        assert opened.table("at-step") == [
            [
                str(one["replica"]),
                *(
                    str(Decimal(one[part][step - 1] / 1000).quantize(CENT, ROUND_HALF_UP))
                    for part in ("host", "compute", "wait", "synchronise")
                ),
            ]
            for one in replicas
        ]
        opened.page.keyboard.press("ArrowRight")
    # a click on a lane goes to the step below the pointer
    box = opened.page.locator("#lanes svg").first.bounding_box()
    opened.page.mouse.click(box["x"] + box["width"] * 0.35, box["y"] + 5)
    assert opened.page.inner_text("#at-step p") == "Step 4"


def test_each_lane_is_as_high_as_its_numbers(
    opened: Opened, run: tuple[Path, dict[str, Any], Any]
) -> None:
    """What is painted: in each column, the sums of the parts, up to where columns are cut."""
    replicas = run[1]["timeline"]["replicas"]
    parts = ("host", "compute", "wait", "synchronise")
    for lane, one in enumerate(replicas):
        tops = opened.run(
            """lane => Object.fromEntries([...document.querySelectorAll('#lanes svg')[lane].children]
            .map(path => [path.getAttribute('class'),
              [...path.getAttribute('d').matchAll(/V(\\d+)H/g)].map(found => 100 - found[1])]))""",
            lane,
        )
        assert list(tops) == list(reversed(parts))
        sums = [sum(column) for column in zip(*(one[part] for part in parts), strict=True)]
        full = [
            (top, whole) for top, whole in zip(tops["synchronise"], sums, strict=True) if top < 100
        ]
        scale = full[0][1] / full[0][0]
        running = [0] * len(sums)
        for part in parts:
            running = [sum(pair) for pair in zip(running, one[part], strict=True)]
            for top, height in zip(tops[part], running, strict=True):
                assert top == pytest.approx(min(height / scale, 100), abs=3)


def test_the_distances_are_those_of_the_report(
    opened: Opened, run: tuple[Path, dict[str, Any], Any]
) -> None:
    apart = {made["label"]: made["diverged"] for made in run[1]["variables"] if made["diverged"]}
    charts = opened.page.locator("#divergence .chart")
    assert charts.count() == len(apart) > 0
    for at in range(charts.count()):
        chart = charts.nth(at)
        diverged = apart[chart.locator("figcaption code").inner_text()]
        chart.locator("summary").click()
        rows = [row.split("\t") for row in chart.locator("tbody").inner_text().split("\n")]
        assert [int(row[0]) for row in rows] == diverged["steps"]
        for replica, distances in enumerate(diverged["distances"]):
            assert [float(row[1 + replica]) for row in rows] == pytest.approx(distances, rel=1e-5)
        # the line goes through them
        numbers = chart.locator("path").get_attribute("d").replace("M", "").split("L")
        heights = [100 - float(pair.split(" ")[1]) for pair in numbers]
        assert heights == pytest.approx(
            [100 * one / max(diverged["distances"][1]) for one in diverged["distances"][1]], abs=0.1
        )


def test_headings_sort_with_mouse_and_keyboard(browser: Any, tmp_path: Path) -> None:
    data = large(2, 20, 3)
    row: dict[str, Any] = {
        "variable": None, "variables": [], "gradients": False, "tensors": 1, "cause": "update",
        "operation": "SUM", "by": None, "location": None, "times": 1, "bytes_of_a_replica": 1,
        "first_step": 1, "last_step": 1, "changed": True,
    }  # fmt: skip
    data["ledger"] = [{**row, "bytes_of_a_replica": size} for size in (9, 1000, 200, 30)]
    file = tmp_path / "report.html"
    file.write_text(render(data), encoding="utf-8")
    opened = Opened(browser, file)

    def sizes() -> list[str]:
        return [row[5] for row in opened.table("ledger")]

    heading = opened.page.locator("#ledger th").nth(5)
    assert sizes() == ["9", "1,000", "200", "30"]
    heading.locator("button").click()
    assert sizes() == ["1,000", "200", "30", "9"]
    assert heading.get_attribute("aria-sort") == "descending"
    heading.locator("button").focus()
    opened.page.keyboard.press("Enter")
    assert sizes() == ["9", "30", "200", "1,000"]
    assert heading.get_attribute("aria-sort") == "ascending"
    # text sorts upwards first, numbers in it as numbers
    names = opened.page.locator("#variables th").nth(0)
    names.locator("button").focus()
    opened.page.keyboard.press("Space")
    opened.page.keyboard.press("Space")
    assert [row[0] for row in opened.table("variables")] == [
        f"layers[{number}].kernel" for number in (2, 1, 0)
    ]
    assert opened.page.locator("#variables [aria-sort]").count() == 1
    opened.close()


def test_everything_is_reached_with_the_keyboard(opened: Opened) -> None:
    keyboard = opened.page.keyboard
    want = opened.run(
        "[...document.querySelectorAll('a, button, input, summary, [tabindex=\"0\"]')]"
        # what is folded can't be reached, and of radio buttons the chosen one is
        ".filter(one => one.checkVisibility() && (one.type !== 'radio' || one.checked)).length"
    )
    seen: list[Any] = []
    for _ in range(want):
        keyboard.press("Tab")
        seen.append(
            opened.run(
                """() => {
                const one = document.activeElement, box = one.getBoundingClientRect();
                const seen = one.type === 'radio' ? one.nextElementSibling : one;
                const name = one.getAttribute('aria-label') || one.innerText
                  || one.labels?.[0]?.innerText;
                return [one.tagName, name, getComputedStyle(seen).outlineStyle !== 'none',
                  box.right > 0 && box.bottom > 0 && box.top < innerHeight];
                }"""
            )
        )
    assert seen[0][:2] == ["A", "Skip to the observations"]
    assert {one[0] for one in seen} >= {"A", "INPUT", "BUTTON", "SUMMARY"}
    assert [one for one in seen if not one[1]] == []  # each has a name
    assert [one for one in seen if not one[2]] == []  # and shows that it has the focus
    assert [one for one in seen if not one[3]] == []  # where one can see it
    keyboard.press("Tab")
    assert opened.run("document.activeElement.tagName") == "BODY"  # and there is a way out


def test_colours_go_with_the_system_or_the_switch(browser: Any, run: tuple[Path, Any, Any]) -> None:
    paper = "getComputedStyle(document.body).backgroundColor"
    light, dark = "rgb(255, 255, 255)", "rgb(20, 23, 28)"
    for scheme, want in (("light", light), ("dark", dark)):
        opened = Opened(browser, run[0], color_scheme=scheme)
        assert opened.run(paper) == want
        opened.page.locator(".themes input").first.focus()
        opened.page.keyboard.press("ArrowRight")
        assert opened.run(paper) == light
        opened.page.keyboard.press("ArrowRight")
        assert opened.run(paper) == dark
        opened.page.reload()
        assert opened.run(paper) == dark  # it is remembered
        opened.page.get_by_text("System", exact=True).click()
        assert opened.run(paper) == want
        opened.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_can_be_read(browser: Any, run: tuple[Path, Any, Any], scheme: str) -> None:
    opened = Opened(browser, run[0], color_scheme=scheme)
    found = opened.run(CONTRASTS)
    assert len(found) > 100
    assert [one for one in found if one[0] < ENOUGH] == []
    opened.close()


def test_a_phone_shows_it_without_scrolling_sideways(
    browser: Any, run: tuple[Path, Any, Any]
) -> None:
    opened = Opened(browser, run[0], PHONE, has_touch=True, is_mobile=True)
    assert opened.run("document.documentElement.scrollWidth") == PHONE
    small = opened.run(
        "[...document.querySelectorAll('p, td, th, li, code, dd')]"
        ".filter(one => parseFloat(getComputedStyle(one).fontSize) < 11).length"
    )
    assert small == 0
    opened.page.locator("#lanes svg").first.tap()
    assert opened.page.inner_text("#at-step p").startswith("Step ")
    opened.close()


def test_what_scrolls_is_reached_on_a_phone(browser: Any, run: tuple[Path, Any, Any]) -> None:
    opened = Opened(browser, run[0], PHONE)
    wrong = opened.run(
        "[...document.querySelectorAll('.scroll, pre')].filter(one => one.checkVisibility())"
        ".filter(one => (one.scrollWidth > one.clientWidth) !== (one.tabIndex === 0)).length"
    )
    assert wrong == 0
    assert opened.page.locator("#variables .scroll").get_attribute("tabindex") == "0"
    opened.close()


def test_it_prints(opened: Opened) -> None:
    opened.page.emulate_media(media="print")
    assert not opened.page.locator("nav").is_visible()
    assert not opened.page.locator(".themes").is_visible()
    clipped = opened.run(
        "[...document.querySelectorAll('.scroll')].filter(one => one.checkVisibility())"
        ".filter(one => getComputedStyle(one).overflowX !== 'visible').length"
    )
    assert clipped == 0
    assert opened.page.pdf(format="A4").startswith(b"%PDF")


def test_it_says_what_its_pictures_are(opened: Opened) -> None:
    assert opened.run("document.documentElement.lang") == "en"
    pictures = opened.page.locator("svg")
    assert pictures.count() > 2
    assert opened.page.get_by_role("img").count() == pictures.count()
    for at in range(pictures.count()):
        assert len(pictures.nth(at).get_attribute("aria-label")) > 20
    unnamed = opened.run(
        "[...document.querySelectorAll('table')].filter(one => one.closest('#at-step') === null)"
        ".filter(one => !one.caption || ![...one.tHead.rows[0].cells].every(c => c.scope === 'col')"
        " || ![...one.tBodies[0].rows].every(row => row.cells[0].scope === 'row')).length"
    )
    assert unnamed == 0
    levels = opened.run("[...document.querySelectorAll('h1,h2,h3')].map(one => +one.tagName[1])")
    assert levels[0] == 1 and all(b - a <= 1 for a, b in itertools.pairwise(levels))


def test_it_is_all_there_without_its_script(browser: Any, run: tuple[Path, Any, Any]) -> None:
    opened = Opened(browser, run[0], java_script_enabled=False)
    assert opened.page.locator("#ledger tbody tr").count() == len(run[1]["ledger"])
    assert opened.page.locator("#lanes svg").count() == 2
    assert not opened.page.locator(".themes").is_visible()
    assert not opened.page.locator("#step").is_visible()
    opened.context.close()


def test_hostile_text_does_nothing(browser: Any, tmp_path: Path) -> None:
    for at, text in enumerate((HOSTILE[0], "x".join(HOSTILE))):
        file = tmp_path / f"{at}.html"
        file.write_text(render(everything(f"x{text}", math.nan)), encoding="utf-8")
        opened = Opened(browser, file)
        names = opened.page.locator("#variables tbody th code")
        assert names.all_text_contents() == [wording.text(f"x{text}")]
        assert opened.page.locator("img, iframe, object, b").count() == 0
        assert opened.page.locator("script").count() == 2
        opened.close()


def test_hostile_text_does_nothing_in_any_page(browser: Any, tmp_path: Path) -> None:
    for at, page in enumerate(pages(f"x{'x'.join(HOSTILE)}")):
        file = tmp_path / f"{at}.html"
        file.write_text(page, encoding="utf-8")
        opened = Opened(browser, file)
        assert "<img src=x onerror=alert(1)>" in opened.page.inner_text("h1")
        assert opened.page.locator("img, iframe, object, b").count() == 0
        opened.close()


def test_64_replicas_and_1000_steps_open(browser: Any, tmp_path: Path) -> None:
    """How soon they do is measured by tests/benchmarks/page_speed.py."""
    file = tmp_path / "report.html"
    file.write_text(render(large()), encoding="utf-8")
    assert file.stat().st_size < 5_000_000
    opened = Opened(browser, file)
    assert opened.page.locator("#lanes svg").count() == 64
    opened.page.focus("#step")
    opened.page.keyboard.press("End")
    assert opened.page.inner_text("#at-step p") == "Steps 999 to 1000"
    assert len(opened.table("at-step")) == 64
    opened.close()


def test_the_trace_of_a_run_is_one(run: tuple[Path, dict[str, Any], dict[str, Any]]) -> None:
    report, trace = run[1:]
    slices = check(json.dumps(trace))
    for replica in (0, 1):
        own = [one for one in slices if one["pid"] == replica]
        steps = [one["name"] for one in own if one["cat"] == "step"]
        assert steps == [f"step {step}" for step in range(1, report["steps"] + 1)]
        exchanged = [one["args"] for one in own if one["cat"] == "synchronise"]
        assert len(exchanged) == report["totals"]["synchronisations"]
        assert sum(one["bytes"] for one in exchanged) == report["totals"]["bytes_of_a_replica"]
        assert {one["variables"][0] for one in exchanged} == {"self.batches", "self.examples"}
        assert {one["line"] for one in exchanged} == {"model.py:23", "train.py:32"}
    assert trace["otherData"]["left_out"] == 0


READ_BY_DEVTOOLS = """async text => {
  const {TraceModel} = await import('devtools://devtools/bundled/models/trace/trace.js');
  const model = TraceModel.Model.createWithAllHandlers();
  await model.parse(JSON.parse(text).traceEvents, {isCPUProfile: false});
  const {Meta, Renderer} = model.parsedTrace().data;
  return {
    names: [...Meta.processNames].map(([pid, name]) => [pid, name.args.name]),
    threads: [...Renderer.processes].flatMap(([pid, process]) =>
      [...process.threads].map(([tid, {name, entries, tree}]) => [
        pid, tid, name, tree.maxDepth, entries.map(one => [one.name, one.cat, one.ts, one.dur]),
      ])),
  };
}"""


def test_the_browsers_own_tools_read_the_trace(
    browser: Any, run: tuple[Path, dict[str, Any], dict[str, Any]]
) -> None:
    """What the Performance panel of Chromium's DevTools makes of it: each slice, nested."""
    slices = check(json.dumps(run[2]))
    page = browser.new_page()
    page.goto("devtools://devtools/bundled/devtools_app.html")
    read = page.evaluate(READ_BY_DEVTOOLS, json.dumps(run[2]))
    page.close()
    assert read["names"] == [[0, "replica 0"], [1, "replica 1"]]
    for pid, tid, name, depth, entries in read["threads"]:
        assert (tid, name, depth > 1) == (0, "script", True)
        assert sorted(entries) == sorted(
            [one["name"], one["cat"], one["ts"], one["dur"]] for one in slices if one["pid"] == pid
        )
    assert {thread[0] for thread in read["threads"]} == {0, 1}
