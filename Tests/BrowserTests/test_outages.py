"""Redis or the database away: a page that says so, and tasks go on."""

import json

from playwright.sync_api import expect

from stand.wait import until

AWAY = "Sessions are kept in Redis, and Redis cannot be reached now. Tasks are accepted and run all the same."


def check_away(visitor, receiver, path):
    instance, page = visitor.instance, visitor.page
    with visitor.refused(503):
        answer = page.goto("/admin/tasks")
    assert answer.status == 503 and int(answer.headers["retry-after"]) >= 1
    expect(page.get_by_role("alert")).to_have_text(AWAY)
    # Nor can anybody sign in; who is nobody is told what to do as ever.
    assert instance.client().get("/admin/sign-in").status == 200
    assert instance.client().try_sign_in("admin", instance.first_password).status == 503
    # The API takes tasks, and they run.
    instance.await_state(instance.add_task(receiver.url(path)), "succeeded")
    assert len(receiver.await_calls(path)) == 1


def test_redis_away(visit, start, private_redis, receiver):
    instance = start("lonely", redis_socket=private_redis.socket)
    visitor = visit(instance=instance, name="admin")
    page = visitor.go("/admin/tasks")

    private_redis.halt()
    check_away(visitor, receiver, "/halted")
    private_redis.go_on()
    # The session is there still.
    until(lambda: page.reload().status == 200, "the pages are back")

    private_redis.kill()
    check_away(visitor, receiver, "/killed")
    private_redis.start()
    # The sessions are gone with it: one signs in again.
    until(lambda: instance.client().get("/admin/sign-in").status == 200, "the sign-in is back")
    page.goto("/admin/tasks")
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    until(lambda: instance.client().try_sign_in("admin", instance.first_password).status == 303, "one can sign in")


def test_a_live_page_survives_a_restart(visit, start, receiver):
    """Its stream ends with the process, and goes on with the next."""
    instance = start("restarted")
    visitor = visit(instance=instance, name="admin")
    page = visitor.go("/admin")
    page.evaluate("window.mark = 1")
    port = instance.address.rsplit(":", 1)[-1]
    with visitor.expecting("ERR_CONNECTION_REFUSED", "ERR_INCOMPLETE_CHUNKED_ENCODING", "ERR_EMPTY_RESPONSE", "ERR_CONNECTION_RESET"):
        assert instance.stop() == 0
        settings = json.loads(instance.configuration.read_text())
        settings["server"]["port"] = int(port)
        instance.configuration.write_text(json.dumps(settings))
        instance.run()
        as_of = page.locator("time").first.inner_text()
        expect(page.locator("time").first).not_to_have_text(as_of, timeout=30_000)
    assert page.evaluate("window.mark") == 1
