"""Attacks, all of which are refused, and none of which makes the server fail."""

import re
import socket
import urllib.parse

import pytest
from playwright.sync_api import expect

from stand.schedulerd import PASSWORD

EVIL = "http://evil.example"


@pytest.fixture(autouse=True)
def still_well(world):
    read = len(world.log.read_text())
    yield
    assert world.client().get("/healthz").status == 200
    assert world.process.poll() is None
    failed = [line for line in world.log.read_text()[read:].splitlines() if "page failed" in line or "request failed" in line]
    assert failed == []


@pytest.fixture
def target(world, receiver):
    """A task that somebody wants to cancel who may not."""
    return world.add_task(receiver.url("/target"), 3600)


# Stored XSS -----------------------------------------------------------------------------------------------------------

# Every way out of an element and of an attribute; a browser ends them by code points, accents or not.
ESCAPE = "<script>x</script>".join(
    f"{quote} x-injected={quote}{close}<x-injected>" for quote, close in [
        ('"', ">"), ("'", ">"), ('"\u0301', ">\u0301"), ("'\u0301", ">\u0301"), ("", "-->"), ("", "</textarea>"),
        ("", "</title>"), ("", "</pre>"), ("", "</option></select>"),
    ])
SHORT = "\"\u0301><x-injected>'\u0301 x-injected='{{csrf}}"


@pytest.fixture(scope="module")
def infested(world, receiver):
    """Everything that somebody can have stored, with an attack in it. Gives the pages that show it."""
    receiver.answer("/xss", 500, ESCAPE, {"X-Reason": "x"})
    url = receiver.url("/xss?") + urllib.parse.quote(ESCAPE, safe="'\"<>=/ {}").replace(" ", "%20")
    request = {"headers": {"X-Attack": re.sub(r"[^\x20-\x7e]", "", ESCAPE)}, "body": ESCAPE}
    fields = {"request": request, "labels": {"attack": SHORT}}
    try:
        dead = world.add_task(url, retry={"max_retries": 0}, **fields)
    except AssertionError:  # refused, as it may be
        url = receiver.url("/xss?'x-injected='%22")
        dead = world.add_task(url, retry={"max_retries": 0}, **fields)
    world.await_state(dead, "dead")
    waiting = world.add_task(url, 3600, **fields)
    message = world.quarantine(ESCAPE)
    boss = world.client("admin")
    answer = boss.post("/admin/users", {
        "name": SHORT, "real_name": SHORT, "email": SHORT, "telephone": "x-injected", "role": "administrator",
        "password": PASSWORD,
    })
    assert answer.status == 303, answer.problem
    user = re.search(r'href="/admin/users/(\d+)">&quot;', boss.get("/admin/users").text).group(1)
    agent = {"User-Agent": ESCAPE.encode()}
    attacker = world.client()
    assert attacker.try_sign_in(SHORT, "wrong password", headers=agent).status == 401
    attacker.sign_in(SHORT, PASSWORD)
    world.sessions["attacker"] = attacker
    attacker.send("POST", f"/admin/tasks/{waiting}/edit", urllib.parse.urlencode({
        "csrf": attacker.csrf(), "plan_time": "+2h", "method": "POST", "url": url, "headers": "", "body": ESCAPE + "2",
    }).encode(), {"Origin": world.address, "Content-Type": "application/x-www-form-urlencoded", **agent})
    return {
        "list": ("/admin/tasks", "attack="), "label": ("/admin/tasks?label=attack", "x-injected"),
        "task": (f"/admin/tasks/{dead}", "x-injected"), "edit": (f"/admin/tasks/{waiting}/edit", "x-injected"),
        "dead letters": ("/admin/dead-letters", "x-injected"), "quarantine": ("/admin/quarantine", message),
        "message": (f"/admin/quarantine/{message}", "x-injected"), "users": ("/admin/users", "x-injected"),
        "user": (f"/admin/users/{user}", "x-injected"), "audit": ("/admin/audit", "x-injected"),
        "account": ("/admin/account", "x-injected"), "overview": ("/admin", "x-injected"),
    }


