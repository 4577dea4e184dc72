"""`vaultcli log`: every recorded version of a client's line, or of one note."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from vaultcli.cli.door import Options, pass_options
from vaultcli.cli.ui import picker, terminal

if TYPE_CHECKING:
    from vaultcli.work.notes.versions import Version


@click.command("log")
@click.argument("what", metavar="[CLIENT|NOTE]", required=False)
@click.option("--json", "as_json", is_flag=True, help="Print it as JSON; docs/json.md describes the keys.")
@pass_options
def command(options: Options, what: str | None, as_json: bool) -> None:
    """Every recorded version: when, by whom, what, and the commit; newest first.

    A client's handle or name gives the whole line of that client; CLIENT~0, CLIENT@DATE, a path or part of an id gives
    one note, its texts numbered for `vaultcli show --version` and `vaultcli diff`.
    """
    from vaultcli.cli.open_chart import open_chart
    from vaultcli.work.notes.versions import texts, versions

    with open_chart(options) as chart:
        client, entry = picker.client_or_note(chart, what)
        found = versions(chart, client.id, entry.name.stem if entry else "")
        numbers = {(one.version.commit, one.path): one.number for one in texts(chart, entry)} if entry else {}
        rows = [_row(version, numbers) for version in reversed(found)]
        if as_json:
            terminal.emit_json({"client": client.id, "versions": rows})
        else:
            terminal.say(terminal.table([_cells(row) for row in rows], whole=(0,)) or "nothing is recorded")


def _row(version: Version, numbers: dict[tuple[str, str], int]) -> dict[str, Any]:
    paths = sorted(path for path in version.files if not path.endswith(".sig"))
    texts = [numbers[version.commit, path] for path in paths if (version.commit, path) in numbers]
    return {
        "commit": version.commit,
        "time": version.when,
        "by": version.by,
        "event": version.event,
        "ids": list(version.ids),
        "paths": paths or sorted(version.files),
        "version": texts[-1] if texts else None,
    }


def _cells(row: dict[str, Any]) -> list[str]:
    number = f"version {row['version']}" if row["version"] else ""
    from vaultcli.record.notes import attachment

    # an attached file goes with the note that describes it
    told = (path for path in row["paths"] if path != ".gitattributes" and not attachment.id_of(path))
    names = ", ".join(map(_named, told))
    return [terminal.moment(row["time"]), row["event"], number, names, row["by"], row["commit"][:12]]


def _named(path: str) -> str:
    """A file as a reader knows it: the note's id, which a narrow terminal must not cut, its day and type, or what was added."""
    from vaultcli.record.notes import names
    from vaultcli.record.notes.names import AdditionName

    name = names.parse(path)
    if name is None:
        return {"client.md": "register entry"}.get(path, path)
    if isinstance(name, AdditionName):
        return f"{name.target.id} {name.target.date} {name.target.type}, {name.kind}"
    return f"{name.id} {name.date} {name.type}"
