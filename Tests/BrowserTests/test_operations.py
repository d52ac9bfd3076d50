"""Queues, dead letters and their retry in bulk, the quarantine, and what the overview shows meanwhile."""

import re
import threading

import pytest
from playwright.sync_api import expect

from stand.wait import until
from test_tasks import audited, shown_id


def dead_letters(world, receiver, queue, count):
    """Tasks that die at once, for a receiver that is well again afterwards."""
    receiver.answer(f"/{queue}", 500)
    ids = [world.add_task(receiver.url(f"/{queue}"), queue=queue, retry={"max_retries": 0}) for _ in range(count)]
    for id in ids:
        world.await_state(id, "dead")
    receiver.answer(f"/{queue}", 200)
    return ids


# Queues

def test_from_a_paused_queue_nothing_is_called(visit, world, receiver):
    world.await_state(world.add_task(receiver.url("/before"), queue="halted"), "succeeded")
    visitor = visit("operator")
    page = visitor.go("/admin/queues")
    visitor.press("Pause halted")
    visitor.notice("The queue is paused.")
    row = page.get_by_role("row").filter(has=page.get_by_role("link", name="halted", exact=True))
    expect(row).to_contain_text("paused since")
    held = world.add_task(receiver.url("/held"), queue="halted")
    # One that is due later, in another queue, is called; and the overdue one is counted.
    world.await_state(world.add_task(receiver.url("/others"), 0.5, queue="others"), "succeeded")
    expect(row.locator("td").nth(1)).to_have_text("1", timeout=10_000)
    assert receiver.calls("/held") == [] and world.task(held)["state"] == "scheduled"
    expect(visitor.go("/admin").get_by_role("row").filter(has_text="halted")).to_contain_text("paused")
    visitor.go("/admin/queues")
    visitor.press("Resume halted")
    visitor.notice("The queue is resumed.")
    assert len(receiver.await_calls("/held")) == 1
    assert [what for _, what, _ in audited(world, "halted")] == ["resumed a queue", "paused a queue"]


def test_a_viewer_cannot_pause(visit):
    page = visit("viewer").go("/admin/queues")
    expect(page.get_by_role("link", name="default", exact=True)).to_be_visible()
    assert page.locator("main button").count() == 0


def test_a_queue_is_made_limited_purged_and_deleted(visit, world, receiver):
    visitor = visit("operator")
    page = visitor.go("/admin/queues")
    visitor.fill(name="no name!")
    with visitor.refused(422):
        visitor.press("Create")
        expect(page.get_by_role("alert")).to_contain_text("must be 1 to 100 letters")
    visitor.fill(name="ruled")
    visitor.press("Create")
    visitor.notice("The queue is made.")
    expect(page).to_have_url(re.compile(r"/admin/queues/ruled"))
    visitor.fill(max_concurrency="0", rate_per_second="x")
    with visitor.refused(422):
        visitor.press("Save")
        expect(page.get_by_role("alert")).to_contain_text("rate_per_second")
    visitor.fill(max_concurrency="2", rate_per_second="0.001", burst="1", max_retries="0", timeout_ms="500")
    visitor.press("Save")
    visitor.notice("The settings are saved; every instance goes by them about a second later.")
    assert page.locator("[name=rate_per_second]").input_value() == "0.001"
    ids = [world.add_task(receiver.url("/ruled"), queue="ruled") for _ in range(3)]
    assert world.task(ids[0])["timeout_ms"] == 500 and world.task(ids[0])["retry"]["max_retries"] == 0
    page = visitor.go("/admin/queues")
    row = page.get_by_role("row").filter(has=page.get_by_role("link", name="ruled", exact=True))
    expect(row).to_contain_text("≤ 0.001/s")
    visitor.go("/admin/queues/ruled")
    with visitor.refused(409):
        visitor.press("Delete")
        expect(page.locator("main")).to_contain_text("wait or run")
    visitor.go("/admin/queues/ruled")
    visitor.press("Cancel all that waits")
    expect(page).to_have_url(re.compile(r"/admin/operations/\d+"))
    expect(page.locator("main")).to_contain_text("100 %")
    for id in ids:
        world.await_state(id, "cancelled")
    visitor.go("/admin/queues/ruled")
    visitor.press("Delete")
    visitor.notice("The queue is deleted.")
    expect(page.get_by_role("link", name="ruled", exact=True)).to_have_count(0)
    assert receiver.calls("/ruled") == []
    assert [what for _, what, _ in audited(world, "ruled")] == [
        "deleted a queue", "purged a queue", "changed a queue", "made a queue"]


