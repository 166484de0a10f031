"""Which secrets are strong enough."""

from __future__ import annotations

import pytest
from ansible_collections.discordgym.stack.plugins.module_utils.secret_strength import weakness


MINIMUM = 16


@pytest.mark.parametrize(
    "secret", ["Vb7wq2XkLm9zRt4c", "e5a1f09b27c84d36", "correct-horse-battery", "Redis-Vb7wq2XkLm9zRt4c"]
)
def test_random_secrets_are_strong(secret: str) -> None:
    assert weakness(secret, MINIMUM) is None


@pytest.mark.parametrize(
    ("secret", "reason"),
    [
        (1234567890123456, "is no text but of the type int"),
        ("", "is empty"),
        ("Vb7wq2XkLm9z Rt4c", "contains white space or unprintable characters"),
        ("Vb7wq2XkLm9zRt4c\n", "contains white space or unprintable characters"),
        ("Vb7wq2XkLm9zRt4", "is shorter than 16 characters"),
        ("DiscordGym-Password1", "is shorter than 16 characters without the words that everyone guesses first"),
        ("changeme12345678", "is shorter than 16 characters without the words that everyone guesses first"),
        ("vbqwxklmzrtcvbnm", "consists of one kind of characters only"),
        ("8302957164820396", "consists of one kind of characters only"),
        ("abababab12121212", "repeats fewer than 6 different characters"),
    ],
)
def test_a_weakness_is_named(secret: object, reason: str) -> None:
    assert weakness(secret, MINIMUM) == reason


def test_a_weakness_does_not_quote_the_secret() -> None:
    for secret in ("hunter2", "changeme12345678", "abababab12121212", "two words", 12345):
        assert str(secret) not in str(weakness(secret, MINIMUM))
