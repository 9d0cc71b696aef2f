"""Real pages in Debian's Chromium, on a live server; what a browser complains about fails the test.

page             a page at 1366×768; `page.goto("/t/kestrel/")` is relative to the live server
no_script_page   the same with JavaScript switched off
new_context      a function that opens further contexts, watched like these two
sign_in          `sign_in(page, operator)`: that operator's session in the page's context, without the sign-in form
axe              `axe(page)`: no accessibility violation on the page as it stands; `axe(page, ["…"])`: by these rules
complaints       what the browser said so far
forgive          `forgive(page, "403")`: takes an error that the test has provoked out of the complaints
"""

import os
import re
from collections.abc import Callable, Generator, Sequence
from pathlib import Path
from typing import Any

import axe_playwright_python
import pytest
from django.conf import settings
from django.test import Client
from playwright.sync_api import BrowserContext, ConsoleMessage, Page

# Playwright's synchronous interface runs an event loop in this thread. Django takes it for asynchronous code, which
# it is not: the test waits for each call.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"

CHROMIUM = os.environ.get("CHROMIUM", "/usr/bin/chromium")

AXE = Path(axe_playwright_python.__file__).with_name("axe.min.js").read_text(encoding="utf-8")
AXE_TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]

REPORT_CSP_VIOLATIONS = """
  document.addEventListener("securitypolicyviolation", (event) => {
    const place = `${event.sourceFile}:${event.lineNumber}`
    console.error(`CSP: ${event.effectiveDirective} blocked ${event.blockedURI} at ${place}`)
  })
"""

# Chromium notes every answer from 400 up as an error. That a page answers 403, 404 or 422 is for the test to judge.
REFUSAL = re.compile(r"^Failed to load resource: the server responded with a status of 4\d\d ")


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    flags = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]
    return {**browser_type_launch_args, "executable_path": CHROMIUM, "args": flags}


@pytest.fixture(scope="session")
def base_url(live_server) -> str:
    return live_server.url


@pytest.fixture(scope="session")
def browser_context_args(browser_context_args: dict[str, Any]) -> dict[str, Any]:
    return {"viewport": {"width": 1366, "height": 768}, "locale": "en-US", **browser_context_args}


@pytest.fixture
def complaints() -> list[str]:
    return []


@pytest.fixture
def forgive(complaints: list[str]) -> Callable[[Page, str], None]:
    """Takes what was provoked, and what htmx says about it, out of the browser's complaints; it must be there."""

    def forgive(page: Page, words: str) -> None:
        page.evaluate("0")
        assert [complaint for complaint in complaints if words in complaint]
        complaints[:] = [complaint for complaint in complaints if words not in complaint and "/htmx/" not in complaint]

    return forgive


@pytest.fixture
def new_context(new_context, complaints: list[str]) -> Generator[Callable[..., BrowserContext]]:
    opened: list[BrowserContext] = []

    def new_watched_context(**options: Any) -> BrowserContext:
        context = new_context(**options)
        context.add_init_script(REPORT_CSP_VIOLATIONS)
        context.on("console", lambda message: _note(message, complaints))
        context.on("weberror", lambda error: complaints.append(f"uncaught: {error.error}"))
        opened.append(context)
        return context

    yield new_watched_context

    for context in opened:
        for page in context.pages:
            page.evaluate("0")  # an answer to this comes after everything that the page has said before
    if complaints:
        pytest.fail("the browser complained:\n  " + "\n  ".join(complaints), pytrace=False)


@pytest.fixture
def no_script_page(new_context) -> Page:
    return new_context(java_script_enabled=False).new_page()


@pytest.fixture
def sign_in(base_url: str) -> Callable[[Page, Any], None]:
    def sign_in(page: Page, operator: Any) -> None:
        client = Client()
        client.force_login(operator)
        session = client.cookies[settings.SESSION_COOKIE_NAME].value
        page.context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": session, "url": base_url}])

    return sign_in


@pytest.fixture
def axe() -> Callable[..., None]:
    return assert_accessible


def assert_accessible(page: Page, rules: Sequence[str] = ()) -> None:
    """Run axe-core over `page` as it stands; fail with each violation, the nodes it is on and what to do.

    `rules` are the names of the only rules to ask; without them axe asks all of AXE_TAGS.

    axe-core is JavaScript: it needs a page that may run some, so not `no_script_page`.
    """
    assert page.evaluate("() => matchMedia('(scripting: enabled)').matches"), "axe needs a page with JavaScript"
    if not page.evaluate("() => 'axe' in window"):
        page.evaluate(AXE)
    # Without preload: axe would copy our style sheets into inline ones, which the policy rightly blocks and reports.
    only = {"type": "rule", "values": rules} if rules else {"type": "tag", "values": AXE_TAGS}
    options = {"runOnly": only, "resultTypes": ["violations"], "preload": False}
    violations = page.evaluate("options => axe.run(document, options).then(found => found.violations)", options)
    if violations:
        report = "\n".join(_describe(violation) for violation in violations)
        pytest.fail(f"axe on {page.url}:\n{report}", pytrace=False)


def _describe(violation: dict[str, Any]) -> str:
    lines = [f"  {violation['id']} ({violation['impact']}): {violation['help']}"]
    for node in violation["nodes"]:
        advice = " ".join(str(node.get("failureSummary", "")).split())
        lines.append(f"    {' '.join(map(str, node['target']))}: {advice}")
    return "\n".join(lines)


def _note(message: ConsoleMessage, complaints: list[str]) -> None:
    asset = "/static/" in message.location["url"]
    if message.type == "error" and (asset or not REFUSAL.match(message.text)):
        complaints.append(f"{message.text} ({message.location['url']})")
