"""A real HTTP server on the loopback that behaves as badly as it is told to."""

from __future__ import annotations

import re
import threading
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    Step = Callable[["Handler"], None]


@dataclass
class Server:
    """What it does, by path: step after step, the last one for good; and what it was asked."""

    address: str
    steps: dict[str, list[Step]] = field(default_factory=dict)
    asked: list[Any] = field(default_factory=list)
    over: threading.Event = field(default_factory=threading.Event)

    def at(self, path: str, *steps: Step) -> str:
        self.steps[path] = list(steps)
        return self.address + path


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    told: Server

    def do_GET(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        form = {key: value[0] for key, value in parse_qs(self.rfile.read(length).decode()).items()}
        split = urlsplit(self.path)
        self.query = {key: value[0] for key, value in parse_qs(split.query).items()}
        self.form = form
        self.told.asked.append(self)
        steps = self.told.steps.get(split.path, [status(404)])
        (steps.pop(0) if len(steps) > 1 else steps[0])(self)

    do_POST = do_GET  # noqa: N815 - the library calls it so

    def log_message(self, *_: object) -> None:
        """Keep quiet."""

    def answer(self, code: int, body: bytes, length: int | None = None, **headers: str) -> None:
        self.send_response(code)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Length", str(len(body) if length is None else length))
        self.end_headers()
        self.wfile.write(body)
        if length is not None and length != len(body):
            self.close_connection = True


def status(code: int, **headers: str) -> Step:
    return lambda handler: handler.answer(code, b"sorry", **headers)


def whole(body: bytes, **headers: str) -> Step:
    """Send all of it, whatever part is asked for."""
    return lambda handler: handler.answer(200, body, **headers)


def cut(body: bytes, at: int, **headers: str) -> Step:
    """Promise all of it and hang up on the way."""
    return lambda handler: handler.answer(200, body[:at], len(body), **headers)


def stall(body: bytes = b"", at: int = 0, **headers: str) -> Step:
    """Send a beginning and then nothing more until the test is over."""

    def step(handler: Handler) -> None:
        if body:
            handler.send_response(200)
            for name, value in headers.items():
                handler.send_header(name.replace("_", "-"), value)
            handler.send_header("Content-Length", str(len(body)))
            handler.end_headers()
            handler.wfile.write(body[:at])
            handler.wfile.flush()
        handler.told.over.wait(20)
        handler.close_connection = True

    return step


def ranged(body: bytes, version: str = '"one"', at: int | None = None) -> Step:
    """Send what is asked for by RFC 9110, on condition that the version is the same; `at`: hang up there."""

    def step(handler: Handler) -> None:
        match = re.fullmatch(r"bytes=(\d+)-", handler.headers.get("Range", ""))
        end = len(body) if at is None else at
        if match is None or handler.headers.get("If-Range") != version:
            handler.answer(200, body[:end], len(body), ETag=version)
        elif int(match[1]) >= len(body):
            handler.answer(416, b"", Content_Range=f"bytes */{len(body)}")
        else:
            start = int(match[1])
            where = f"bytes {start}-{len(body) - 1}/{len(body)}"
            handler.answer(206, body[start:end], len(body) - start, ETag=version, Content_Range=where)

    return step


@contextmanager
def serving() -> Iterator[Server]:
    handler = type("Told", (Handler,), {})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as http:
        http.daemon_threads = True
        server = handler.told = Server(f"http://127.0.0.1:{http.server_address[1]}")
        thread = threading.Thread(target=http.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        thread.start()
        try:
            yield server
        finally:
            server.over.set()
            http.shutdown()
            thread.join()
