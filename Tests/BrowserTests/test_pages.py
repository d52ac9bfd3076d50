"""Every page in both languages, narrow and wide, light and dark."""

import re

import pytest
from axe_playwright_python.sync_playwright import Axe

# name: (path, status, role); `{…}` are ids of the world's tasks and others.
PAGES = {
    "overview": ("/admin", 200, "administrator"),
    "tasks": ("/admin/tasks", 200, "operator"),
    "tasks-by-state": ("/admin/tasks?state=dead&queue=mail", 200, "viewer"),
    "tasks-none": ("/admin/tasks?queue=nobody", 200, "viewer"),
    "tasks-bad-search": ("/admin/tasks?state=nonsense&from=yesterday&id=7", 400, "viewer"),
    "task-new": ("/admin/tasks/new", 200, "operator"),
    "task-edit": ("/admin/tasks/{scheduled}/edit", 200, "operator"),
    "task-scheduled": ("/admin/tasks/{scheduled}", 200, "operator"),
    "task-succeeded": ("/admin/tasks/{succeeded}", 200, "operator"),
    "task-dead": ("/admin/tasks/{dead}", 200, "operator"),
    "task-retrying": ("/admin/tasks/{retrying}", 200, "viewer"),
    "task-running": ("/admin/tasks/{running}", 200, "operator"),
    "dead-letters": ("/admin/dead-letters", 200, "operator"),
    "dead-letters-bad-search": ("/admin/dead-letters?from=yesterday", 400, "operator"),
    "bulk-retry": ("/admin/dead-letters/retry?queue=mail&host=example.com", 200, "operator"),
    "operation": ("/admin/operations/{operation}", 200, "operator"),
    "quarantine": ("/admin/quarantine", 200, "operator"),
    "quarantined": ("/admin/quarantine/{message}", 200, "operator"),
    "queues": ("/admin/queues", 200, "operator"),
    "destinations": ("/admin/destinations", 200, "operator"),
    "destination": ("/admin/destinations/{destination}", 200, "operator"),
    "destination-viewed": ("/admin/destinations/{destination}", 200, "viewer"),
    "instances": ("/admin/instances", 200, "viewer"),
    "users": ("/admin/users", 200, "administrator"),
    "user-new": ("/admin/users/new", 200, "administrator"),
    "user": ("/admin/users/1", 200, "administrator"),
    "schedules": ("/admin/schedules", 200, "operator"),
    "schedule-new": ("/admin/schedules/new", 200, "operator"),
    "keys": ("/admin/keys", 200, "administrator"),
    "audit": ("/admin/audit", 200, "administrator"),
    "account": ("/admin/account", 200, "viewer"),
    "sign-in": ("/admin/sign-in", 200, None),
    "not-found": ("/admin/nothing", 404, "viewer"),
    "forbidden": ("/admin/users", 403, "operator"),
}
VIEWS = [(width, theme) for width in (1280, 360) for theme in ("light", "dark")]
ALL_RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}
CONTRAST = {"runOnly": {"type": "rule", "values": ["color-contrast"]}}
# Where something else can be wrong than elsewhere.
RULES = {
    ("en", 1280, "light"): ALL_RULES, ("en", 1280, "dark"): CONTRAST, ("en", 360, "light"): ALL_RULES,
    ("zh-Hans", 360, "dark"): ALL_RULES,
}


@pytest.fixture(scope="module")
def operation(world):
    """A bulk retry that found nothing to do."""
    answer = world.client("oscar").post("/admin/dead-letters/retry", {"queue": "nobody", "rate": "1"})
    return answer.location.rsplit("/", 1)[-1]


def check_view(page, language, view):
    document = page.evaluate(
        "({ width: document.documentElement.scrollWidth, room: document.documentElement.clientWidth,"
        " language: document.documentElement.lang, text: document.documentElement.outerHTML })")
    assert document["language"] == language
    assert document["width"] <= document["room"], f"{view}: {document['width']} px in {document['room']}"
    assert re.findall(r"\[[a-z][a-z0-9_.-]*\]", document["text"]) == [], "texts are missing"


def check_accessibility(page, rules, view):
    found = Axe().run(page, options=rules).response["violations"]
    grave = [
        f"{view}: {rule['id']} ({rule['impact']}): {node['html'][:200]} {node['failureSummary']}"
        for rule in found if rule["impact"] in ("serious", "critical") for node in rule["nodes"]
    ]
    assert not grave, "\n".join(grave)


@pytest.mark.parametrize("language", ["en", "zh-Hans"])
@pytest.mark.parametrize("name", PAGES)
def test_page(visit, world, operation, artefacts, name, language):
    path, status, role = PAGES[name]
    visitor = visit(role, language=language)
    page = visitor.go(path.format(message=world.message, destination=world.destination, operation=operation, **world.tasks), status)
    for width, theme in VIEWS:
        view = f"{name}-{language}-{width}-{theme}"
        page.set_viewport_size({"width": width, "height": 900})
        page.emulate_media(color_scheme=theme)
        check_view(page, language, view)
        if (language, width, theme) in RULES:
            check_accessibility(page, RULES[language, width, theme], view)
        page.screenshot(path=artefacts / f"{view}.png", full_page=True)


def test_everything_can_be_reached_by_keyboard(visit):
    visitor = visit()
    page = visitor.go("/admin/tasks")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.closest('main') !== null")
    # What has the focus can be seen: each link and field has an outline then.
    seen = set()
    for _ in range(60):
        name, outline = page.evaluate(
            "[document.activeElement.outerHTML.slice(0, 60), getComputedStyle(document.activeElement).outlineStyle]")
        seen.add(name)
        if page.evaluate("document.activeElement.matches('a, button, input, select, [tabindex]')"):
            assert outline == "solid", name
        page.keyboard.press("Tab")
    assert len(seen) > 40


def test_the_language_can_be_switched_and_stays(visit):
    visitor = visit("viewer")
    page = visitor.go("/admin/tasks?queue=many&state=scheduled")
    page.get_by_role("link", name="简体中文").click()
    assert page.locator("html").get_attribute("lang") == "zh-Hans"
    # The same list is shown.
    assert page.locator("[name=queue]").input_value() == "many"
    visitor.go("/admin/queues")
    assert page.locator("h1").inner_text() == "队列"
    page.get_by_role("link", name="English").click()
    assert page.locator("h1").inner_text() == "Queues"


@pytest.mark.parametrize("old, new", {
    "/admin/login/index": "/admin/sign-in", "/admin/home/index": "/admin", "/admin/log/index": "/admin/tasks",
    "/admin/log/detail/17": "/admin/tasks", "/admin/user/index": "/admin/users", "/admin/user/add": "/admin/users/new",
    "/admin/login/quit": "/admin",
}.items())
def test_old_addresses_lead_to_the_new_ones(world, old, new):
    answer = world.client().get(old)
    assert (answer.status, answer.location) == (301, new)
