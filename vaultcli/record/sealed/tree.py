"""The files of one commit, folder by folder, so that two commits are compared by the folders in which they differ.

A practice of thirty years has three hundred drawers and one new file a commit; a plain list of all files for each commit would
be read twelve thousand times. Nothing is parsed here: `ground/git/tree` does that, and the rules see a commit as one mapping.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

Entry = tuple[str, str]
"""Mode and object id."""
FOLDER = "40000"


class Listing(Mapping[str, Entry]):
    """Path to mode and blob id, read when it is asked for.

    Args:
        top: name to mode and id, folders among them.
        folder: gives the files of a folder, however deep, by its id.
    """

    def __init__(self, top: Mapping[str, Entry], folder: Callable[[str], Mapping[str, Entry]]) -> None:
        self.top = top
        self._folder = folder

    def inside(self, name: str) -> Mapping[str, Entry]:
        """What is below a name of the top, by whole path; a file is below itself."""
        entry = self.top.get(name)
        if entry is None:
            return {}
        if entry[0] != FOLDER:
            return {name: entry}
        return {f"{name}/{path}": one for path, one in self._folder(entry[1]).items()}

    def flat(self) -> dict[str, Entry]:
        """All of it as a plain dictionary, for whoever asks often."""
        return {path: entry for name in self.top for path, entry in self.inside(name).items()}

    def __getitem__(self, path: str) -> Entry:
        name, slash, rest = path.partition("/")
        entry = self.top[name]
        if (entry[0] == FOLDER) != bool(slash):
            raise KeyError(path)
        return self._folder(entry[1])[rest] if slash else entry

    def __iter__(self) -> Iterator[str]:
        for name in self.top:
            yield from self.inside(name)

    def __len__(self) -> int:
        return sum(1 for _ in self)


def differences(old: Mapping[str, Entry], new: Mapping[str, Entry]) -> tuple[dict[str, Entry], list[str]]:
    """What a commit has otherwise than its parent: the files that are new or other, and the paths that are gone."""
    if isinstance(old, Listing) and isinstance(new, Listing):
        names = [name for name, entry in new.top.items() if old.top.get(name) != entry]
        names += old.top.keys() - new.top.keys()
        old = {path: entry for name in names for path, entry in old.inside(name).items()}
        new = {path: entry for name in names for path, entry in new.inside(name).items()}
    return {path: entry for path, entry in new.items() if old.get(path) != entry}, sorted(path for path in old if path not in new)
