"""A backend that misbehaves as it is told to: `python3 stand_in.py <address> <port> <name> <behaviour>`.

well: answers with 200, and a request to upgrade by sending back what it gets; with 503 once it was asked to fall ill
forgetful: takes writes and goes away without an answer

/fall-ill?seconds=2&pause=0.7 makes it ill for so long, and each of its refusals take so long.
/work?status=409 is answered with that status. /asked?id=x and
/executed?id=x tell how many writes to /work?id=x it got, and how many it accepted.
"""

from __future__ import annotations

import sys
import time
from collections import Counter
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import ClassVar
from urllib.parse import parse_qs, urlsplit


ADDRESS, PORT, NAME, BEHAVIOUR = sys.argv[1:]


class Backend(BaseHTTPRequestHandler):
    """One connection."""

    protocol_version = "HTTP/1.1"
    asked: ClassVar[Counter[str]] = Counter()
    executed: ClassVar[Counter[str]] = Counter()
    ill_until = 0.0
    pause = 0.0

    def parameter(self, name: str, default: str = "") -> str:
        """A parameter of the query."""
        return parse_qs(urlsplit(self.path).query).get(name, [default])[0]

    @property
    def is_ill(self) -> bool:
        """Whether it refuses to work."""
        return time.monotonic() < Backend.ill_until

    def do_GET(self) -> None:
        """Answer, or become whatever the client upgrades to."""
        if self.headers.get("Upgrade"):
            self.send_response(101)
            self.send_header("Connection", "Upgrade")
            self.send_header("Upgrade", self.headers["Upgrade"])
            self.end_headers()
            while received := self.connection.recv(1024):
                self.connection.sendall(received)
            self.close_connection = True
            return
        path = urlsplit(self.path).path
        if path == "/fall-ill":
            Backend.ill_until = time.monotonic() + float(self.parameter("seconds", "3600"))
            Backend.pause = float(self.parameter("pause", "0"))
            self.answer(NAME, 503)
        elif path in ("/asked", "/executed"):
            self.answer(str(getattr(Backend, path[1:])[self.parameter("id")]))
        elif self.is_ill:
            self.refuse()
        else:
            self.answer(NAME)

    def do_POST(self) -> None:
        """Answer, or forget to."""
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        Backend.asked[self.parameter("id")] += 1
        if BEHAVIOUR == "forgetful":
            self.close_connection = True
        elif self.is_ill:
            self.refuse()
        else:
            Backend.executed[self.parameter("id")] += 1
            self.answer(NAME, int(self.parameter("status", "200")))

    def refuse(self) -> None:
        """Answer as an application does whose database is away."""
        time.sleep(Backend.pause)
        self.answer(f"{NAME} is ill", 503)

    def answer(self, body: str, status: int = 200) -> None:
        """Say who answers."""
        self.send_response(status)
        self.send_header("X-App-Name", NAME)
        if status == 503:
            self.send_header("Retry-After", "1")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body.encode())


ThreadingHTTPServer((ADDRESS, int(PORT)), Backend).serve_forever()
