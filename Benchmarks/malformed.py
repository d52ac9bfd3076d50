"""Requests that must be refused, and which field the refusal must name."""

import json

URL = "http://127.0.0.1:9/cb"
JSON = {"Content-Type": "application/json"}
PLAN = "2030-01-01T00:00:00Z"
ANY_ID = "01890a5d-ac96-774b-bcce-b302099a8057"


def task(plan=PLAN, request=None, **more):
    return {"plan_time": plan, "request": {"url": URL, **(request or {})}, **more}


def named_fields(answer):
    """Every field that a problem document names, with the last part of its path by itself too."""
    try:
        document = json.loads(answer)
    except ValueError:
        return set()
    found = set()

    def look(value):
        if isinstance(value, dict):
            for key, inner in value.items():
                if key in ("field", "pointer", "parameter") and isinstance(inner, str):
                    found.add(inner)
                    found.add(inner.replace("/", ".").rpartition(".")[2].partition("[")[0])
                look(inner)
        elif isinstance(value, list):
            for inner in value:
                look(inner)

    look(document)
    return found


def requests():
    """(kind, method, path, headers, body, fields: one of them, or a part of it, must be named; empty: any problem will do)"""
    yield from broken_bodies()
    for kind, document, field in documents():
        yield kind, "POST", "/v1/tasks", JSON, json.dumps(document), {field, field.rpartition(".")[2]}
    yield from queries()


