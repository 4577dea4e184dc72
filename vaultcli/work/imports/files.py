"""Finding the texts that are to be imported: in folders, or named one by one. What is no text is named with its reason."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path

from vaultcli.ground.errors import NotFound, Refused
from vaultcli.places.chart.chart import Chart
from vaultcli.record.notes.client import Client
from vaultcli.record.notes.imported import Values
from vaultcli.work.imports import documents

TEXTS = (".txt", ".text", ".md", ".markdown")
"""How the names of texts end that are found in a folder."""
_DOCUMENTS = (".doc", ".odt", ".pages", ".pdf", ".html", ".htm", ".xlsx", ".xls", ".numbers", ".ods")
"""What has to be exported as text by the program that made it."""


@dataclass(frozen=True)
class Asked:
    """A file that is to become a note.

    Args:
        file: on the disk.
        name: what `from` will say: its name with its folders below the one that was named.
        client: whose; None only where a map's skeleton is made.
        values: what was said of it, key to text or texts.
        where: the map and line that name it, `map.csv:3`; empty without a map.
        usual: the day of those that have none of their own; empty where nobody said.
    """

    file: Path
    name: str
    client: Client | None
    values: Values = field(default_factory=dict)
    where: str = ""
    usual: str = ""

    @property
    def called(self) -> str:
        """How the user is told of it."""
        return f"{self.where}: {self.name}" if self.where else self.name


@dataclass(frozen=True)
class Told:
    """Something about a file: how it is called, a sentence after it, and what to do."""

    name: str
    message: str
    hint: str = ""


@dataclass
class Found:
    """What stands in folders: texts, what is left out, and how much is hidden."""

    texts: list[Asked] = field(default_factory=list)
    left_out: list[Told] = field(default_factory=list)
    hidden: int = 0


def find(chart: Chart, places: Iterable[Path], client: Client | None, values: Values, usual: str = "") -> Found:
    """The texts in folders, and files that are named.

    Args:
        chart: the chart.
        places: folders and files.
        client: whose they are.
        values: what was said of all of them.
        usual: the day of those that have none of their own.

    Raises:
        NotFound: there is no such file.
        Refused: it lies in the vault's own repository.
    """
    found = Found()
    for place in places:
        if place.resolve().is_relative_to(chart.vault.chart.resolve()):
            raise Refused(f"{place} lies in the vault itself", hint="`vaultcli save` records what is in its folders")
        if place.is_dir():
            _walk(Asked(place, "", client, values, usual=usual), found)
        elif os.path.lexists(place):
            sort_in(Asked(place, place.name, client, values, usual=usual), found, named=True)
        else:
            raise NotFound(f"there is no file {place}")
    return found


def _walk(asked: Asked, found: Found) -> None:
    top = asked.file
    for folder, below, inside in os.walk(top):
        found.hidden += sum(name.startswith(".") for name in (*below, *inside))
        below[:] = sorted(name for name in below if not name.startswith("."))
        links = [name for name in below if (Path(folder) / name).is_symlink()]
        for name in sorted((*links, *(name for name in inside if not name.startswith(".")))):
            file = Path(folder) / name
            sort_in(replace(asked, file=file, name=str(file.relative_to(top))), found)


def sort_in(asked: Asked, found: Found, *, named: bool = False) -> None:
    """Enter a file among the texts, or among what is left out; one that was named is a text whatever its name."""
    suffix = asked.file.suffix.lower()
    if asked.file.is_symlink():
        found.left_out.append(Told(asked.called, "is a symbolic link", "name the file that it leads to"))
    elif suffix in documents.NEEDS:
        if documents.can_read(suffix):
            found.texts.append(asked)
        else:
            found.left_out.append(Told(asked.called, "is a document and no text", documents.EXTRA))
    elif suffix in _DOCUMENTS:
        found.left_out.append(Told(asked.called, "is a document and no text", _DOCUMENT))
    elif not named and suffix not in TEXTS:
        found.left_out.append(Told(asked.called, f"is no text by its name ({', '.join(TEXTS)})", "name it to import it"))
    else:
        found.texts.append(asked)


_DOCUMENT = "export it as text from the program that made it"
