"""Words that were struck and inserted are told apart without a colour, on every terminal and in every copy of what it shows."""

from __future__ import annotations

import sys

import pytest

from vaultcli.cli.ui import worddiff

OLD, NEW = "BP 120/80\nMonday's dose\n", "BP 130/80\nTuesday's dose\n"
PLAIN = "BP [-120-]{+130+}/80\n[-Monday-]{+Tuesday+}'s dose\n"


@pytest.fixture
def screen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    monkeypatch.setenv("TERM", "xterm")


def test_in_a_pipe() -> None:
    assert worddiff.render(OLD, NEW) == PLAIN


@pytest.mark.usefixtures("screen")
@pytest.mark.parametrize(("name", "value"), [("NO_COLOR", "1"), ("TERM", "dumb")])
def test_on_a_terminal_that_shows_no_colour(name: str, value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(name, value)
    assert worddiff.render(OLD, NEW) == PLAIN


@pytest.mark.usefixtures("screen")
def test_on_a_terminal_with_colours_the_signs_stand_too() -> None:
    assert worddiff.render(OLD, NEW).startswith("BP \x1b[9;31m[-120-]\x1b[0m\x1b[4;32m{+130+}\x1b[0m/80\n")


@pytest.mark.usefixtures("screen")
def test_each_line_has_its_own_colour() -> None:
    assert worddiff.render("a\n", "a\nb\nc\n") == "a\n\x1b[4;32m{+b\x1b[0m\n\x1b[4;32mc+}\x1b[0m\n"
