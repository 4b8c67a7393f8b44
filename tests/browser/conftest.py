"""A real browser: Debian's chromium, driven by Playwright."""

import os
import shutil

import pytest
from playwright.sync_api import sync_playwright

FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]


@pytest.fixture(scope="session")
def chromium():
    """The browser; without one these tests are skipped, unless REVERIE_BROWSER demands it."""
    path = shutil.which("chromium") or shutil.which("google-chrome")
    if path is None:
        if os.environ.get("REVERIE_BROWSER"):
            pytest.fail("REVERIE_BROWSER is set, and there is no chromium here")
        pytest.skip("NO BROWSER: the report is not tested in one; install chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def report(whole_run):
    """The report of the made-up run."""
    from reverie.report import __main__ as command

    return command.build(whole_run)


class Visit:
    """A page that was opened, and what it said and asked for."""

    def __init__(self, browser, file, **options):
        self.context = browser.new_context(**options)
        self.page = self.context.new_page()
        self.said, self.asked = [], []
        self.page.on("console", lambda message: self.said.append(message.text))
        self.page.on("pageerror", lambda error: self.said.append(str(error)))
        self.page.on("request", lambda request: self.asked.append(request.url))
        self.page.goto(file.resolve().as_uri())
        self.page.wait_for_load_state("networkidle")
        self.page.wait_for_function(
            "[...document.querySelectorAll('.chart')].every(c => c.querySelector('.drawn svg'))"
        )


@pytest.fixture(scope="module")
def page(report, chromium):
    """The report, opened once for tests that each change a part of it of their own."""
    opened = Visit(chromium, report)
    yield opened.page
    opened.context.close()


@pytest.fixture
def visit(chromium):
    """Opens a file; closes what it opened."""
    opened = []

    def open_file(file, **options) -> Visit:
        opened.append(Visit(chromium, file, **options))
        return opened[-1]

    yield open_file
    for one in opened:
        one.context.close()
