"""The engine's HTML report of a sweep: complete in a real browser, and deaf to what logs say."""

import base64
import os
import re
import shutil
from collections.abc import Iterator
from itertools import product
from typing import Any

import pytest

from tests.workflow.project import Project

pytestmark = [pytest.mark.workflow]

SCRIPT = "<script>alert('harm')</script>"
SHOWN = ("*.png", "*.gif", "*.csv", "*.pdf")  # of figures, animations, tables and pages
CATEGORIES = (
    *("Training", "Dynamics", "Plasticity", "How the memory works", "Episodes", "Tables"),
    "Summary",
)


def make_report(project: Project) -> str:
    done = project.snakemake("--report", "report.html")
    assert done.returncode == 0, done.stdout + done.stderr
    return project.read("report.html")


def test_logs_and_comments_reach_no_report_as_markup(project: Project) -> None:
    for log in project.files("logs/*/*.log"):
        log.write_text(SCRIPT)
    for benchmark in project.files("benchmarks/*/*.tsv"):
        benchmark.write_text(SCRIPT)
    project.append("config/config.yaml", f"# {SCRIPT}\n")
    page = make_report(project)
    assert len(re.findall(r"episode_0_0\.gif", page)) > 0
    assert SCRIPT not in page
    assert "alert('harm')" not in page


@pytest.fixture
def page() -> Iterator[Any]:
    """An empty page of a headless Chromium; skipped without one, or failed where it is required."""
    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    if chromium is None:
        reason = "no chromium on the PATH; `apt-get install chromium` brings it on Debian"
        if os.environ.get("MPN_RL_REQUIRE_CHROMIUM"):
            pytest.fail(f"MPN_RL_REQUIRE_CHROMIUM is set, and there is {reason}")
        pytest.skip(reason)
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        # its sandbox asks for what containers do not give
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        yield browser.new_page(viewport={"width": 1500, "height": 900})
        browser.close()


@pytest.mark.slow
def test_a_browser_shows_every_figure_table_and_animation(project: Project, page: Any) -> None:
    """Under their categories, by what the runs differ in; nothing is loaded from elsewhere."""
    make_report(project)
    errors: list[str] = []
    asked: list[str] = []
    page.on("console", lambda said: errors.append(said.text) if said.type == "error" else None)
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on("request", lambda request: asked.append(request.url))
    home = (project.folder / "report.html").as_uri()
    found: list[str] = []
    for category in CATEGORIES:
        page.goto(home)
        open_view(page, category)
        heads = {
            head.lower()
            for head in page.locator("nav th, nav fieldset > span:first-child").all_inner_texts()
        }
        assert "run" not in heads
        assert heads >= ({"table"} if category == "Summary" else {"task", "core"})
        found += (contents := list(opened(page)))
        assert contents, f"{category} is empty"
    for view in ("Workflow", "Statistics", "About"):
        page.goto(home)
        open_view(page, view)
    assert errors == []
    # chrome: and chrome-extension: are the browser's own viewer of PDFs
    assert {url for url in asked if url.startswith(("http", "file", "ws"))} == {home}
    expected = [file for pattern in SHOWN for file in project.files(f"**/{pattern}")]
    assert sorted(found) == sorted(base64.b64encode(f.read_bytes()).decode() for f in expected)
    assert len(found) > 30


def open_view(page: Any, name: str) -> None:
    page.get_by_role("link", name=name, exact=True).click()
    page.get_by_role("link", name="Results", exact=True).or_(page.locator("nav")).first.wait_for()


def opened(page: Any) -> Iterator[str]:
    """The content in base 64 of each result of a category, for each way to set its toggles."""
    toggles = page.locator("nav fieldset")
    for choice in product((0, 1), repeat=toggles.count()):
        for place, side in enumerate(choice):
            toggles.nth(place).locator("label").nth(side).click()
        rows = page.locator("nav a[iconname=eye]")
        for place in range(rows.count()):
            yield content_of(page, rows.nth(place))


def content_of(page: Any, row: Any) -> str:
    """What a row leads to: a picture that is shown, or else a file to download."""
    address = row.get_attribute("href")
    if address == "#":
        row.click()
        shown = page.locator("img[src^='data:image/png'], embed, object, iframe").last
        shown.wait_for()
        address = shown.get_attribute("src") or shown.get_attribute("data")
    kind, _, content = address.partition(";base64,")
    if kind.startswith("data:image"):
        width = (
            "async (at) => { const i = new Image(); i.src = at; await i.decode(); return i.width }"
        )
        assert page.evaluate(width, address) > 100
    return content
