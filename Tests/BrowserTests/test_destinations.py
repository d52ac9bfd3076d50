"""Destinations: limits, pauses, test calls, and the notice when one has failed for days."""

import re

from playwright.sync_api import expect

from stand.wait import until
from test_tasks import audited


def test_a_destination_is_made_limited_tried_paused_and_deleted(visit, world, receiver):
    receiver.answer("/health", text="fine <b>today</b>")
    receiver.answer("/broken-health", 503)
    visitor = visit("operator")
    page = visitor.go("/admin/destinations")
    visitor.fill(url="ftp://shop.example")
    with visitor.refused(422):
        visitor.press("Create")
        expect(page.get_by_role("alert")).to_contain_text("http")
    visitor.fill(url=receiver.address)
    visitor.press("Create")
    expect(page).to_have_url(re.compile(r"/admin/destinations/\d+"))
    visitor.fill(max_concurrency="0", rate="x")
    with visitor.refused(422):
        visitor.press("Save")
        expect(page.get_by_role("alert")).to_contain_text("rate")
    visitor.fill(max_concurrency="20", rate="500", burst="", breaker_failures="0", notes="for tests")
    visitor.press("Save")
    visitor.notice("The settings are saved; every instance goes by them about three seconds later.")
    assert page.locator("[name=max_concurrency]").input_value() == "20"

    # A call that goes well, one that does not, and one that must not be.
    visitor.fill(path="/health")
    visitor.press("Make the call")
    expect(page.locator("#tested")).to_contain_text("HTTP 200")
    expect(page.locator("#tested")).to_contain_text("fine <b>today</b>")
    visitor.fill(path="/broken-health", method="PUT")
    visitor.press("Make the call")
    expect(page.locator("#tested")).to_contain_text("HTTP 503")
    assert [call.method for call in receiver.calls("/broken-health")] == ["PUT"]
    visitor.fill(path="health")
    with visitor.refused(422):
        visitor.press("Make the call")
        expect(page.get_by_role("alert")).to_contain_text("must begin with /")

    number = re.search(r"/destinations/(\d+)", page.url).group(1)
    page = visitor.go(f"/admin/destinations/{number}")
    visitor.press("Pause")
    visitor.notice("The destination is paused.")
    expect(page.locator("main")).to_contain_text("by oscar")
    held = world.add_task(receiver.url("/held-by-destination"), 4)
    until(lambda: world.task(held)["deferred_from"], "its task is put off")
    assert receiver.calls("/held-by-destination") == [] and world.task(held)["attempt"] == 0
    visitor.press("Resume")
    visitor.notice("The destination is resumed.")
    page.get_by_text("Delete…").click()
    visitor.press("Delete for good")
    visitor.notice("The settings of the destination are gone; it is as any other again.")
    assert [what for _, what, _ in audited(world, receiver.address)] == [
        "took the settings of a destination away", "resumed a destination", "paused a destination", "made a test call",
        "made a test call", "set limits of a destination", "set limits of a destination"]


def test_a_viewer_cannot_change_a_destination(visit, world):
    page = visit("viewer").go(f"/admin/destinations/{world.destination}")
    expect(page.get_by_role("heading", level=1)).to_contain_text("https://shop.example")
    assert page.locator("main button").count() == 0


def test_the_overview_tells_of_one_that_was_paused_because_it_failed(visit, world, servers):
    servers.sql(f"UPDATE {world.database}.destinations SET paused_at = UTC_TIMESTAMP(6), pauses_itself = 1,"
                f" pause_reason = 'it has failed since noon' WHERE id = {world.destination}")
    try:
        for language, words in [("en", "had failed for days"), ("zh-Hans", "连续多日故障")]:
            page = visit("viewer", language=language).go("/admin")
            notice = page.get_by_role("status").filter(has_text=words)
            expect(notice.get_by_role("link", name="https://shop.example")).to_be_visible(timeout=10_000)
        notice.get_by_role("link").click()
        expect(page.locator("main")).to_contain_text("it has failed since noon")
    finally:
        servers.sql(f"UPDATE {world.database}.destinations SET paused_at = NULL, pauses_itself = 0, pause_reason = NULL"
                    f" WHERE id = {world.destination}")
