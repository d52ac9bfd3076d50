"""What can be done to tasks."""

import datetime
import json
import re
import subprocess

from playwright.sync_api import expect


def shown_id(page):
    return page.locator("p.id code").inner_text()


def audited(world, subject):
    """What the audit log shows for a subject, newest first: (who, what, text of the change)."""
    page = world.client("admin").get(f"/admin/audit?subject={subject}").text
    rows = re.findall(r"<tr><td>.*?</tr>", page, re.S)
    texts = [[re.sub(r"<[^>]*>", "", cell) for cell in re.findall(r"<td.*?>(.*?)</td>", row, re.S)] for row in rows]
    return [(cells[1], cells[2], cells[6]) for cells in texts]


def test_create(visit, world, receiver):
    visitor = visit("operator")
    page = visitor.go("/admin/tasks")
    page.get_by_role("link", name="New task").click()
    visitor.fill(
        plan_time="+1s", method="PUT", url=receiver.url("/create"), headers="X-One: 1\nX-Two: zwei",
        body="first line\nsecond line", max_retries="2", delays="1,2", timeout_ms="5000", labels="shop=north\norder=44",
        queue="forms",
    )
    visitor.press("Create")
    visitor.notice("The task is created.")
    id = shown_id(page)
    call = receiver.await_calls("/create")[0]
    assert (call.method, call.headers["X-Two"], call.body) == ("PUT", "zwei", "first line\nsecond line")
    # The page follows by itself.
    expect(page.locator("p.id .state")).to_have_text("succeeded")
    expect(page.locator("#attempt-1")).to_contain_text("HTTP 200")
    task = world.task(id)
    assert task["labels"] == {"shop": "north", "order": "44"} and task["queue"] == "forms"
    assert task["retry"] == {"max_retries": 2, "delays": [1, 2]} and task["timeout_ms"] == 5000
    assert [(who, what) for who, what, _ in audited(world, id)] == [("oscar", "created a task")]


def test_what_is_wrong_is_said_and_what_was_typed_stays(visit):
    visitor = visit("operator")
    page = visitor.go("/admin/tasks/new")
    visitor.fill(plan_time="tomorrow", url="ftp://example.com/", headers="no colon", body="kept", labels="no equals sign")
    with visitor.refused(422):
        visitor.press("Create")
        expect(page.get_by_role("alert")).to_have_count(3)
    for field in ["plan_time", "request.headers", "labels"]:
        expect(page.get_by_role("alert").filter(has_text=field)).to_have_count(1)
    assert page.locator("[name=body]").input_value() == "kept"
    visitor.fill(plan_time="+1h", headers="", labels="")
    with visitor.refused(422):
        visitor.press("Create")
        expect(page.get_by_role("alert")).to_have_count(1)
    expect(page.get_by_role("alert")).to_contain_text("request.url")


def test_the_curl_of_a_new_task_makes_it(visit, world, receiver):
    visitor = visit("operator")
    page = visitor.go("/admin/tasks/new")
    body = "it's \"quoted\" $HOME `id` \\ é\u0301'\u0301 and more"
    visitor.fill(plan_time="+1h", url=receiver.url("/curl?a=1&b='x'"), headers="X-Quote: it's", body=body, labels="a=b c")
    visitor.press("Show as curl")
    command = page.locator("pre#curl").inner_text()
    assert page.locator("[name=body]").input_value() == body
    made = subprocess.run(["bash", "-c", command + " --silent"], check=True, stdout=subprocess.PIPE, timeout=30)
    task = json.loads(made.stdout)
    assert task["request"]["body"] == body
    assert task["request"]["url"] == receiver.url("/curl?a=1&b='x'")
    assert task["request"]["headers"] == {"X-Quote": "it's"} and task["labels"] == {"a": "b c"}


