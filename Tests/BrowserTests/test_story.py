"""A new user, from the first start to the first dead letter that is put right."""

import pytest
from playwright.sync_api import expect


@pytest.fixture(scope="module")
def first_start(start):
    return start("story", queue={"retry_time_config": ["1_1", "2_1"], "max_retry_num": 2})


def test_story(visit, first_start, receiver):
    visitor = visit(None, instance=first_start)
    page = visitor.go("/admin")

    # Sign in with the password that the first start printed.
    visitor.sign_in("admin", first_start.first_password)
    expect(page.get_by_role("heading", name="Overview")).to_be_visible()

    # Add a task.
    page.get_by_role("link", name="Tasks", exact=True).click()
    expect(page.get_by_text("No task is found here.")).to_be_visible()
    page.get_by_role("link", name="New task").click()
    receiver.answer("/story", 200, "thank you")
    visitor.fill(plan_time="+2s", url=receiver.url("/story"), body="order=42")
    visitor.press("Create")
    visitor.notice("The task is created.")

    # Watch it fire.
    state = page.locator("p.id .state")
    expect(page.get_by_text("It has not been called yet.")).to_be_visible()
    expect(state).to_have_text("succeeded", timeout=20_000)

    # Open its attempt.
    attempt = page.locator("#attempt-1")
    expect(attempt).to_contain_text("HTTP 200")
    attempt.get_by_text("Answer").click()
    expect(attempt.locator("pre")).to_have_text("thank you")

    # Break the receiver, and see the retries.
    receiver.answer("/story", 503, "closed")
    visitor.press("Duplicate")
    visitor.notice("This is the copy; it is due now.")
    expect(page.locator("#attempt-1")).to_contain_text("HTTP 503")
    expect(page.locator("#attempt-2")).to_contain_text("HTTP 503", timeout=20_000)
    expect(state).to_have_text("dead", timeout=20_000)
    expect(page.locator(".timeline > li")).to_have_count(3)
    id = page.locator("p.id code").inner_text()
    page.get_by_role("link", name="Overview").click()
    failures = page.locator(".figures .bad dd")
    expect(failures).to_have_text("2 / 1", timeout=20_000)

    # Fix it, and retry from the dead letters.
    receiver.answer("/story", 200, "open again")
    page.get_by_role("link", name="Dead letters", exact=True).first.click()
    expect(page.locator("tbody tr")).to_have_count(1)
    page.get_by_role("link", name="Retry all of these").click()
    visitor.press("Start")
    expect(page.locator(".state.done")).to_be_visible(timeout=20_000)
    page.get_by_role("link", name="Dead letters", exact=True).first.click()
    expect(page.get_by_text("No dead letter is found here.")).to_be_visible()
    visitor.go(f"/admin/tasks/{id}")
    expect(state).to_have_text("succeeded", timeout=20_000)
    expect(page.locator("#attempt-4")).to_contain_text("HTTP 200")
