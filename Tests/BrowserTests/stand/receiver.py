"""A receiver of calls, whose answers the tests set."""

import http.server
import threading

from stand.wait import until


class Call:
    def __init__(self, handler, body):
        self.method, self.path = handler.command, handler.path
        self.headers = dict(handler.headers.items())
        self.body = body


class Receiver:
    def __init__(self):
        receiver = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode("utf-8", "replace")
                receiver._calls.append(Call(self, body))
                status, text, headers, gate = receiver._answers.get(self.path.split("?")[0], (200, "fine", {}, None))
                if gate:
                    gate.wait(60)
                content = text.encode()
                self.send_response(status)
                for name, value in {"Content-Length": str(len(content)), **headers}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(content)

            do_GET = do_PUT = do_PATCH = do_DELETE = do_POST

            def log_message(self, *_):
                pass

        self._calls, self._answers = [], {}
        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.address = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def url(self, path):
        return self.address + path

    def answer(self, path, status=200, text="fine", headers=None, gate=None):
        """From now on. `gate`: an event to wait for before."""
        self._answers[path] = (status, text, headers or {}, gate)

    def calls(self, path):
        return [call for call in list(self._calls) if call.path.split("?")[0] == path]

    def await_calls(self, path, count=1):
        until(lambda: len(self.calls(path)) >= count, f"{count} calls of {path}")
        return self.calls(path)

    def stop(self):
        self._server.shutdown()
        self._server.server_close()