def test_the_curl_of_a_task_calls_the_receiver(visit, world, receiver):
    id = world.add_task(
        receiver.url("/resend"), 3600,
        request={"headers": {"X-Api-Key": "k3y", "X-Plain": "it's"}, "body": "a 'b' \"c\" $d\n\\e"})
    page = visit("operator").go(f"/admin/tasks/{id}")
    page.get_by_text("Send again by hand").click()
    command = page.locator("pre#curl").inner_text()
    assert "k3y" not in page.content()
    subprocess.run(["bash", "-c", command], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=30)
    call = receiver.await_calls("/resend")[0]
    assert (call.body, call.headers["X-Plain"]) == ("a 'b' \"c\" $d\n\\e", "it's")


def test_edit_keeps_masked_secrets(visit, world, receiver):
    url = receiver.url("/edit") + "?token=abc&page=1"
    id = world.add_task(
        url, 3600, request={"headers": {"Authorization": "Bearer s3cret", "X-Shop": "north"}, "body": "old"})
    visitor = visit("operator")
    page = visitor.go(f"/admin/tasks/{id}")
    assert "s3cret" not in page.content() and "token=abc" not in page.content()
    page.get_by_role("link", name="Edit").click()
    headers = page.locator("[name=headers]")
    assert "s3cret" not in page.content() and "token=abc" not in page.content()
    headers.fill(headers.input_value().replace("north", "south"))
    visitor.fill(body="new", plan_time="+2h")
    visitor.press("Save")
    visitor.notice("The task is changed.")
    task = world.task(id)
    assert task["request"]["headers"] == {"Authorization": "Bearer s3cret", "X-Shop": "south"}
    assert (task["request"]["url"], task["request"]["body"]) == (url, "new")
    # Due now, it is called with the secret.
    visitor.press("Run now")
    visitor.notice("The task is due now.")
    assert receiver.await_calls("/edit")[0].headers["Authorization"] == "Bearer s3cret"
    (_, ran, _), (_, changed, change) = audited(world, id)
    assert (ran, changed) == ("made a task due now", "changed a task")
    assert "north" in change and "south" in change and "s3cret" not in change


def test_a_secret_can_be_replaced(visit, world, receiver):
    id = world.add_task(receiver.url("/secret"), 3600, request={"headers": {"Authorization": "Bearer old"}})
    visitor = visit("operator")
    visitor.go(f"/admin/tasks/{id}/edit")
    visitor.fill(headers="Authorization: Bearer new")
    visitor.press("Save")
    visitor.notice("The task is changed.")
    assert world.task(id)["request"]["headers"] == {"Authorization": "Bearer new"}


def test_cancel_and_retry(visit, world, receiver):
    id = world.add_task(receiver.url("/cancel"), 3600)
    visitor = visit("operator")
    page = visitor.go(f"/admin/tasks/{id}")
    # It must be confirmed.
    expect(page.get_by_role("button", name="Cancel the task")).to_be_hidden()
    page.get_by_text("Cancel…").click()
    visitor.press("Cancel the task")
    visitor.notice("The task is cancelled: it will not be called.")
    assert world.task(id)["state"] == "cancelled" and receiver.calls("/cancel") == []
    visitor.press("Retry")
    visitor.notice("The task has a new life and is due now.")
    receiver.await_calls("/cancel")
    expect(page.locator("p.id .state")).to_have_text("succeeded")
    assert [what for _, what, _ in audited(world, id)] == ["retried a task", "cancelled a task"]


def test_duplicate_and_lineage(visit, world, receiver):
    receiver.answer("/twin", 500)
    id = world.await_state(
        world.add_task(receiver.url("/twin"), labels={"twin": "yes"}, retry={"max_retries": 0}), "dead")
    receiver.answer("/twin", 200)
    visitor = visit("operator")
    page = visitor.go(f"/admin/tasks/{id}")
    visitor.press("Duplicate")
    visitor.notice("This is the copy; it is due now.")
    copy = shown_id(page)
    assert copy != id
    assert len(receiver.await_calls("/twin", 2)) == 2
    page.get_by_role("link", name=id).click()
    expect(page.locator("p.id code")).to_have_text(id)
    expect(page.locator("p.id .state")).to_have_text("dead")
    page.get_by_role("link", name=copy).click()
    expect(page.locator("p.id code")).to_have_text(copy)
    expect(page.locator("p.id .state")).to_have_text("succeeded")
    expect(page.locator(".label")).to_have_text("twin=yes")


