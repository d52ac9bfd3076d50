"""Keys of the API: made, used and ended."""

import pytest
from playwright.sync_api import expect

from stand.client import Client
from stand.wait import until
from test_tasks import audited


@pytest.fixture(scope="module")
def locked(start):
    """An instance of its own, which asks for keys."""
    return start("locked", api={"authentication": "keys"})


def tasks(instance, key=None):
    headers = {"Authorization": f"Bearer {key}"} if key else {}
    return Client(instance.address).send("GET", "/v1/tasks", headers=headers)


def test_a_key_is_made_shown_once_used_and_ended(visit, locked):
    visitor = visit(instance=locked, name="admin")
    page = visitor.go("/admin/keys")
    with visitor.refused(422):
        visitor.fill(name="shop floor")
        visitor.press("Make the key")
        expect(page.get_by_role("alert")).to_contain_text("letters, digits, dots, dashes or underscores")
    visitor.fill(name="shop", requests_per_second="50")
    visitor.press("Make the key")
    key = page.locator("#secret").inner_text()
    row = page.get_by_role("row").filter(has_text="shop")
    expect(row).to_contain_text(key[:12])
    assert tasks(locked).status == 401
    assert tasks(locked, "skd_" + "A" * 43).status == 401
    assert tasks(locked, key).status == 200
    page = visitor.go("/admin/keys")
    assert key not in page.content()
    expect(row.locator("td").nth(6)).to_contain_text("20")  # its last use

    row.get_by_role("button", name="Disable").click()
    visitor.notice("The key is disabled. Every instance refuses it in a few seconds.")
    until(lambda: tasks(locked, key).status == 401, "it is refused")
    row.get_by_text("Delete…").click()
    row.get_by_role("button", name="Delete for good").click()
    visitor.notice("The key is deleted. Every instance refuses it in a few seconds.")
    expect(row).to_have_count(0)
    did = audited(locked, "shop")
    assert [what for _, what, _ in did] == ["deleted an API key", "disabled an API key", "made an API key"]
    assert key not in str(did)
