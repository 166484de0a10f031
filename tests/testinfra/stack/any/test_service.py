"""What a member does, through the public address."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from typing import Any

import requests
from deployed import Stack


WORKOUT: dict[str, Any] = {
    "name": "Legs",
    "performedOn": "2026-11-01",
    "notes": "",
    "exercises": [{"name": "Squat", "sets": 3, "repetitions": 5, "weightKg": 100}],
}


def test_a_workout_is_made_changed_and_deleted(stack: Stack, member: Callable[[], requests.Session]) -> None:
    session = member()
    made = session.post(f"{stack.api_url}/workouts", json=WORKOUT, timeout=5)
    assert made.status_code == 201, made.text
    url = f"{stack.api_url}/workouts/{made.json()['id']}"

    assert session.put(url, json={**WORKOUT, "name": "Back"}, timeout=5).status_code == 200
    listed = session.get(f"{stack.api_url}/workouts?page=1&pageSize=20", timeout=5).json()
    assert [workout["name"] for workout in listed["items"]] == ["Back"]
    assert member().get(url, timeout=5).status_code == 404
    assert session.delete(url, timeout=5).status_code == 204
    assert session.get(url, timeout=5).status_code == 404


def test_a_repeated_key_executes_nothing(stack: Stack, member: Callable[[], requests.Session]) -> None:
    session = member()
    key = {"Idempotency-Key": secrets.token_hex(16)}
    first, second = (session.post(f"{stack.api_url}/workouts", json=WORKOUT, headers=key, timeout=5) for _ in range(2))
    assert (first.status_code, second.status_code) == (201, 201)
    assert first.json() == second.json()
    assert second.headers["Idempotency-Replayed"] == "true"
    assert session.get(f"{stack.api_url}/workouts", timeout=5).json()["total"] == 1


def test_nonsense_is_told_apart_from_failure(stack: Stack, member: Callable[[], requests.Session]) -> None:
    answer = member().post(f"{stack.api_url}/workouts", json={"name": 7, "exercises": "none"}, timeout=5)
    assert answer.status_code in (400, 422)
    assert answer.headers["Content-Type"].startswith("application/problem+json")


def test_other_origins_get_no_permission(stack: Stack) -> None:
    answer = requests.get(f"{stack.api_url}/auth/me", headers={"Origin": "http://elsewhere.example"}, timeout=5)
    assert answer.headers.get("Access-Control-Allow-Origin") != "http://elsewhere.example"