REFLECTED = {
    "search": "/admin/tasks?" + urllib.parse.urlencode(
        {name: ESCAPE for name in ["state", "queue", "host", "label", "from", "to", "id", "before"]}),
    "dead search": "/admin/dead-letters?" + urllib.parse.urlencode(
        {name: ESCAPE for name in ["queue", "host", "reason", "from", "to", "before"]}),
    "bulk": "/admin/dead-letters/retry?" + urllib.parse.urlencode({name: ESCAPE for name in ["queue", "host", "reason"]}),
    "audit search": "/admin/audit?" + urllib.parse.urlencode({name: ESCAPE for name in ["actor", "action", "subject"]}),
    "operation": "/admin/operations/" + urllib.parse.quote(SHORT, safe=""),
    "path": "/admin/" + urllib.parse.quote(SHORT, safe=""),
    "language": "/admin/tasks?" + urllib.parse.urlencode({"language": SHORT, "notice": SHORT, SHORT: ESCAPE}),
    "next": "/admin/sign-in?" + urllib.parse.urlencode({"next": "/admin/tasks?" + ESCAPE, "name": ESCAPE}),
}


def check_nothing_injected(page):
    assert page.evaluate("document.querySelectorAll('x-injected, [x-injected], body script').length") == 0
    assert page.evaluate(
        "[...document.querySelectorAll('*')].flatMap((e) => [...e.attributes]).filter((a) => a.name.startsWith('on')).length"
    ) == 0
    assert page.evaluate(
        "[...document.querySelectorAll('a[href], form[action]')]"
        ".every((e) => new URL(e.href || e.action, location).origin === location.origin)")


@pytest.mark.parametrize("where", [
    "list", "label", "task", "edit", "dead letters", "quarantine", "message", "users", "user", "audit", "account", "overview",
])
def test_what_somebody_stored_is_only_text(visit, world, infested, where):
    path, shown = infested[where]
    visitor = visit(name="attacker")
    page = visitor.go(path)
    for details in page.locator("main details").all():
        details.evaluate("details => { details.open = true }")
    content = page.locator("html").evaluate(
        "html => html.innerText + [...html.querySelectorAll('input, textarea')].map((field) => field.value).join(' ')")
    assert shown in content, "the attack is not on the page"
    check_nothing_injected(page)


@pytest.mark.parametrize("where", REFLECTED)
def test_what_somebody_asks_is_only_text(visit, world, where):
    visitor = visit(None if where == "next" else "administrator")
    with visitor.refused("4(00|04|22)"):
        visitor.page.goto(REFLECTED[where])
    check_nothing_injected(visitor.page)


def test_the_name_typed_at_sign_in_is_only_text(visit):
    visitor = visit(None)
    page = visitor.go("/admin/sign-in")
    with visitor.refused(401):
        visitor.sign_in(ESCAPE[:100], "whatever it is")
        expect(page.get_by_role("alert")).to_be_visible()
    assert page.locator("[name=name]").input_value() == ESCAPE[:100]
    check_nothing_injected(page)


# CSRF -----------------------------------------------------------------------------------------------------------------

CSRF = {
    "no token": ({"csrf": None}, {}, 403),
    "empty token": ({"csrf": ""}, {}, 403),
    "a token of another session": ({"csrf": "OTHER"}, {}, 403),
    "a token with another end": ({"csrf": "TOKEN!"}, {}, 403),
    "foreign origin": ({}, {"Origin": EVIL}, 403),
    "origin null": ({}, {"Origin": "null"}, 403),
    "empty origin": ({}, {"Origin": ""}, 403),
    "no origin": ({}, {"Origin": None}, 403),
    "origin that begins like ours": ({}, {"Origin": "SELF.evil.example"}, 403),
    "origin that ends like ours": ({}, {"Origin": "http://evil-HOST"}, 403),
    "origin with a user name": ({}, {"Origin": "http://HOST@evil.example"}, 403),
    "origin of another port": ({}, {"Origin": "http://127.0.0.1:1"}, 403),
    "origin of another scheme": ({}, {"Origin": "ftp://HOST"}, 403),
    "cross-site": ({}, {"Sec-Fetch-Site": "cross-site"}, 403),
    "same-site": ({}, {"Sec-Fetch-Site": "same-site"}, 403),
    "fetch metadata none": ({}, {"Sec-Fetch-Site": "none"}, 403),
    "referrer only": ({}, {"Origin": None, "Referer": "SELF/admin"}, 403),
    "text/plain": ({}, {"Content-Type": "text/plain"}, 415),
    "json": ({}, {"Content-Type": "application/json"}, 415),
    "multipart": ({}, {"Content-Type": "multipart/form-data; boundary=x"}, 415),
    "no content type": ({}, {"Content-Type": None}, 415),
}


