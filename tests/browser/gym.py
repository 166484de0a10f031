"""What a visitor of DiscordGym does and sees, in a visitor's words."""

import re
import secrets
from dataclasses import dataclass, field
from typing import Protocol

from playwright.sync_api import Locator, Page, WebSocketRoute, expect


Viewport = tuple[int, int]
DESKTOP: Viewport = (1200, 800)
PHONE: Viewport = (375, 667)

UPGRADE_LOOK_MS = 50
UPGRADE_LOOKS = 200


@dataclass(frozen=True)
class Account:
    username: str = field(default_factory=lambda: f"visitor-{secrets.token_hex(4)}")
    password: str = field(default_factory=lambda: secrets.token_urlsafe(16))


class Visitor:
    def __init__(self, page: Page) -> None:
        self.page = page

    # Account

    def register(self) -> Account:
        account = Account()
        self.page.goto("/register")
        self._enter(account)
        self.page.get_by_role("button", name="Register").click()
        self.sees_heading("Workouts")
        return account

    def log_in(self, account: Account) -> None:
        self.page.goto("/login")
        self._enter(account)
        self.page.get_by_role("button", name="Log in").click()
        self.sees_heading("Workouts")

    def log_out(self) -> None:
        self.page.get_by_role("button", name="Log out").click()
        self.sees_heading("Log in")

    def _enter(self, account: Account) -> None:
        self.page.get_by_label("Username").fill(account.username)
        self.page.get_by_label("Password").fill(account.password)

    # Workouts

    def add_workout(self, name: str, exercise: str) -> None:
        self.page.get_by_role("link", name="Workouts").click()
        self.page.get_by_role("link", name="Add workout").click()
        self.page.get_by_label("Name").fill(name)
        first = self.page.get_by_role("group", name="Exercise 1")
        first.get_by_label("Exercise", exact=True).fill(exercise)
        first.get_by_label("Sets").fill("3")
        first.get_by_label("Reps").fill("8")
        first.get_by_label("Weight (kg)").fill("82.5")
        self.page.get_by_role("button", name="Save workout").click()
        self.sees_heading("Workouts")

    def rename_workout(self, name: str, new_name: str) -> None:
        self.page.get_by_role("link", name=f"Edit {name}").click()
        expect(self.page.get_by_label("Name")).to_have_value(name)
        self.page.get_by_label("Name").fill(new_name)
        self.page.get_by_role("button", name="Save workout").click()
        self.sees_heading("Workouts")

    def delete_workout(self, name: str) -> None:
        self.page.get_by_role("button", name=f"Delete {name}").click()
        dialog = self.page.get_by_role("dialog")
        dialog.get_by_role("button", name="Delete").click()

    def workout(self, name: str) -> Locator:
        return self.page.get_by_role("article", name=name)

    # Chat

    def enter_room(self, name: str = "general") -> None:
        self.page.get_by_role("link", name="Chat").click()
        self.page.get_by_role("link", name=name, exact=True).click()
        self.sees_heading(name)
        expect(self.page.get_by_role("log")).to_have_attribute("aria-busy", "false")

    def say(self, text: str) -> None:
        self.page.get_by_label("Message", exact=True).fill(text)
        self.page.keyboard.press("Enter")

    def sees_message(self, text: str) -> None:
        expect(self.page.get_by_role("log").get_by_text(text, exact=True)).to_have_count(1)

    # Surroundings

    def sees_heading(self, text: str) -> None:
        expect(self.page.get_by_role("heading", level=1, name=text, exact=True)).to_be_visible()

    def serving_backend(self) -> str:
        """The backend of the last answer, as the badge names it."""
        return self._badge(r"Served by (\S+)")

    def live_backend(self) -> str:
        """The backend that holds the live connection, as the badge names it."""
        return self._badge(r"Live on (\S+)")

    def _badge(self, pattern: str) -> str:
        part = self.page.get_by_role("status", name="Service status").get_by_text(re.compile(pattern))
        expect(part).to_be_visible()
        found = re.search(pattern, part.inner_text())
        assert found
        return found[1]

    def overflow_px(self) -> int:
        """How far the page can be pushed sideways."""
        overflow: int = self.page.evaluate(
            "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        )
        return overflow


class LiveLine:
    """A page's websocket, on which messages can get lost; to be made before the page is loaded."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.loses_messages = False
        self._page_end: WebSocketRoute | None = None
        self._upgraded = False
        page.route_web_socket(re.compile(r"/socket\.io/"), self._connect)

    def wait_until_used(self) -> None:
        """A live connection begins by polling, and goes on here."""
        for _ in range(UPGRADE_LOOKS):
            if self._upgraded:
                return
            self.page.wait_for_timeout(UPGRADE_LOOK_MS)
        raise AssertionError("The live connection goes on by polling.")

    def tell(self, event: str) -> None:
        """Say to the page what the backend would."""
        assert self._page_end
        self._page_end.send(f'42["{event}"]')

    def _connect(self, page: WebSocketRoute) -> None:
        self._page_end = page
        backend = page.connect_to_server()

        def to_backend(packet: str | bytes) -> None:
            # Engine.IO's packet for the end of an upgrade.
            self._upgraded |= packet == "5"
            backend.send(packet)

        def to_page(packet: str | bytes) -> None:
            if not (self.loses_messages and str(packet).startswith('42["message"')):
                page.send(packet)

        page.on_message(to_backend)
        backend.on_message(to_page)


class OpenVisitor(Protocol):
    """Opens a browser of its own for one more visitor."""

    def __call__(self, viewport: Viewport = DESKTOP) -> Visitor: ...
