"""Whether the user's editor is found and will open."""

from collections.abc import Iterator

from vaultcli.ground.editor import command as editor
from vaultcli.ground.errors import EditorTrouble
from vaultcli.work.health.situation import Health, Machine, advice, ok


def look(machine: Machine) -> Iterator[Health]:
    """The editor that `new` and `edit` would start."""
    try:
        yield ok(f"editor {editor.chosen(machine.environ).name}")
    except EditorTrouble as error:
        yield advice(error.message, "notes are written in an editor; without one only -m and --from write them", error.hint)