@pytest.mark.parametrize("kind", CSRF)
def test_csrf(world, target, kind):
    fields, headers, status = CSRF[kind]
    client = world.client("oscar")
    names = {"OTHER": world.client("admin").csrf(), "TOKEN!": client.csrf()[:-1] + "!", "SELF": world.address,
             "HOST": client.host}

    def fill(value):
        for name, meaning in names.items():
            value = value and value.replace(name, meaning)
        return value

    answer = client.post(
        f"/admin/tasks/{target}/cancel", {name: fill(value) for name, value in fields.items()},
        {name: fill(value) for name, value in headers.items()})
    assert answer.status == status
    assert world.task(target)["state"] == "scheduled"
    # The same is done when nothing is wrong with it.
    assert client.post(f"/admin/tasks/{target}/cancel").status == 303


def test_csrf_by_another_method(world, target):
    client = world.client("oscar")
    token = client.csrf()
    for method in ["GET", "HEAD", "PUT", "DELETE", "OPTIONS"]:
        answer = client.send(
            method, f"/admin/tasks/{target}/cancel?csrf={token}&_method=POST", None,
            {"X-HTTP-Method-Override": "POST", "Origin": world.address})
        assert answer.status == 405
    assert world.task(target)["state"] == "scheduled"


def test_csrf_of_the_sign_in(world):
    """Nobody is signed in by another site's form, not even as the attacker."""
    client = world.client()
    form = client.get("/admin/sign-in")
    fields = {"name": "vera", "password": PASSWORD, "csrf": ""}
    assert client.post("/admin/sign-in", {**fields, "token": "A" * 43}).status == 403
    assert client.post("/admin/sign-in", fields).status == 403
    assert client.post("/admin/sign-in", {**fields, "token": form.field("token")}, {"Origin": EVIL}).status == 403
    stranger = world.client()
    assert stranger.post("/admin/sign-in", {**fields, "token": form.field("token")}).status == 403
    assert "GOSESSIONID" not in client.cookies and "GOSESSIONID" not in stranger.cookies


def test_another_sites_form_in_a_browser(visit, world, target, receiver):
    """The browser itself sends no cookie along."""
    action = f"{world.address}/admin/tasks/{target}/cancel"
    receiver.answer("/trap", text=f"<form method=post action='{action}'><button>Win a prize</button></form>",
                    headers={"Content-Type": "text/html"})
    visitor = visit("operator")
    # Another site: ports do not make one, names do.
    page = visitor.go(receiver.url("/trap").replace("127.0.0.1", "localhost"))
    with visitor.refused(403):
        page.get_by_role("button").click()
        expect(page.get_by_role("alert")).to_contain_text("does not come from a page of this server")
    assert world.task(target)["state"] == "scheduled"


# Sessions -------------------------------------------------------------------------------------------------------------

def test_session_fixation(world):
    for chosen in ["A" * 43, "chosen", world.client("vera").cookies["GOSESSIONID"]]:
        victim = world.client()
        victim.cookies["GOSESSIONID"] = chosen
        victim.cookies.update({name: value for name, value in world.client("oscar").cookies.items() if "device" in name})
        victim.sign_in("oscar", PASSWORD)
        assert victim.cookies["GOSESSIONID"] != chosen
        attacker = world.client()
        attacker.cookies["GOSESSIONID"] = chosen
        assert attacker.get("/admin/tasks").status == 303
    # The last one was taken away from her by signing in as somebody else.
    del world.sessions["vera"]


def test_each_sign_in_has_an_id_of_its_own(world):
    client = world.client()
    seen = set()
    for _ in range(3):
        client.sign_in("oscar", PASSWORD)
        seen.add(client.cookies["GOSESSIONID"])
    assert len(seen) == 3


