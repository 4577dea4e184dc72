"""`vaultcli client add`: a new chart."""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING, Any

import click

from vaultcli.cli.door import Options, pass_options
from vaultcli.cli.people import client_fields
from vaultcli.cli.ui import clock, prompt, terminal
from vaultcli.ground.errors import Refused

if TYPE_CHECKING:
    from vaultcli.places.chart.chart import Chart


@click.command("add")
@click.argument("name", required=False)
@click.option("--handle", help="The short name for the keyboard, unique in the vault.")
@client_fields.lines
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@pass_options
def command(options: Options, /, name: str | None, handle: str | None, as_json: bool, **lines: Any) -> None:  # noqa: ANN401
    """Open a client's chart.

    A name typed here lands in your shell's history; leave it out, and it is asked for.

    A couple or a family is one client. A group is an entry that names its members, each of whom has a chart of their own:

    \b
    vaultcli client add "Tuesday skills" --handle tuesday --kind group \\
        --members ada,bo,cy --cpt 90853
    """  # noqa: D301
    from vaultcli.cli.open_chart import open_chart
    from vaultcli.work.people import register

    with open_chart(options) as chart:
        values = client_fields.with_members(chart, client_fields.given(lines))
        values["name"] = name or prompt.ask_line("name")
        if not _is_another(chart, str(values["name"])):
            raise Refused("nothing was opened", hint="`vaultcli client list` shows the register")
        values["handle"] = handle or prompt.ask_line("handle", default=_handle(str(values["name"]), chart))
        made = register.add(chart, values, clock.now())
        folder = chart.folder(made.id)
    if as_json:
        terminal.emit_json({"id": made.id, "handle": made.handle, "folder": str(folder)})
    else:
        terminal.say(f"opened {made.handle}, {terminal.escape(str(folder), keep='')}")


def _is_another(chart: Chart, name: str) -> bool:
    """Whether a client of a name that is there already is another one: asked, and told where nobody can be asked."""
    wanted = " ".join(name.casefold().split())
    for one in chart.clients():
        if " ".join(one.name.casefold().split()) != wanted:
            continue
        born = f", born {one.text('born')}" if one.text('born') else ""
        closed = ", closed" if one.closed else ""
        said = terminal.escape(f"{one.handle} is called {one.name}, too{born}{closed}", keep="")
        if not terminal.is_interactive():
            terminal.warn(said)
        elif not prompt.confirm(f"{said}: is this another person?"):
            return False
    return True


def _handle(name: str, chart: Chart) -> str:
    """A first name in small letters, with the last name where it is taken; empty where no free one comes of it."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    words = list(filter(None, (re.sub(r"[^a-z0-9]", "", word) for word in plain.split())))
    taken = {one.handle for one in chart.clients()}
    tries = [words[0], f"{words[0]}-{words[-1]}"] if words else []
    return next((one for one in tries if len(one) <= 40 and one not in taken), "")
