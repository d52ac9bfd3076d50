"""Pages in Chromium that are watched: what they write on the console, and what they fetch in vain, is a failure."""

import contextlib
import re

# Runs before the page's own scripts.
_WATCH = """
addEventListener("securitypolicyviolation", (event) =>
  console.error(`CSP: ${event.violatedDirective} ${event.blockedURI} ${event.sourceFile}:${event.lineNumber}`));
"""


class Visitor:
    """Somebody at a browser of his own."""

    def __init__(self, browser, instance, client=None, language="en", width=1280, dark=False, javascript=True, console=None):
        self.instance = instance
        self.address = instance.address
        self.context = browser.new_context(
            base_url=instance.address, locale={"en": "en-GB", "zh-Hans": "zh-CN"}[language],
            viewport={"width": width, "height": 900}, color_scheme="dark" if dark else "light",
            # No colour between two others is measured.
            reduced_motion="reduce", java_script_enabled=javascript,
        )
        self.context.set_default_timeout(15_000)
        self.context.add_init_script(_WATCH)
        if client:
            self.context.add_cookies(
                [{"name": name, "value": value, "url": instance.address} for name, value in client.cookies.items()])
        self.problems, self._expected, self._console = [], [], console
        self.page = self.open()

    def open(self):
        page = self.context.new_page()
        page.on("console", self._hear)
        page.on("pageerror", lambda error: self._note(f"script failed: {error}"))
        page.on("requestfailed", self._failed)
        return page

    def _hear(self, message):
        if self._console:
            self._console.write(f"{message.type}: {message.text} ({message.location.get('url', '')})\n")
        if message.type in ("error", "warning"):
            self._note(f"console: {message.text}")

    def _failed(self, request):
        # A stream or a picture of the old page that ends with it.
        if request.failure != "net::ERR_ABORTED":
            self._note(f"{request.method} {request.url}: {request.failure}")

    def _note(self, problem):
        if not any(re.search(pattern, problem) for pattern in self._expected):
            self.problems.append(f"{self.page.url}: {problem}")

    @contextlib.contextmanager
    def expecting(self, *patterns):
        """While this holds, problems like these are none."""
        before = self._expected
        self._expected = [*before, *patterns]
        yield
        self._expected = before

    def refused(self, status):
        """While a page with this status is what must come."""
        return self.expecting(rf"Failed to load resource.*status of {status}")

    def close(self):
        self.context.close()
        assert self.problems == [], "\n".join(self.problems)

    # What tests do often

    def go(self, path, status=200):
        with self.refused(status):
            answer = self.page.goto(path)
        assert answer.status == status, f"{path}: {answer.status}"
        return self.page

    def press(self, name, within=None):
        (within or self.page).get_by_role("button", name=name, exact=True).click()

    def notice(self, text):
        from playwright.sync_api import expect

        expect(self.page.get_by_role("status")).to_have_text(text)

    def fill(self, **fields):
        for name, value in fields.items():
            field = self.page.locator(f"main [name={name}]").last
            if field.evaluate("field => field.tagName") == "SELECT":
                field.select_option(value)
            else:
                field.fill(value)

    def sign_in(self, name, password):
        self.fill(name=name, password=password)
        self.press("Sign in")
