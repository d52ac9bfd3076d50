"""Schedules: made, looked at, paused, run and deleted."""

from playwright.sync_api import expect

from stand.wait import until
from test_tasks import audited


def test_a_schedule_is_made_and_steered(visit, world, receiver):
    visitor = visit("operator")
    page = visitor.go("/admin/schedules")
    page.get_by_role("link", name="New schedule").click()
    with visitor.refused(422):
        visitor.fill(name="each second", cron="* * *", url=receiver.url("/schedule"))
        visitor.press("Create")
        expect(page.get_by_role("alert").first).to_be_visible()
    visitor.fill(name="each-second", cron="* * * * * *", timezone="Europe/Berlin", max_retries="0")
    visitor.press("Create")
    visitor.notice("The schedule is made.")
    expect(page.get_by_role("heading", name="Next runs")).to_be_visible()
    until(lambda: visitor.go("/admin/schedules/each-second").get_by_role("heading", name="Last runs").count() == 1, "runs")
    visitor.press("Pause")
    visitor.notice("The schedule is paused. Runs of the next seconds are tasks already.")
    visitor.press("Run now")
    visitor.notice("The task is created.")
    visitor.go("/admin/schedules/each-second")
    visitor.press("Resume")
    visitor.notice("The schedule goes on.")
    page.get_by_text("Delete…").click()
    visitor.press("Delete for good")
    visitor.notice("The schedule is deleted.")
    expect(page.get_by_role("link", name="each-second")).to_have_count(0)
    assert [what for _, what, _ in audited(world, "each-second")] == [
        "deleted a schedule", "resumed a schedule", "ran a schedule now", "paused a schedule", "made a schedule",
    ]
