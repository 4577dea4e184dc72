"""Where a note's template comes from: the practice's own, as its policy has it, before the shipped one."""

from __future__ import annotations

from vaultcli.ground import resources
from vaultcli.ground.errors import NotFound
from vaultcli.places.chart import Chart
from vaultcli.record import fields

_FOLDER = "templates/notes"


def name_of(type_: str, format_: str) -> str:
    """A template's name: the format of a progress note, else the type."""
    return format_ if type_ in ("", fields.PROGRESS) else type_


def find(chart: Chart, name: str) -> bytes | None:
    """A template's bytes, or None where nobody has one of that name."""
    head = chart.repository.head("practice")
    own = chart.repository.read(head, f"{_FOLDER}/{name}.md") if head else None
    if own is not None:
        return own
    try:
        return resources.text("templates", f"notes/{name}.md").encode()
    except NotFound:
        return None


def get(chart: Chart, name: str) -> bytes:
    """A template's bytes.

    Raises:
        NotFound: there is none; the names that there are, are listed.
    """
    raw = find(chart, name)
    if raw is None:
        raise NotFound(f"no template is called {name}", hint="there are: " + ", ".join(names(chart)))
    return raw


def names(chart: Chart) -> list[str]:
    """The names of all templates, sorted."""
    shipped = {path.stem for path in (resources.folder("templates") / "notes").glob("*.md")}
    head = chart.repository.head("practice")
    own = chart.repository.files(head) if head else {}
    return sorted(shipped | {path.rpartition("/")[2].removesuffix(".md") for path in own if path.startswith(_FOLDER)})