def broken_bodies():
    body = {"body"}
    whole = json.dumps(task())
    texts = {
        "empty": "", "blank": "  \n", "null": "null", "a number": "42", "a string": '"task"', "true": "true", "an array": "[]",
        "an array of a task": f"[{whole}]", "two documents": whole + whole, "text after it": whole + "x", "plain text": "hello",
        "a form": "notify_url=http%3A%2F%2Flocalhost%2F&plan_time=1", "XML": "<task/>", "single quotes": "{'plan_time': 1}",
        "a trailing comma": '{"plan_time": 1,}', "a comment": '{/* now */ "plan_time": 1}', "a bare key": "{plan_time: 1}",
        "NaN": '{"plan_time": NaN}', "Infinity": '{"plan_time": Infinity}', "a hexadecimal number": '{"plan_time": 0x10}',
        "a leading zero": '{"plan_time": 017}', "a plus sign": '{"plan_time": +1}', "a lone surrogate": '{"plan_time": "\\ud800"}',
        "a bad escape": '{"plan_time": "\\q"}', "a raw newline in a string": '{"plan_time": "a\nb"}', "deep nesting": "[" * 100_000,
        "deep objects": '{"a":' * 50_000, "a NUL": whole[:-1] + "\0}",
    }
    for kind, text in texts.items():
        # A lone surrogate and the like may be refused for the field they stand in.
        yield f"JSON: {kind}", "POST", "/v1/tasks", JSON, text.encode(), body | {"plan_time"}
    for length in range(1, len(whole), max(1, len(whole) // 20)):
        yield f"JSON: cut off after {length} bytes", "POST", "/v1/tasks", JSON, whole[:length].encode(), body
    for kind, bad in {"a lone continuation byte": b"\x80", "an overlong slash": b"\xc0\xaf", "a surrogate": b"\xed\xa0\x80",
                      "beyond Unicode": b"\xf4\x90\x80\x80", "cut off": b"\xe4\xb8", "Latin-1": b"\xe9t\xe9", "0xFF": b"\xff\xfe"}.items():
        for place in ("labels", "request"):
            document = task(labels={"a": "@"}) if place == "labels" else task(request={"body": "@"})
            data = json.dumps(document).encode().replace(b"@", bad)
            yield f"UTF-8: {kind} in {place}", "POST", "/v1/tasks", JSON, data, body | {"labels", "labels.a", "a", "request.body"}
    yield "size: 10 MB body", "POST", "/v1/tasks", JSON, json.dumps(task(request={"body": "x" * 10_000_000})).encode(), body
    yield "size: 10 MB of blanks", "POST", "/v1/tasks", JSON, b" " * 10_000_000, body
    yield "size: 10 MB of garbage", "POST", "/v1/tasks", JSON, b"\xff" * 10_000_000, body
    for kind in ("text/plain", "application/x-www-form-urlencoded", "application/xml"):
        yield f"Content-Type {kind} with no JSON", "POST", "/v1/tasks", {"Content-Type": kind}, b"plan_time=1", set()


def documents():
    wrong_types = [None, True, [], {}]
    for value in [*wrong_types, "", " ", "tomorrow", "2030-01-01", "2030-01-01T00:00:00", "2030-13-01T00:00:00Z", "2030-02-30T00:00:00Z",
                  "2030-01-01T25:00:00Z", "2030-01-01T00:61:00Z", "2030-01-01T00:00:00+99:00", "2030-01-01T00:00:00.Z",
                  "99999-01-01T00:00:00Z", "+12030-01-01T00:00:00Z", "-0001-01-01T00:00:00Z", "2030/01/01 00:00:00", "1e400",
                  99999999999999, 3.0e300, -1e18, 10**30]:
        yield f"plan_time {json.dumps(value)}", task(plan=value), "plan_time"
    yield "plan_time missing", {"request": {"url": URL}}, "plan_time"

    yield "request missing", {"plan_time": PLAN}, "request"
    for value in [None, True, 1, "x", []]:
        yield f"request {json.dumps(value)}", {"plan_time": PLAN, "request": value}, "request"
    yield "request.url missing", {"plan_time": PLAN, "request": {}}, "request.url"

    for value in [*wrong_types, 1, "", " ", "example", "/cb", "//host/cb", "http://", "http:///cb", "http:/cb", "http:cb", "HTTP", "://x",
                  "file:///etc/passwd", "file://", "ftp://example.com/", "gopher://127.0.0.1:6379/_FLUSHALL", "javascript:alert(1)",
                  "data:text/plain,x", "dict://127.0.0.1:11211/", "ldap://127.0.0.1/", "unix:///run/x.sock", "ws://127.0.0.1/",
                  "http://169.254.169.254/", "http://169.254.169.254/latest/meta-data/", "http://169.254.1.1/", "http://[fe80::1]/",
                  "http://[::ffff:169.254.169.254]/", "http://0.0.0.0/", "http://[::]/", "http://224.0.0.1/", "http://[ff02::1]/",
                   "http://2852039166/", "http://0xa9fea9fe/", "http://0251.0376.0251.0376/",
                  "http://user@127.0.0.1/", "http://user:pass@127.0.0.1/", "http://127.0.0.1:0/", "http://127.0.0.1:65536/",
                  "http://127.0.0.1:-1/", "http://127.0.0.1:http/", "http://127.0.0.1:80:80/", "http://[::1/", "http://::1]/",
                  "http://ho st/", "http://127.0.0.1/a b", "http://127.0.0.1/\r\nX-A: b", "http://127.0.0.1/\nX", "http://127.0.0.1/\0",
                  "http://127.0.0.1\r\nHost: x/", "http://127.0.0.1/\t", "http://127.0.0.1/" + "a" * 20_000, "http://" + "a" * 300 + "/",
                  " http://127.0.0.1/"]:
        yield f"request.url {json.dumps(value)[:60]}", task(request={"url": value}), "request.url"

    for value in [True, 1, [], {}, "", " ", "PO ST", "POST\r\nX-A: b", "POST\n", "GET /x HTTP/1.1", "POST\0", "PÖST", "A" * 200]:
        yield f"request.method {json.dumps(value)[:40]}", task(request={"method": value}), "request.method"

    for value in [True, 1, "X-A: b", [], ["X-A"]]:
        yield f"request.headers {json.dumps(value)}", task(request={"headers": value}), "request.headers"
    names = ["", " ", "X A", "X-A:", "X-A\r\nX-B", "X-A\n", "X-A\0", "X-Ä", "(x)"]
    values = ["a\r\nX-B: c", "a\nb", "a\rb", "a\0b", "\r\n\r\nGET / HTTP/1.1", 1, True, ["a"], {"a": "b"}]
    for name in names:
        yield f"header name {json.dumps(name)}", header_task({name: "b"}), "request.headers"
    for value in values:
        yield f"header value {json.dumps(value)}", header_task({"X-A": value}), "request.headers"
    yield "header value of 100 KB", header_task({"X-A": "a" * 100_000}), "request.headers"
    yield "1,000 headers", header_task({f"X-{i}": "a" for i in range(1000)}), "request.headers"
    for name in ("Content-Length", "Transfer-Encoding", "Connection"):
        yield f"header {name}", header_task({name: "1"}), "request.headers"

    for value in [True, 1, [], {}]:
        yield f"request.body {json.dumps(value)}", task(request={"body": value}), "request.body"
    for value in ["not base64!", "YWJj=", "ä"]:
        yield f"base64 body {json.dumps(value)}", task(request={"body": value, "body_encoding": "base64"}), "request.body"
    for value in ["", "UTF-16", "hex", 1, True, []]:
        yield f"request.body_encoding {json.dumps(value)}", task(request={"body": "a", "body_encoding": value}), "request.body_encoding"

    for value in [1, True, [], {}, "", " ", "q\n", "q\0", "q" * 300]:
        yield f"queue {json.dumps(value)[:30]}", task(queue=value), "queue"
    for value in [1, True, "x", []]:
        yield f"success {json.dumps(value)}", task(success=value), "success"
    for value in ["", "always", 1, True, []]:
        yield f"success.rule {json.dumps(value)}", task(success={"rule": value}), "success.rule"
    for value in [1, True, "x", []]:
        yield f"retry {json.dumps(value)}", task(retry=value), "retry"
    for value in [-1, 1.5, "3", True, [], 10**6, 10**30]:
        yield f"retry.max_retries {json.dumps(value)}", task(retry={"max_retries": value}), "retry.max_retries"
    for value in [1, "5", True, {}, [-1], ["5"], [True], [None], [1e300], [1] * 5000]:
        yield f"retry.delays {json.dumps(value)[:30]}", task(retry={"max_retries": 1, "delays": value}), "retry.delays"
    for value in [0, -1, 1.5, "15000", True, [], 10**12, 10**30]:
        yield f"timeout_ms {json.dumps(value)}", task(timeout_ms=value), "timeout_ms"
    for value in ["", "maybe", 1, True, []]:
        yield f"on_lost {json.dumps(value)}", task(on_lost=value), "on_lost"
    for value in [1, True, "x", [], {"a": 1}, {"a": None}, {"a": []}, {"a" * 5000: "x"}, {"a": "x" * 100_000},
                  {f"k{i}": "v" for i in range(1000)}]:
        yield f"labels {json.dumps(value)[:30]}", task(labels=value), "labels"

    for name in ("plantime", "planTime", "url", "id", "state", "callback", "__proto__"):
        yield f"unknown field {name}", task(**{name: "x"}), name
    for name in ("uri", "header", "params", "timeout"):
        yield f"unknown field request.{name}", task(request={name: "x"}), f"request.{name}"
    yield "unknown field retry.max", task(retry={"max": 1}), "retry.max"
    yield "unknown field success.status", task(success={"status": 200}), "success.status"


def header_task(headers):
    return task(request={"headers": headers})


def queries():
    """The other routes: identifiers, filters, changes."""
    for text in ("x", "1", "../../etc/passwd", "%00", ANY_ID[:-1], ANY_ID + "0", ANY_ID.replace("-", "_"), "g" + ANY_ID[1:]):
        yield f"GET task {text}", "GET", f"/v1/tasks/{text}", {}, None, set()
    for query, field in {"limit=x": "limit", "limit=-1": "limit", "limit=0": "limit", "limit=99999999999": "limit", "limit=1.5": "limit",
                         "state=open": "state", "from=yesterday": "from", "to=99999-01-01T00:00:00Z": "to", "cursor=!": "cursor",
                         "cursor=AAAA": "cursor", "stat=dead": "stat"}.items():
        yield f"GET tasks?{query}", "GET", f"/v1/tasks?{query}", {}, None, {field}
    # There is no such task, so that may be what is said.
    for body in ("", "[]", '{"plan_time": "soon"}', '{"request": {"url": "file:///x"}}', '{"state": "dead"}'):
        yield f"PATCH task {body}", "PATCH", f"/v1/tasks/{ANY_ID}", JSON, body.encode(), set()


def legacy_requests():
    """(kind, form) that the legacy route refuses in its own way: status 200, code no."""
    yield from [
        ("empty", ""), ("no notify_url", "plan_time=1"), ("no plan_time", "notify_url=http%3A%2F%2F127.0.0.1%2F"),
        ("plan_time in letters", "notify_url=http%3A%2F%2F127.0.0.1%2F&plan_time=soon"),
        ("file URL", "notify_url=file%3A%2F%2F%2Fetc%2Fpasswd&plan_time=1"),
        ("metadata address", "notify_url=http%3A%2F%2F169.254.169.254%2F&plan_time=1"),
        ("line break in the URL", "notify_url=http%3A%2F%2F127.0.0.1%2F%0D%0AX-A%3A%20b&plan_time=1"),
        ("bad UTF-8", "notify_url=http%3A%2F%2F127.0.0.1%2F%FF&plan_time=x%FF"),
    ]
