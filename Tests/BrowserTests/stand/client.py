"""A client without a browser, which can also send what no browser sends."""

import html
import http.client
import json
import re
import urllib.parse


class Answer:
    def __init__(self, response, reads=True):
        self.status = response.status
        self.headers = response.headers
        self.text = response.read().decode("utf-8", "replace") if reads else ""

    @property
    def location(self):
        return self.headers.get("Location")

    def field(self, name):
        """The value of the first field of that name in a form."""
        found = re.search(rf'name="{name}" value="([^"]*)"', self.text)
        return html.unescape(found.group(1)) if found else None

    @property
    def problem(self):
        found = re.search(r'<p class="problem" role="alert">(.*?)</p>', self.text, re.S)
        return html.unescape(found.group(1)) if found else None


class Client:
    """Keeps cookies, and sends with each form what a browser would: `Origin` and the token of the session."""

    def __init__(self, address, cookies=None, headers=None):
        self.address = address
        self.host = urllib.parse.urlsplit(address).netloc
        self.cookies = dict(cookies or {})
        self.headers = dict(headers or {})
        self.token = None

    def copy(self):
        other = Client(self.address, self.cookies, self.headers)
        other.token = self.token
        return other

    def send(self, method, path, body=None, headers=None, reads=True):
        """Exactly this request, with the cookies. A header that is None is left out; `reads`: the answer has an end."""
        connection = http.client.HTTPConnection(self.host, timeout=30)
        try:
            connection.putrequest(method, path, skip_host=True, skip_accept_encoding=True)
            fields = {"Host": self.host, **self.headers}
            if self.cookies:
                fields["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
            if body is not None:
                fields["Content-Length"] = str(len(body))
            for name, value in {**fields, **(headers or {})}.items():
                if value is not None:
                    connection.putheader(name, value)
            try:
                connection.endheaders(body)
            except (BrokenPipeError, ConnectionResetError):
                pass  # it has answered before it read everything
            answer = Answer(connection.getresponse(), reads)
        finally:
            connection.close()
        for cookie in answer.headers.get_all("Set-Cookie", []):
            name, value = cookie.split(";")[0].split("=", 1)
            self.cookies[name] = value
            if not value:
                del self.cookies[name]
        return answer

    def get(self, path, **headers):
        return self.send("GET", path, headers={name.replace("_", "-"): value for name, value in headers.items()})

    def json(self, method, path, value):
        return self.send(method, path, json.dumps(value).encode(), {"Content-Type": "application/json"})

    def csrf(self):
        if self.token is None:
            self.token = self.get("/admin/account").field("csrf")
        return self.token

    def post(self, path, fields=(), headers=None, body=None):
        """A form as our own pages send it, unless `headers` or a field `csrf` say otherwise."""
        fields = dict(fields)
        if "csrf" not in fields and body is None and self.cookies:
            fields["csrf"] = self.csrf()
        fields = {name: value for name, value in fields.items() if value is not None}
        standard = {"Origin": self.address, "Content-Type": "application/x-www-form-urlencoded"}
        content = urllib.parse.urlencode(fields).encode() if body is None else body
        return self.send("POST", path, content, {**standard, **(headers or {})})

    def try_sign_in(self, name, password, next=None, headers=None):
        query = "?" + urllib.parse.urlencode({"next": next}) if next is not None else ""
        form = self.get("/admin/sign-in" + query)
        fields = {"token": form.field("token"), "name": name, "password": password, "csrf": form.field("csrf") or ""}
        if next is not None:
            fields["next"] = next
        return self.post("/admin/sign-in", fields, headers)

    def sign_in(self, name, password):
        answer = self.try_sign_in(name, password)
        assert answer.status == 303, f"{name} cannot sign in: {answer.status} {answer.problem}"
        self.token = None
        return self
