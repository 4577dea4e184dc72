"""The options that name lines of a register entry, shared by `client add` and `client edit`."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from vaultcli.places.chart.chart import Chart

_KINDS = ("individual", "couple", "family", "group")
_LINES = (
    ("--kind", {"type": click.Choice(_KINDS), "help": "Default: individual."}),
    ("--members", {"metavar": "ADA,BO,...", "help": "Who belongs to a group: handles, separated by commas."}),
    ("--born", {"metavar": "DATE", "help": "2001-05-30."}),
    ("--phone", {"help": "As you would dial it."}),
    ("--email", {"help": "An address."}),
    ("--address", {"help": "Where the client lives."}),
    ("--emergency", {"metavar": "TEXT", "help": "Whom to call, and how."}),
    ("--guardian", {"multiple": True, "metavar": "TEXT", "help": "Who decides for the client; may be repeated."}),
    ("--slot", {"metavar": "TEXT", "help": "The usual appointment, such as: Tue 14:00-14:53."}),
    ("--place", {"help": "Where notes say the session was: office, video, audio or field."}),
    ("--platform", {"metavar": "NAME", "help": "The service used for sessions by video or audio."}),
    ("--telehealth-consent", {"metavar": "TEXT", "help": "When and how the client consented to telehealth."}),
    ("--format", {"help": "The format of the client's notes, such as dap."}),
    ("--cpt", {"metavar": "CODE", "help": "The usual procedure code."}),
    ("--diagnosis", {"multiple": True, "metavar": "CODE", "help": "May be repeated."}),
    ("--hold", {"metavar": "TEXT", "help": "Why nothing may be destroyed, such as: litigation, from 2026-11-22."}),
    ("--hold-ended", {"metavar": "TEXT", "help": "Why, and since when, a hold ended; with --hold ''."}),
    ("--retain-until", {"metavar": "DATE", "help": "Nothing of the client's is destroyed before this day has passed."}),
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
            values[name.replace("_", "-")] = str(value)
    return values


def with_members(chart: Chart, values: dict[str, str | list[str]]) -> dict[str, str | list[str]]:
    """The same lines with the members' ids in the place of their handles.

    Raises:
        NotFound: one of them fits nobody, or more than one.
    """
    from vaultcli.work.people import register

    named = values.get("members")
    return values | {"members": register.members(chart, named)} if isinstance(named, str) and named else values
