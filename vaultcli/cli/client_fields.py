"""The options that name lines of a register entry, shared by `client add` and `client edit`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import click

_KINDS = ("individual", "couple", "family", "group")
_LINES = (
    ("--kind", {"type": click.Choice(_KINDS), "help": "Default: individual."}),
    ("--born", {"metavar": "DATE", "help": "2001-05-30."}),
    ("--phone", {"help": "As you would dial it."}),
    ("--email", {"help": "An address."}),
    ("--address", {"help": "Where the client lives."}),
    ("--emergency", {"metavar": "TEXT", "help": "Whom to call, and how."}),
    ("--guardian", {"multiple": True, "metavar": "TEXT", "help": "Who decides for the client; may be repeated."}),
    ("--slot", {"metavar": "TEXT", "help": "The usual appointment, such as: Tue 14:00-14:53."}),
    ("--place", {"help": "Where notes say the session was: office, video, audio or field."}),
    ("--format", {"help": "The format of the client's notes, such as dap."}),
    ("--cpt", {"metavar": "CODE", "help": "The usual procedure code."}),
    ("--diagnosis", {"multiple": True, "metavar": "CODE", "help": "May be repeated."}),
)
_PLURAL = {"guardian": "guardians", "diagnosis": "diagnoses"}


def lines(function: Callable[..., Any]) -> Callable[..., Any]:
    """Decorator: the command takes an option for each line of an entry."""
    function = click.option("--part2/--no-part2", default=None, help="Records of this client are under 42 CFR Part 2.")(function)
    for name, settings in reversed(_LINES):
        function = click.option(name, **settings)(function)
    return function


def given(options: dict[str, Any]) -> dict[str, str | list[str]]:
    """The lines that were named, as the register has them; an empty text takes a line out."""
    values: dict[str, str | list[str]] = {}
    for name, value in options.items():
        if value is None or value == ():
            continue
        if isinstance(value, bool):
            values[name] = "true" if value else ""
        elif isinstance(value, tuple):
            values[_PLURAL[name]] = [one for one in value if one]
        else:
            values[name] = str(value)
    return values