def test_what_the_state_forbids_is_refused_with_the_state(visit, world):
    client = world.client("oscar")
    answer = client.post(f"/admin/tasks/{world.tasks['succeeded']}/cancel")
    assert answer.status == 409 and "succeeded" in answer.text
    page = visit("operator").go(f"/admin/tasks/{world.tasks['succeeded']}")
    expect(page.get_by_role("button", name="Run now")).to_have_count(0)


def test_a_viewer_sees_no_actions(visit, world):
    page = visit("viewer").go(f"/admin/tasks/{world.tasks['scheduled']}")
    assert page.locator("main form, main .button").count() == 0


def test_filters(visit, world, receiver):
    visitor = visit("viewer")
    page = visitor.go("/admin/tasks")
    rows = page.locator("tbody tr")

    def search(**fields):
        visitor.go("/admin/tasks")
        visitor.fill(**fields)
        visitor.press("Search")
        expect(page).not_to_have_url(world.address + "/admin/tasks")

    search(state="dead", queue="mail")
    expect(rows).to_have_count(1)
    expect(rows).to_contain_text(world.tasks["dead"])
    search(label="order=43")
    expect(rows).to_have_count(1)
    expect(rows).to_contain_text(world.tasks["succeeded"])
    search(host=receiver.address.removeprefix("http://"), queue="mail")
    expect(rows).to_have_count(1)
    search(host="nobody.example", queue="mail")
    expect(rows).to_have_count(0)
    expect(page.get_by_text("No task is found here.")).to_be_visible()
    search(id=world.tasks["running"])
    expect(page.locator("p.id code")).to_have_text(world.tasks["running"])
    created = datetime.datetime.fromisoformat(world.task(world.tasks["dead"])["created_at"])
    second = datetime.timedelta(seconds=1)
    search(queue="mail", to=f"{created - second:%Y-%m-%dT%H:%M:%S}")
    expect(rows).to_have_count(0)
    search(queue="mail", **{"from": f"{created - second:%Y-%m-%dT%H:%M:%SZ}"})
    expect(rows).to_have_count(1)


def test_paging(visit, world):
    visitor = visit("viewer")
    page = visitor.go("/admin/tasks?queue=many")
    seen, pages = [], 0
    while True:
        pages += 1
        seen += page.locator("tbody th a").all_inner_texts()
        following = page.get_by_role("link", name="Next page")
        if not following.count():
            break
        following.click()
        page.wait_for_load_state()
    assert len(seen) == len(set(seen)) == 230 and pages == 5
    assert seen == sorted(seen, reverse=True)
    page.get_by_role("link", name="First page").click()
    expect(page.locator("tbody th a").first).to_have_text(seen[0])


def test_without_javascript(visit, world, receiver):
    visitor = visit("operator", javascript=False)
    page = visitor.go("/admin/tasks/new")
    page.locator("[name=url]").fill(receiver.url("/plain"))
    page.locator("[name=plan_time]").fill("+1h")
    visitor.press("Create")
    visitor.notice("The task is created.")
    page.get_by_text("Cancel…").click()
    visitor.press("Cancel the task")
    visitor.notice("The task is cancelled: it will not be called.")
    visitor.press("Retry")
    visitor.notice("The task has a new life and is due now.")
    receiver.await_calls("/plain")
    for path in ["/admin", "/admin/queues", "/admin/dead-letters", "/admin/instances", "/admin/quarantine"]:
        assert visitor.go(path).locator("table").count() >= 1, path
    visitor.press("Sign out")
    visitor.notice("You are signed out.")