FORGED = {
    "empty": "", "short": "x", "well formed": "A" * 43, "long": "A" * 4000, "quotes": "\"'\"", "blanks": "  ", "path": "../../x",
    "sql": "' OR 1=1 -- ", "redis": "*\\r\\n$3\\r\\nGET", "glob": "*", "percent": "%00%ff", "bytes": b"\xff\xfe\x80",
    "accents": "é\u0301".encode(), "equals": "====", "braces": "{{csrf}}",
}


@pytest.mark.parametrize("kind", FORGED)
def test_forged_cookies(world, kind):
    value = FORGED[kind] if isinstance(FORGED[kind], bytes) else FORGED[kind].encode()
    for name in [b"GOSESSIONID", b"GOSESSIONID_form", b"GOSESSIONID_device", b"schedulerd_language"]:
        answer = world.client().send("GET", "/admin/tasks", headers={"Cookie": name + b"=" + value})
        assert (answer.status, answer.location) == (303, "/admin/sign-in?next=%2Fadmin%2Ftasks")
        assert world.client().send("GET", "/admin/sign-in", headers={"Cookie": name + b"=" + value}).status == 200


def test_cookie_headers_of_odd_shape(world):
    good = world.client("vera").cookies["GOSESSIONID"]
    for cookie in ["GOSESSIONID", ";;;=;", f"GOSESSIONID2={good}", f"gosessionid={good}", "a=b;" * 3000,
                   f"GOSESSIONID=\"{good}\"", f"GOSESSIONID={good}x", f"GOSESSIONID={good[:-1]}"]:
        answer = world.client().send("GET", "/admin/tasks", headers={"Cookie": cookie})
        assert answer.status == 303, cookie


def sessions(world, name, count=3):
    clients = [world.client().sign_in(name, PASSWORD) for _ in range(count)]
    assert [client.get("/admin/tasks").status for client in clients] == [200] * count
    return clients


@pytest.mark.parametrize("action, fields", [
    ("password", {"password": "another password"}), ("disable", {}), ("delete", {}),
])
def test_all_sessions_end_at_once(world, action, fields):
    name = f"revoked-{action}"
    world.add_user(name, "viewer")
    clients = sessions(world, name)
    boss = world.client("admin")
    number = re.search(rf'href="/admin/users/(\d+)">{name}<', boss.get("/admin/users").text).group(1)
    assert boss.post(f"/admin/users/{number}/{action}", fields).status == 303
    assert [client.get("/admin/tasks").status for client in clients] == [303] * 3


def test_a_session_ends_with_the_users_own_change_of_password(world):
    world.add_user("revoked-own", "viewer")
    here, *others = sessions(world, "revoked-own")
    answer = here.post("/admin/account", {
        "old_password": PASSWORD, "new_password": "another password", "new_password_again": "another password"})
    assert answer.status == 303
    assert here.get("/admin/tasks").status == 200
    assert [client.get("/admin/tasks").status for client in others] == [303] * 2


def test_a_password_set_from_the_shell_ends_sessions_too(world):
    world.add_user("revoked-shell", "viewer")
    [client] = sessions(world, "revoked-shell", 1)
    world.command("user", "passwd", "revoked-shell", "--password-stdin", text="another password\n")
    assert client.get("/admin/tasks").status == 303


# Guessing -------------------------------------------------------------------------------------------------------------

@pytest.fixture(scope="module")
def guarded(start):
    """An instance behind a proxy, which tells it from where somebody comes."""
    return start("guarded", server={"trusted_proxies": ["127.0.0.1/32"]}, roles=["api", "admin"])


def from_address(instance, address, cookies=None):
    client = instance.client()
    client.headers["X-Forwarded-For"] = address
    client.cookies.update(cookies or {})
    return client


