"""What makes a secret too weak to protect a stack."""

from __future__ import annotations

import re


# Passwords that lists and scanners try first, and the words of this stack that a hurried person would combine.
GUESSABLE_WORDS = (
    "password",
    "passwort",
    "passwd",
    "secret",
    "changeme",
    "change-me",
    "letmein",
    "welcome",
    "default",
    "example",
    "admin",
    "root",
    "test",
    "qwerty",
    "qwertz",
    "abcdefghijklmnopqrstuvwxyz",
    "abcdef",
    "1234567890",
    "123456789",
    "12345678",
    "123456",
    "discordgym",
    "mariadb",
    "redis",
    "prisma",
    "studio",
)
_GUESSABLE = re.compile("|".join(map(re.escape, GUESSABLE_WORDS)), re.IGNORECASE)

_CHARACTER_CLASSES = (re.compile("[a-z]"), re.compile("[A-Z]"), re.compile("[0-9]"), re.compile("[^a-zA-Z0-9]"))

# Sixteen random hexadecimal digits, the poorest alphabet in use, have fewer only once in 30,000 times.
MINIMUM_DIFFERENT_CHARACTERS = 6


def weakness(secret: object, minimum_length: int) -> str | None:
    """Say what is wrong with a secret as the rest of a sentence that begins with its name, never with its value."""
    if not isinstance(secret, str):
        return f"is no text but of the type {type(secret).__name__}"
    if not secret:
        return "is empty"
    # Secrets travel in environment files, access lists and URLs, where white space ends a value.
    if not secret.isprintable() or " " in secret:
        return "contains white space or unprintable characters"
    if len(secret) < minimum_length:
        return f"is shorter than {minimum_length} characters"
    if len(_GUESSABLE.sub("", secret)) < minimum_length:
        return f"is shorter than {minimum_length} characters without the words that everyone guesses first"
    if sum(bool(of_class.search(secret)) for of_class in _CHARACTER_CLASSES) == 1:
        return "consists of one kind of characters only"
    if len(set(secret)) < MINIMUM_DIFFERENT_CHARACTERS:
        return f"repeats fewer than {MINIMUM_DIFFERENT_CHARACTERS} different characters"
    return None
