"""A browser for each test, and the witnesses that nothing went wrong behind the page."""

import os
import re
from collections.abc import Generator, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Error,
    Page,
    sync_playwright,
)

from .gym import DESKTOP, PHONE, OpenVisitor, Viewport, Visitor


ARTIFACTS = Path(__file__).parent / "artifacts"
TIMEOUT_MS = 15_000

TEST_FAILED = pytest.StashKey[bool]()

# Raised by the browser itself, also for a violation that it does not write to the console.
REPORT_CSP_VIOLATIONS = """
document.addEventListener('securitypolicyviolation', (violation) => {
  console.error('CSP violation:', violation.effectiveDirective, violation.blockedURI);
});
"""


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "several_backends: needs a deployment with more than one backend")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    if call.when == "call":
        item.stash[TEST_FAILED] = call.excinfo is not None
    return report


@pytest.fixture(scope="session")
def ui_url() -> str:
    return os.environ.get("UI_URL", "http://localhost").rstrip("/")


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=os.environ.get("CHROMIUM", "/usr/bin/chromium"),
            # Containers and root have no use for the sandbox, and none of them has a GPU.
            args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
        )
        yield browser
        browser.close()


@pytest.fixture
def open_visitor(browser: Browser, ui_url: str, request: pytest.FixtureRequest) -> Iterator[OpenVisitor]:
    """Opens browsers that know nothing of one another; a fault in any of them fails the test."""
    contexts: list[BrowserContext] = []
    faults: list[str] = []

    def open_visitor(viewport: Viewport = DESKTOP) -> Visitor:
        width, height = viewport
        context = browser.new_context(
            base_url=ui_url,
            viewport={"width": width, "height": height},
            has_touch=viewport == PHONE,
        )
        contexts.append(context)
        context.set_default_timeout(TIMEOUT_MS)
        context.add_init_script(REPORT_CSP_VIOLATIONS)
        page = context.new_page()
        page.on("console", lambda message: note_console(message, faults))
        page.on("pageerror", lambda error: faults.append(describe(error)))
        return Visitor(page)

    yield open_visitor

    failed = request.node.stash.get(TEST_FAILED, True)
    if failed or faults:
        pages = [page for context in contexts for page in context.pages]
        take_screenshots(pages, request.node.name)
    for context in contexts:
        context.close()
    assert not faults, "the browser reported: " + "; ".join(faults)


@pytest.fixture
def visitor(open_visitor: OpenVisitor) -> Visitor:
    return open_visitor()


def note_console(message: ConsoleMessage, faults: list[str]) -> None:
    if message.type == "error" and not is_anonymous_visit(message):
        faults.append(f"{message.text} ({message.location['url']})")


def is_anonymous_visit(message: ConsoleMessage) -> bool:
    """Asking who one is before the log-in is answered 401, and Chromium logs every 4xx."""
    return message.location["url"].endswith("/auth/me") and "status of 401" in message.text


def describe(error: Error) -> str:
    return f"{error.name}: {error.message}"


def take_screenshots(pages: list[Page], test: str) -> None:
    ARTIFACTS.mkdir(exist_ok=True)
    stem = re.sub(r"\W+", "-", test).strip("-")
    for number, page in enumerate(pages, start=1):
        page.screenshot(path=ARTIFACTS / f"{stem}-{number}.png", full_page=True)