def test_a_queue_tells_how_its_calls_went(visit, world, receiver):
    receiver.answer("/told-broken", 500)
    for path, state in [("/told", "succeeded"), ("/told", "succeeded"), ("/told", "succeeded"), ("/told-broken", "dead")]:
        world.await_state(world.add_task(receiver.url(path), queue="told", retry={"max_retries": 0}), state)
    visitor = visit("viewer")
    page = visitor.go("/admin/queues/told")
    figure = lambda name: page.locator("dl.figures div").filter(has_text=name).locator("dd")
    # What is shown is some seconds old at most, and the page follows.
    expect(figure("Calls, last hour")).to_have_text("4", timeout=20_000)
    expect(figure("Successes")).to_have_text("75.0 %")
    expect(figure("Failed")).to_have_text("1")
    for name in ["Half took", "99 of 100 took", "Lateness p50", "Lateness p99"]:
        expect(figure(name)).to_have_text(re.compile(r"^≤ [\d.]+ m?s$|^≤ [\d.]+ µs$"))
    expect(page.locator("ul.parts")).to_contain_text("status 1")
    page = visitor.go("/admin/queues")
    row = page.get_by_role("row").filter(has=page.get_by_role("link", name="told", exact=True))
    expect(row).to_contain_text("75.0 %")


# Dead letters

def test_a_dead_letter_is_found_and_retried(visit, world, receiver):
    [id] = dead_letters(world, receiver, "single", 1)
    visitor = visit("operator")
    page = visitor.go("/admin/dead-letters")
    visitor.fill(queue="single")
    visitor.press("Search")
    expect(page.locator("tbody tr")).to_have_count(1)
    expect(page.locator("tbody tr")).to_contain_text("status")
    page.get_by_role("link", name=id).click()
    visitor.press("Retry")
    visitor.notice("The task has a new life and is due now.")
    expect(page.locator("p.id .state")).to_have_text("succeeded")
    # Two lives, two attempts.
    expect(page.locator(".timeline > li")).to_have_count(2)
    visitor.go("/admin/dead-letters?queue=single")
    expect(page.get_by_text("No dead letter is found here.")).to_be_visible()


@pytest.fixture(scope="module")
def letters(world, receiver):
    return dead_letters(world, receiver, "found", 3)


@pytest.mark.parametrize("search, found", [
    ("host={host}", 3), ("host=nobody.example", 0), ("reason=status", 3), ("reason=timeout", 0),
    ("from=2020-01-01T00:00:00Z", 3), ("to=2020-01-01T00:00:00Z", 0), ("from=2020-01-01T00:00", 3),
])
def test_filters(visit, receiver, letters, search, found):
    page = visit("viewer").go(
        "/admin/dead-letters?queue=found&" + search.format(host=receiver.address.removeprefix("http://")))
    expect(page.locator("tbody tr")).to_have_count(found)


def test_bulk_retry_from_preview_to_end(visit, world, receiver):
    ids = dead_letters(world, receiver, "bulk", 5)
    others = dead_letters(world, receiver, "untouched", 2)
    visitor = visit("operator")
    page = visitor.go("/admin/dead-letters?queue=bulk")
    page.get_by_role("link", name="Retry all of these").click()
    expect(page.locator("main strong")).to_have_text("5")
    expect(page.locator(".facts")).to_contain_text("bulk")
    before = len(receiver.calls("/bulk"))
    for rate in ["0", "1001", "many"]:
        with visitor.refused(422):
            visitor.fill(rate=rate)
            visitor.press("Start")
            expect(page.get_by_role("alert")).to_contain_text("must be a whole number, 1 to 1000 a second")
    visitor.fill(rate="100")
    visitor.press("Start")
    expect(page.locator(".state.done")).to_be_visible(timeout=20_000)
    expect(page.get_by_role("progressbar")).to_have_attribute("value", "100")
    assert len(receiver.await_calls("/bulk", before + 5)) == before + 5
    for id in ids:
        world.await_state(id, "succeeded")
    assert [world.task(id)["state"] for id in others] == ["dead", "dead"]
    operation = page.url.split("?")[0].rsplit("/", 1)[-1]
    [(who, what, change)] = audited(world, operation)
    assert (who, what) == ("oscar", "started a bulk retry") and "bulk" in change and "100" in change
    visitor.go("/admin/dead-letters")
    expect(page.locator(f"a[href='/admin/operations/{operation}']")).to_be_visible()