def test_brute_force(guarded):
    administrator = from_address(guarded, "192.0.2.1").sign_in("admin", guarded.first_password)
    device = {name: value for name, value in administrator.cookies.items() if name.endswith("_device")}
    assert device
    attacker = from_address(guarded, "198.51.100.7")
    statuses = []
    for number in range(12):
        answer = attacker.try_sign_in("admin", f"guess number {number}")
        statuses.append(answer.status)
        if answer.status == 429:
            break
    assert statuses[:5] == [401] * 5 and statuses[-1] == 429
    assert int(answer.headers["Retry-After"]) >= 1
    # Not even with the right password, and wherever the next guess claims to come from.
    assert attacker.try_sign_in("admin", guarded.first_password).status == 429
    attacker.headers["X-Forwarded-For"] = "203.0.113.9, 198.51.100.7"
    assert attacker.try_sign_in("admin", guarded.first_password).status == 429
    # The whole world guesses: unknown browsers must wait, the administrator's own one need not.
    seen = set()
    for number in range(60):
        answer = from_address(guarded, f"203.0.113.{number}").try_sign_in("admin", "a guess")
        seen.add(answer.status)
        if answer.status == 429:
            break
    assert seen == {401, 429}
    known = from_address(guarded, "192.0.2.77", device)
    assert known.try_sign_in("admin", guarded.first_password).status == 303
    log = known.get("/admin/audit?action=sign_in_throttled").text
    assert "198.51.100.7" in log and "told to wait before signing in" in log


def test_names_that_do_not_exist_are_not_told_apart(guarded):
    for name in ["admin", "nobody at all"]:
        client = from_address(guarded, "2001:db8:1::1" if name == "admin" else "2001:db8:2::1")
        answer = client.try_sign_in(name, "wrong password")
        assert answer.status in (401, 429)
        if answer.status == 401:
            assert answer.problem == "This name and password do not belong together, or the user may not sign in."


def test_a_forwarded_address_counts_only_from_a_trusted_proxy(world):
    client = world.client()
    client.headers["X-Forwarded-For"] = "192.0.2.99"
    client.headers["X-Forwarded-Proto"] = "https"
    answer = client.try_sign_in("from elsewhere", "wrong password")
    assert not any("Secure" in cookie for cookie in answer.headers.get_all("Set-Cookie", []))
    page = world.client("admin").get("/admin/audit?actor=&subject=from+elsewhere").text
    assert "127.0.0.1" in page and "192.0.2.99" not in page


def test_cookies_are_secure_behind_tls(guarded):
    client = from_address(guarded, "192.0.2.2")
    client.headers["X-Forwarded-Proto"] = "https"
    answer = client.get("/admin/sign-in")
    for cookie in answer.headers.get_all("Set-Cookie"):
        assert "; Secure" in cookie and "; HttpOnly" in cookie and "; SameSite=" in cookie


# Redirects ------------------------------------------------------------------------------------------------------------

NEXT = [
    "//evil.example", "///evil.example", "/\\evil.example", "\\\\evil.example", EVIL, "https:evil.example", "javascript:alert(1)",
    "/admin/..//evil.example", "/admin/%2f%2fevil.example", "/admin@evil.example", "/adminevil", "//evil.example/admin/tasks",
    "/admin/tasks\r\nSet-Cookie: a=b", "/admin/tasks\nX: y", "\t//evil.example", " /admin/tasks", "/admin/live", "/admin/sign-in",
    "/admin/sign-out", "/v1/tasks", "", "?", "/admin/tasks#" + "a" * 2000, "/admin/täsks", "/admin/login/quit",
]


def check_stays_here(world, path, next):
    target = urllib.parse.urljoin(world.address + "/admin/sign-in", path)
    assert urllib.parse.urlsplit(target)[:2] == ("http", world.client().host), f"{next}: {path}"
    assert target.startswith(world.address + "/admin") and not path.startswith("//") and "\\" not in path
    assert not any(character <= " " for character in path)


@pytest.mark.parametrize("next", NEXT)
def test_open_redirect_in_the_form(world, next):
    form = world.client().get("/admin/sign-in?" + urllib.parse.urlencode({"next": next}))
    check_stays_here(world, form.field("next"), next)


def test_open_redirect_after_the_sign_in(world):
    client = world.client("oscar")
    del world.sessions["oscar"]  # it ends
    for next in ["//evil.example", "/\\evil.example", EVIL, "/admin/tasks\r\nSet-Cookie: a=b", "/admin/tasks?queue=//evil.example"]:
        token = client.get("/admin/sign-in").field("token")
        answer = client.post("/admin/sign-in", {
            "token": token, "name": "oscar", "password": PASSWORD, "next": next, "csrf": client.csrf()})
        assert answer.status == 303
        check_stays_here(world, answer.location, next)
        client.token = None
        assert client.get(answer.location).status == 200
    assert answer.location == "/admin/tasks?queue=//evil.example"


