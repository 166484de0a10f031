"""Sessions and live messages are shared by all backends, and survive the load balancer."""

from __future__ import annotations

import queue
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import requests
import socketio
from deployed import Stack


MESSAGE_SECONDS = 5.0


def cookie_header(session: requests.Session) -> dict[str, str]:
    return {"Cookie": "; ".join(f"{cookie.name}={cookie.value}" for cookie in session.cookies)}


@contextmanager
def listener(
    stack: Stack, url: str, session: requests.Session, room: int, transport: str
) -> Iterator[tuple[str, queue.Queue[dict[str, Any]]]]:
    """A live client in a room: the backend that holds it, and the messages that reach it."""
    client = socketio.Client(reconnection=False, websocket_extra_options={"origin": stack.ui_url})
    received: queue.Queue[dict[str, Any]] = queue.Queue()
    client.on("message", received.put)
    client.connect(url, headers=cookie_header(session), transports=[transport], wait_timeout=5)
    try:
        assert client.call("join", {"roomId": room}, timeout=5) == {"ok": True}
        yield str(client.eio.sid).split(".", maxsplit=1)[0], received
    finally:
        client.disconnect()


def test_a_session_of_one_backend_is_valid_on_all(stack: Stack) -> None:
    backends = stack.backend_urls()
    assert len(backends) == 3
    for url in backends.values():
        session = requests.Session()
        name = f"test-{secrets.token_hex(6)}"
        answer = session.post(
            f"{url}/auth/register", json={"username": name, "password": secrets.token_urlsafe(16)}, timeout=10
        )
        assert answer.status_code == 201, answer.text
        for other_name, other_url in backends.items():
            me = requests.get(f"{other_url}/auth/me", headers=cookie_header(session), timeout=5)
            assert (me.status_code, me.headers["X-Served-By"]) == (200, other_name)
            assert me.json()["username"] == name


@pytest.mark.parametrize("transport", ["websocket", "polling"])
def test_a_message_reaches_clients_of_every_backend(
    stack: Stack, member: Callable[[], requests.Session], transport: str
) -> None:
    session = member()
    room = session.get(f"{stack.api_url}/rooms", timeout=5).json()[0]["id"]
    for sender, url in stack.backend_urls().items():
        text = f"from {sender} {secrets.token_hex(4)}"
        for receiver, receiver_url in stack.backend_urls().items():
            with listener(stack, receiver_url, session, room, transport) as (holder, received):
                assert holder == receiver
                sent = requests.post(
                    f"{url}/rooms/{room}/messages", json={"text": text}, headers=cookie_header(session), timeout=5
                )
                assert (sent.status_code, sent.headers["X-Served-By"]) == (201, sender)
                assert received.get(timeout=MESSAGE_SECONDS)["text"] == text


@pytest.mark.parametrize("transport", ["websocket", "polling"])
def test_live_messages_pass_the_load_balancer(
    stack: Stack, member: Callable[[], requests.Session], transport: str
) -> None:
    """Several clients at once, so that more than one backend holds some and polling needs its stickiness."""
    session = member()
    room = session.get(f"{stack.api_url}/rooms", timeout=5).json()[0]["id"]
    with (
        listener(stack, stack.api_url, session, room, transport) as first,
        listener(stack, stack.api_url, session, room, transport) as second,
        listener(stack, stack.api_url, session, room, transport) as third,
        listener(stack, stack.api_url, session, room, transport) as fourth,
    ):
        clients = (first, second, third, fourth)
        assert len({holder for holder, _ in clients}) > 1, "all clients are on one backend"
        for number in range(5):
            text = f"message {number} {secrets.token_hex(4)}"
            sent = session.post(f"{stack.api_url}/rooms/{room}/messages", json={"text": text}, timeout=5)
            assert sent.status_code == 201, sent.text
            for _, received in clients:
                assert received.get(timeout=MESSAGE_SECONDS)["text"] == text
