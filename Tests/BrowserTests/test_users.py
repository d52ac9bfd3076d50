"""Users, their roles and passwords, and the audit log."""

import pytest
from playwright.sync_api import expect

from stand.schedulerd import PASSWORD
from test_tasks import audited


@pytest.fixture(scope="module")
def office(start):
    """An instance of its own, because users change here."""
    return start("office")


def test_add_change_disable_and_delete(visit, office):
    visitor = visit(instance=office, name="admin")
    page = visitor.go("/admin/users")
    page.get_by_role("link", name="New user").click()
    with visitor.refused(422):
        visitor.fill(name=" blank in front", password=PASSWORD)
        visitor.press("Save")
        expect(page.get_by_role("alert")).to_contain_text("must not begin or end with a blank")
    visitor.fill(name="rosa 罗莎", role="operator", real_name="Rosa L.", email="rosa@example.org", password=PASSWORD)
    visitor.press("Save")
    visitor.notice("The user is added.")
    expect(page.get_by_role("row").filter(has_text="rosa 罗莎")).to_contain_text("operator")

    # She signs in, and sees no users.
    rosa = visit(None, instance=office)
    rosa.go("/admin/queues")
    rosa.sign_in("rosa 罗莎", PASSWORD)
    expect(rosa.page).to_have_url(office.address + "/admin/queues")
    expect(rosa.page.get_by_role("link", name="Users")).to_have_count(0)

    page.get_by_role("link", name="rosa 罗莎").click()
    visitor.fill(role="viewer", telephone="+49 30 1234")
    visitor.press("Save")
    visitor.notice("The user is changed.")
    assert page.locator("[name=role]").input_value() == "viewer"
    rosa.go("/admin/tasks")
    expect(rosa.page.get_by_role("link", name="New task")).to_have_count(0)

    visitor.press("Disable")
    visitor.notice("The user is changed.")
    # Her session has ended at once.
    rosa.go("/admin/tasks")
    expect(rosa.page.get_by_role("heading", name="Sign in")).to_be_visible()
    with rosa.refused(401):
        rosa.sign_in("rosa 罗莎", PASSWORD)
        expect(rosa.page.get_by_role("alert")).to_contain_text("may not sign in")
    visitor.press("Enable")
    visitor.notice("The user is changed.")
    rosa.sign_in("rosa 罗莎", PASSWORD)
    expect(rosa.page).to_have_url(office.address + "/admin/tasks")

    page.get_by_text("Delete…").click()
    visitor.press("Delete for good")
    visitor.notice("The user is deleted.")
    expect(page.get_by_role("link", name="rosa 罗莎")).to_have_count(0)
    rosa.go("/admin/tasks")
    expect(rosa.page.get_by_role("heading", name="Sign in")).to_be_visible()
    did = audited(office, "rosa+%E7%BD%97%E8%8E%8E")
    whats = [what for _, what, _ in did]
    assert whats == [
        "deleted a user", "signed in", "enabled a user", "failed to sign in", "disabled a user", "changed a user",
        "signed in", "added a user",
    ]
    changed = did[5][2]
    assert "operator" in changed and "viewer" in changed and "+49 30 1234" in changed
    assert PASSWORD not in str(did)


def test_the_last_administrator_stays(visit, office):
    visitor = visit(instance=office, name="admin")
    page = visitor.go("/admin/users")
    page.get_by_role("link", name="admin", exact=True).last.click()
    with visitor.refused(422):
        visitor.fill(role="viewer")
        visitor.press("Save")
        expect(page.get_by_role("alert")).to_contain_text("the last administrator")
    with visitor.refused(422):
        visitor.press("Disable")
        expect(page.get_by_role("alert")).to_contain_text("the last administrator")
    page.get_by_text("Delete…").click()
    with visitor.refused(422):
        visitor.press("Delete for good")
        expect(page.get_by_role("alert")).to_contain_text("the last administrator")
    assert visitor.go("/admin/users").get_by_role("row").filter(has_text="administrator").count() == 1


def test_ones_own_password(visit, office):
    office.add_user("paula", "viewer")
    elsewhere = office.client("paula")
    visitor = visit(None, instance=office)
    page = visitor.go("/admin")
    visitor.sign_in("paula", PASSWORD)
    page.get_by_role("link", name="paula").click()
    for old, new, again, said in [
        ("wrong password", "a new password", "a new password", "The present password is wrong."),
        (PASSWORD, "a new password", "another password", "The two new passwords differ."),
    ]:
        with visitor.refused(422):
            visitor.fill(old_password=old, new_password=new, new_password_again=again)
            visitor.press("Change password")
            expect(page.get_by_role("alert")).to_have_text(said)
    visitor.fill(old_password=PASSWORD, new_password="a new password", new_password_again="a new password")
    visitor.press("Change password")
    visitor.notice("The password is changed.")
    # This session goes on, all others have ended.
    expect(visitor.go("/admin/tasks").get_by_role("heading", name="Tasks")).to_be_visible()
    assert elsewhere.get("/admin/tasks").status == 303
    assert office.client().try_sign_in("paula", PASSWORD).status == 401
    assert office.client().try_sign_in("paula", "a new password").status == 303


def test_an_administrator_sets_a_password(visit, office):
    office.add_user("quentin", "viewer")
    session = office.client("quentin")
    visitor = visit(instance=office, name="admin")
    page = visitor.go("/admin/users")
    page.get_by_role("link", name="quentin").click()
    page.locator("form[action$='/password'] [name=password]").fill("set by somebody")
    visitor.press("Set password")
    visitor.notice("The password is changed.")
    assert session.get("/admin/tasks").status == 303
    assert office.client().try_sign_in("quentin", "set by somebody").status == 303
    assert audited(office, "quentin")[1][:2] == ("admin", "changed a password")


def test_the_audit_log_tells_who_when_and_from_where(visit, office):
    visitor = visit(instance=office, name="admin")
    page = visitor.go("/admin/audit")
    visitor.fill(actor="admin", action="user.edit")
    visitor.press("Search")
    page.wait_for_url("**action=user.edit*")
    rows = page.locator("tbody tr")
    expect(rows).to_have_count(1)
    expect(rows).to_contain_text("127.0.0.1")
    expect(rows.locator(".agent")).to_contain_text("Chrome")
    rows.get_by_text("Show").click()
    expect(rows.locator("pre").first).to_contain_text('"role":"operator"')
    expect(rows.locator("pre").last).to_contain_text('"role":"viewer"')


def test_sign_out(visit, office):
    visitor = visit(None, instance=office)
    page = visitor.go("/admin/instances")
    visitor.sign_in("admin", office.first_password)
    expect(page.get_by_role("heading", name="Instances")).to_be_visible()
    [session] = [each for each in visitor.context.cookies() if each["name"] == "GOSESSIONID"]
    assert session["httpOnly"] and session["sameSite"] == "Lax" and session["path"] == "/admin"
    visitor.press("Sign out")
    visitor.notice("You are signed out.")
    page.go_back()
    page.reload()
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    # Nor does the id count any more, wherever it was kept.
    other = office.client()
    other.cookies["GOSESSIONID"] = session["value"]
    assert other.get("/admin/tasks").status == 303