def test_redirects_do_not_go_by_the_host_that_was_sent(world):
    answer = world.client().send("GET", "/admin/tasks", headers={"Host": "evil.example", "X-Forwarded-Host": "evil.example"})
    assert answer.location.startswith("/admin/sign-in") and "evil" not in answer.location


# Frames ---------------------------------------------------------------------------------------------------------------

def test_every_answer_has_the_headers_that_protect_it(world):
    vera = world.client("vera")
    stylesheet = re.search(r'href="(/admin/assets/[^"]*css)"', vera.get("/admin/tasks").text).group(1)
    answers = [
        vera.get("/admin/tasks"), vera.get("/admin/nothing"), vera.get("/admin/users"), vera.get(stylesheet),
        world.client().get("/admin"), world.client().get("/admin/sign-in"), vera.get("/admin/home/index"),
        vera.send("DELETE", "/admin/tasks"), vera.post("/admin/sign-out", {"csrf": "wrong"}),
        vera.send("GET", "/admin/live", reads=False),
    ]
    for answer in answers:
        policy = dict(part.strip().split(" ", 1) for part in answer.headers["Content-Security-Policy"].split(";"))
        assert policy["default-src"] == "'none'" and policy["script-src"] == "'self'" and policy["style-src"] == "'self'"
        assert policy["frame-ancestors"] == "'none'" and policy["form-action"] == "'self'" and policy["base-uri"] == "'none'"
        assert answer.headers["X-Frame-Options"] == "DENY" and answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Referrer-Policy"] == "same-origin"
        if answer is not answers[3]:
            assert answer.headers["Cache-Control"] == "no-store"


def test_no_frame_shows_a_page(visit, world, receiver):
    receiver.answer("/frame", text=f"<iframe src='{world.address}/admin/tasks'></iframe>", headers={"Content-Type": "text/html"})
    visitor = visit("viewer")
    with visitor.expecting("frame-ancestors|X-Frame-Options|ERR_BLOCKED_BY_RESPONSE"):
        page = visitor.go(receiver.url("/frame"))
        assert page.frames[1].url.startswith("chrome-error:")


# Files ----------------------------------------------------------------------------------------------------------------

@pytest.mark.parametrize("path", [
    "/admin/assets/../../../../etc/passwd", "/admin/assets/%2e%2e/%2e%2e/etc/passwd", "/admin/assets/..%2f..%2fetc%2fpasswd",
    "/admin/assets/..%252f..%252fetc/passwd", "/admin/assets//etc/passwd", "/admin/assets/%2fetc%2fpasswd",
    "/admin/assets/..\\..\\etc\\passwd", "/admin/assets/admin.css", "/admin/assets/admin.css%00.html", "/admin/assets/",
    "/admin/assets", "/admin/assets/layout.mustache", "/admin/assets/en.yaml", "/admin/assets/.%00./etc/passwd",
    "/admin/assets/....//....//etc/passwd", "/../etc/passwd", "/admin/../etc/passwd", "/admin/assets/%c0%ae%c0%ae/etc/passwd",
])
def test_path_traversal(world, path):
    for client in [world.client(), world.client("admin")]:
        answer = client.get(path)
        assert answer.status in (303, 404), answer.status
        assert "root:" not in answer.text and "{{" not in answer.text


# Malformed and oversized requests -------------------------------------------------------------------------------------

LIMIT = 3 * 1_048_576 + 65_536

FORMS = {
    "broken percent-encoding": (b"url=%zz", 400), "cut percent-encoding": (b"url=%4", 400), "a lone percent": (b"%", 400),
    "semicolons": (b"url=a;b", 400), "overlong UTF-8": (b"url=%c0%ae%c0%ae", 422), "no UTF-8": (b"url=%ff%fe", 422),
    "raw bytes": (b"url=\xff\xfe\x00", 422), "NUL": (b"url=http://a/%00&plan_time=%00&queue=%00", 422),
    "empty": (b"", 403), "one equals": (b"=", 403), "many fields": (b"a=1&" * 20_000, 422),
    "a field often": (b"url=x&" * 10_000, 422), "as long as it may be": (b"body=" + b"a" * (LIMIT - 100), 422),
    "too long": (b"body=" + b"a" * LIMIT, 413),
}


