"""Clients of the API: whole requests over keep-alive connections, as fast as answers come."""

import re
import selectors
import socket
import time


class Unanswered(Exception):
    """Not every request got an answer."""


def http_post(path, kind, body):
    data = body.encode()
    return f"POST {path} HTTP/1.1\r\nHost: bench\r\nContent-Type: {kind}\r\nContent-Length: {len(data)}\r\n\r\n".encode() + data


def exchange(port, payloads, clients, seconds=120):
    """Sends whole requests over keep-alive connections, one at a time on each; (status, body) in the order of `payloads`."""
    answers = [None] * len(payloads)
    waiting = iter(enumerate(payloads))
    selector = selectors.DefaultSelector()
    open_connections = 0

    def send_next(connection):
        nonlocal open_connections
        index, payload = next(waiting, (None, None))
        if payload is None:
            selector.unregister(connection)
            connection.close()
            open_connections -= 1
            return
        connection.sendall(payload)
        selector.modify(connection, selectors.EVENT_READ, [index, b""])

    for _ in range(min(clients, len(payloads))):
        connection = socket.create_connection(("127.0.0.1", port))
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        selector.register(connection, selectors.EVENT_READ)
        open_connections += 1
        send_next(connection)
    end = time.monotonic() + seconds
    while open_connections:
        if time.monotonic() > end:
            raise Unanswered(f"{sum(a is None for a in answers)} of {len(answers)} requests were not answered in {seconds} s")
        for key, _ in selector.select(1):
            data = key.fileobj.recv(65536)
            if not data:
                raise Unanswered("the server closed a connection in the middle of a request")
            key.data[1] += data
            head, found, body = key.data[1].partition(b"\r\n\r\n")
            if not found:
                continue
            length = int(re.search(rb"\r\ncontent-length: *(\d+)", head, re.I)[1])
            if len(body) >= length:
                answers[key.data[0]] = (int(head[9:12]), body[:length])
                send_next(key.fileobj)
    return answers
