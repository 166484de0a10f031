"""A backend that misbehaves as it is told to: `python3 stand_in.py <address> <port> <name> <behaviour>`.

well: answers with 200, and a request to upgrade by sending back what it gets; with 503 once it was asked to fall ill
forgetful: takes writes and goes away without an answer
"""

from __future__ import annotations

import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


ADDRESS, PORT, NAME, BEHAVIOUR = sys.argv[1:]


class Backend(BaseHTTPRequestHandler):
    """One connection."""

    protocol_version = "HTTP/1.1"
    forgotten = 0
    status = 200

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
        if self.path == "/fall-ill":
            Backend.status = 503
        self.answer(str(Backend.forgotten) if self.path == "/forgotten" else NAME)

    def do_POST(self) -> None:
        """Answer, or forget to."""
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        if BEHAVIOUR == "forgetful":
            Backend.forgotten += 1
            self.close_connection = True
        else:
            self.answer(NAME)

    def answer(self, body: str) -> None:
        """Say who answers."""
        self.send_response(Backend.status)
        self.send_header("X-App-Name", NAME)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body.encode())


ThreadingHTTPServer((ADDRESS, int(PORT)), Backend).serve_forever()