@pytest.mark.parametrize("kind", FORMS)
def test_forms(world, kind):
    content, status = FORMS[kind]
    client = world.client("oscar")
    token = f"csrf={client.csrf()}&".encode() if status != 403 else b""
    assert client.post("/admin/tasks", body=token + content).status == status


VALUES = [
    "", " ", "0", "-1", "nan", "inf", "1e400", "9" * 30, "-" + "9" * 30, "1.5", "1,,2", "null", "é\u0301\u202e", "\0", "\x7f", "😀" * 60,
    "a" * 70_000, "+", "+s", "+1e9d", "+999999999d", "+1000y", "10000-01-01T00:00:00Z", "0000-00-00T00:00:00Z",
    "2026-02-30T10:00:00Z", "99999999999999", "{}", "[]", "http://", "http://[::1", "http://a b/", "http://\u2100/", "file:///etc/passwd",
    "http://169.254.169.254/", "x" * 300 + "=1", "=", ":", "a:b\r\nc:d", "Host: x", "Content-Length: 5",
]
FIELDS = ["plan_time", "method", "url", "headers", "body", "queue", "success_rule", "on_lost", "max_retries", "delays",
          "timeout_ms", "labels"]


@pytest.mark.parametrize("field", FIELDS)
def test_values_of_the_task_form(world, receiver, field):
    client = world.client("oscar")
    good = {"plan_time": "+1h", "method": "POST", "url": receiver.url("/values")}
    for value in VALUES:
        for extra in [{}, {"preview": "1"}]:
            answer = client.post("/admin/tasks", {**good, field: value, **extra})
            assert answer.status in (200, 303, 422), f"{field}={value[:50]!r}: {answer.status}"


@pytest.mark.parametrize("path, fields", [
    ("/admin/users", ["name", "role", "email", "real_name", "telephone", "password"]),
    ("/admin/users/4000000", ["role", "email"]), ("/admin/users/4000000/password", ["password"]),
    ("/admin/dead-letters/retry", ["queue", "host", "reason", "from", "to", "rate", "before"]),
    ("/admin/queues", ["name"]),
    ("/admin/queues/default", ["priority", "weight", "max_concurrency", "rate_per_second", "burst", "max_retries", "delays",
                               "timeout_ms", "success_rule"]),
])
def test_values_of_other_forms(world, path, fields):
    client = world.client("admin")
    # No role that may sign in, nor a password.
    good = {"queue": "nobody"} if "retry" in path else {}
    for field in fields:
        for value in VALUES:
            answer = client.post(path, {**good, field: value})
            assert answer.status in (200, 303, 400, 404, 409, 422), f"{field}={value[:50]!r}: {answer.status}"
    if path == "/admin/queues/default":
        assert client.post(path, {}).status == 303  # without settings again


@pytest.mark.parametrize("path, names", [
    ("/admin/tasks", ["state", "queue", "host", "label", "from", "to", "id", "before"]),
    ("/admin/dead-letters", ["queue", "host", "reason", "from", "to", "before"]),
    ("/admin/dead-letters/retry", ["queue", "host", "reason", "from", "to"]),
    ("/admin/quarantine", ["before"]), ("/admin/audit", ["actor", "action", "subject", "before"]),
    ("/admin/sign-in", ["next", "language", "notice"]),
])
def test_values_of_searches(world, path, names):
    client = world.client("admin")
    for name in names:
        for value in VALUES[:16] + VALUES[17:]:
            answer = client.get(f"{path}?" + urllib.parse.urlencode({name: value}))
            assert answer.status in (200, 303, 400, 404, 422), f"{name}={value[:50]!r}: {answer.status}"
    for query in ["%zz", "&&&", "=", "queue=%ff", "a=1&" * 10_000]:
        assert client.get(f"{path}?{query}").status in (200, 400)


def raw(instance, request):
    """What comes back to these bytes, until the server closes or is silent."""
    host, port = instance.address.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=10) as connection:
        connection.sendall(request.replace(b"HOST", f"{host}:{port}".encode()))
        connection.shutdown(socket.SHUT_WR)
        received = b""
        while piece := connection.recv(65_536):
            received += piece
    return received.decode("utf-8", "replace")


