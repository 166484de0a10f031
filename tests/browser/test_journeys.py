"""The journeys of people through the deployed application, by a real browser."""

import secrets

import pytest
from playwright.sync_api import expect

from .gym import PHONE, LiveLine, OpenVisitor, Visitor


# With two backends taking turns at random, never to meet the second has odds of 1 to 4,000.
VISITORS_UNTIL_ANOTHER_BACKEND = 12
# More than there are focusable elements before the log-in form.
TABS_TO_THE_FORM = 10


def test_an_account_outlives_its_session(visitor: Visitor) -> None:
    account = visitor.register()
    visitor.log_out()
    visitor.log_in(account)
    expect(visitor.page.get_by_text(account.username)).to_be_visible()


def test_a_workout_is_added_edited_and_deleted(visitor: Visitor) -> None:
    visitor.register()
    visitor.add_workout("Leg day", exercise="Squat")
    expect(visitor.workout("Leg day")).to_contain_text("82.5 kg")

    visitor.page.reload()
    visitor.rename_workout("Leg day", "Heavy leg day")
    expect(visitor.workout("Heavy leg day")).to_contain_text("Squat")

    visitor.delete_workout("Heavy leg day")
    expect(visitor.page.get_by_text("No workouts yet")).to_be_visible()


def test_a_deep_link_leads_back_after_the_log_in(open_visitor: OpenVisitor) -> None:
    account = open_visitor().register()
    visitor = open_visitor()
    visitor.page.goto("/workouts/new")
    visitor.sees_heading("Log in")
    visitor.page.get_by_label("Username").fill(account.username)
    visitor.page.get_by_label("Password").fill(account.password)
    visitor.page.get_by_role("button", name="Log in").click()
    visitor.sees_heading("Add a workout")


@pytest.mark.several_backends
def test_two_people_chat_through_different_backends(open_visitor: OpenVisitor) -> None:
    first = open_visitor()
    first.register()
    backend = first.live_backend()
    second = visitor_of_another_backend(open_visitor, backend)
    first.enter_room()
    second.enter_room()

    greeting = f"Hello from {backend} {secrets.token_hex(4)}"
    first.say(greeting)
    second.sees_message(greeting)
    answer = f"Hello to {backend} {secrets.token_hex(4)}"
    second.say(answer)
    first.sees_message(answer)

    assert first.live_backend() == backend
    assert second.live_backend() != backend
    for visitor in (first, second):
        for text in (greeting, answer):
            visitor.sees_message(text)


def test_a_message_that_got_lost_between_backends_appears_once_they_say_so(open_visitor: OpenVisitor) -> None:
    listener, speaker = open_visitor(), open_visitor()
    line = LiveLine(listener.page)
    for visitor in (listener, speaker):
        visitor.register()
        visitor.enter_room()
    line.wait_until_used()

    line.loses_messages = True
    text = f"Is anybody there? {secrets.token_hex(4)}"
    speaker.say(text)
    speaker.sees_message(text)
    expect(listener.page.get_by_text(text)).to_have_count(0)
    line.tell("behind")
    listener.sees_message(text)


def test_the_badge_names_the_backend(visitor: Visitor) -> None:
    visitor.register()
    assert visitor.serving_backend()
    assert visitor.live_backend()


def test_a_phone_shows_everything_without_scrolling_sideways(
    open_visitor: OpenVisitor,
) -> None:
    visitor = open_visitor(PHONE)
    page = visitor.page
    page.goto("/login")
    visitor.sees_heading("Log in")
    assert visitor.overflow_px() == 0

    visitor.register()
    visitor.add_workout("Upperbodyandshouldersandarms" * 3, exercise="Benchpress" * 9)
    assert visitor.overflow_px() == 0

    page.get_by_role("link", name="Add workout").click()
    visitor.sees_heading("Add a workout")
    assert visitor.overflow_px() == 0

    visitor.enter_room()
    text = "Unbreakable" * 20 + secrets.token_hex(4)
    visitor.say(text)
    visitor.sees_message(text)
    assert visitor.overflow_px() == 0
    expect(page.get_by_role("button", name="Send")).to_be_in_viewport()


def test_the_keyboard_alone_logs_in(open_visitor: OpenVisitor) -> None:
    account = open_visitor().register()
    visitor = open_visitor()
    page = visitor.page
    page.goto("/login")
    visitor.sees_heading("Log in")

    username = page.get_by_label("Username")
    tab_until_focused(visitor, "Username")
    assert username.evaluate("element => getComputedStyle(element).outlineStyle") == "solid"
    page.keyboard.type(account.username)
    page.keyboard.press("Tab")
    page.keyboard.type(account.password)
    page.keyboard.press("Enter")

    visitor.sees_heading("Workouts")
    heading = page.get_by_role("heading", level=1, name="Workouts")
    expect(heading).to_be_focused()


def visitor_of_another_backend(open_visitor: OpenVisitor, backend: str) -> Visitor:
    for _ in range(VISITORS_UNTIL_ANOTHER_BACKEND):
        visitor = open_visitor()
        visitor.register()
        if visitor.live_backend() != backend:
            return visitor
        visitor.page.context.close()
    pytest.fail(f"{VISITORS_UNTIL_ANOTHER_BACKEND} visitors in a row were all put on {backend}")


def tab_until_focused(visitor: Visitor, label: str) -> None:
    wanted = visitor.page.get_by_label(label)
    for _ in range(TABS_TO_THE_FORM):
        visitor.page.keyboard.press("Tab")
        if wanted.evaluate("element => element === document.activeElement"):
            return
    pytest.fail(f"{TABS_TO_THE_FORM} times Tab did not lead to {label}")