def test_bulk_retry_keeps_its_rate_and_can_be_stopped(visit, world, receiver):
    dead_letters(world, receiver, "slowly", 30)
    visitor = visit("operator")
    page = visitor.go("/admin/dead-letters/retry?queue=slowly")
    visitor.fill(rate="2")
    visitor.press("Start")
    # The bar moves without a reload.
    page.evaluate("window.mark = 1")
    until(lambda: int(page.get_by_role("progressbar").get_attribute("value")) > 0, "progress")
    expect(page.locator(".state.running")).to_be_visible()
    assert page.evaluate("window.mark") == 1
    visitor.press("Stop")
    visitor.notice("The operation is stopped.")
    expect(page.locator(".state.cancelled")).to_be_visible()
    # At 2 a second; the page has stood for some seconds at most.
    left = visitor.go("/admin/dead-letters?queue=slowly").locator("tbody tr").count()
    assert 0 < left < 30
    assert world.client("oscar").post(page.url.removeprefix(world.address)).status == 405


# Quarantine

def test_a_message_in_quarantine_becomes_a_task_or_is_deleted(visit, world, receiver):
    id = world.quarantine('garbage with <script>alert("x")</script>')
    visitor = visit("operator")
    page = visitor.go("/admin/quarantine")
    page.get_by_role("link", name=id).click()
    expect(page.locator("main pre")).to_contain_text('<script>alert("x")</script>')
    # What it says is still no task.
    with visitor.refused(422):
        visitor.press("Make a task of it")
        expect(page.get_by_role("alert")).to_be_visible()
    expect(page.get_by_role("button", name="Delete for good")).to_be_hidden()
    page.get_by_text("Delete…").click()
    visitor.press("Delete for good")
    visitor.notice("The message is deleted.")
    expect(page.get_by_role("link", name=id)).to_have_count(0)
    [(_, what, change)] = audited(world, id)
    assert what == "deleted a message" and "garbage" in change


# Overview

def test_the_overview_is_live(visit, world, receiver):
    visitor = visit("viewer")
    page = visitor.go("/admin")
    page.evaluate("window.mark = 1")
    succeeded = page.locator(".figures div").filter(has=page.get_by_text("Succeeded", exact=True)).locator("dd")
    before = int(succeeded.inner_text().replace(",", ""))
    as_of = page.locator("time").first.inner_text()
    for index in range(5):
        world.add_task(receiver.url("/live"))
    receiver.await_calls("/live", 5)
    until(lambda: int(succeeded.inner_text().replace(",", "")) >= before + 5, "five more calls on the overview")
    assert page.locator("time").first.inner_text() != as_of
    assert page.evaluate("window.mark") == 1
    expect(page.get_by_role("img").first).to_be_visible()
    expect(page.get_by_role("row").filter(has_text="world")).to_contain_text("alive")


def test_the_overview_leaves_alone_what_somebody_uses(visit):
    visitor = visit("viewer")
    page = visitor.go("/admin")
    page.get_by_text("As text").first.click()
    page.locator("main h1").click()
    page.locator("#content").focus()
    as_of = page.locator("time").first.inner_text()
    expect(page.locator("time").first).not_to_have_text(as_of, timeout=10_000)
    # Unfolded it was, and unfolded it is.
    assert page.locator("details").first.get_attribute("open") is not None


def test_the_overview_of_who_is_signed_out_asks_to_sign_in(visit, world):
    world.add_user("leaver", "viewer")
    visitor = visit(name="leaver")
    page = visitor.go("/admin")
    world.client("leaver").post("/admin/sign-out")
    with visitor.expecting("EventSource's response has a MIME type"):
        page.wait_for_url("**/admin/sign-in*", timeout=40_000)
    del world.sessions["leaver"]


def test_the_figures_of_the_queues(visit, world):
    page = visit("viewer").go("/admin")
    row = page.get_by_role("row").filter(has=page.get_by_role("link", name="many", exact=True))
    assert [cell.strip("≈ ") for cell in row.locator("td").all_inner_texts()[:2]] == ["230", "0"]
    row.get_by_role("link", name="many").click()
    expect(page).to_have_url(re.compile(r"/admin/tasks\?queue=many$"))