RAW = {
    "no host": b"GET /admin/sign-in HTTP/1.1\r\n\r\n",
    "two hosts": b"GET /admin/sign-in HTTP/1.1\r\nHost: HOST\r\nHost: evil\r\n\r\n",
    "another URL's host": b"GET http://evil.example/admin/sign-in HTTP/1.1\r\nHost: HOST\r\n\r\n",
    "HTTP/1.0": b"GET /admin/sign-in HTTP/1.0\r\n\r\n",
    "HTTP/2 preface": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    "asterisk": b"OPTIONS * HTTP/1.1\r\nHost: HOST\r\n\r\n",
    "connect": b"CONNECT /admin:80 HTTP/1.1\r\nHost: HOST\r\n\r\n",
    "odd method": b"G\x01T /admin HTTP/1.1\r\nHost: HOST\r\n\r\n",
    "long method": b"A" * 10_000 + b" /admin HTTP/1.1\r\nHost: HOST\r\n\r\n",
    "two lengths": b"POST /admin/sign-in HTTP/1.1\r\nHost: HOST\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabcd",
    "negative length": b"POST /admin/sign-in HTTP/1.1\r\nHost: HOST\r\nContent-Length: -1\r\n\r\n",
    "length and chunks": b"POST /admin/sign-in HTTP/1.1\r\nHost: HOST\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "bad chunks": b"POST /admin/sign-in HTTP/1.1\r\nHost: HOST\r\nOrigin: http://HOST\r\nContent-Type: application/x-www-form-urlencoded\r\n"
                  b"Transfer-Encoding: chunked\r\n\r\nzz\r\nabc\r\n0\r\n\r\n",
    "cut body": b"POST /admin/sign-in HTTP/1.1\r\nHost: HOST\r\nOrigin: http://HOST\r\n"
                b"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 100\r\n\r\nname=a",
    "folded header": b"GET /admin/sign-in HTTP/1.1\r\nHost: HOST\r\nX-A: b\r\n c\r\n\r\n",
    "blank in a name": b"GET /admin/sign-in HTTP/1.1\r\nHost: HOST\r\nX A: b\r\n\r\n",
    "bytes in a header": b"GET /admin/sign-in HTTP/1.1\r\nHost: HOST\r\nUser-Agent: \xff\xfe\r\nAccept-Language: \xff\r\n\r\n",
    "many headers": b"GET /admin/sign-in HTTP/1.1\r\nHost: HOST\r\n" + b"X-A: b\r\n" * 150 + b"\r\n",
    "bytes in the path": b"GET /admin/\xff\xfe HTTP/1.1\r\nHost: HOST\r\n\r\n",
    "a language of all": b"GET /admin/sign-in HTTP/1.1\r\nHost: HOST\r\nAccept-Language: " + b"zh;q=x,*;q=-1,en;q=1e999," * 100 + b"\r\n\r\n",
    "a range": b"GET /admin/sign-in HTTP/1.1\r\nHost: HOST\r\nRange: bytes=0-0,-1\r\n\r\n",
    "expect": b"POST /admin/sign-in HTTP/1.1\r\nHost: HOST\r\nExpect: nonsense\r\nContent-Length: 0\r\n\r\n",
    "upgrade": b"GET /admin/live HTTP/1.1\r\nHost: HOST\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n",
}


@pytest.mark.parametrize("kind", RAW)
def test_odd_requests(world, kind):
    received = raw(world, RAW[kind])
    statuses = [int(status) for status in re.findall(r"^HTTP/1\.[01] (\d{3})", received, re.M)]
    assert all(status < 500 for status in statuses), received[:300]
    # A request that ends within another's body is answered by nobody.
    assert len(statuses) <= 1
    assert "evil" not in received.split("\r\n\r\n")[0]


def test_heads_that_are_too_large(world):
    for headers in [{"X-Large": "a" * 2_000_000}, {"Cookie": "a=b; " * 400_000}]:
        try:
            assert world.client().send("GET", "/admin/sign-in", headers=headers).status in (400, 413, 431)
        except (ConnectionResetError, BrokenPipeError):
            pass  # it does not listen to the end
