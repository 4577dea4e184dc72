"""Whether other users of the computer can get at the record."""

import os
from collections.abc import Iterator

from vaultcli.work.health.situation import Health, Situation, ok, problem


def look(s: Situation) -> Iterator[Health]:
    """Owner and permissions of the folders that everything else lies in."""
    wrong = list(_wrong(s))
    yield from wrong or [ok("the record is yours alone on this computer")]


def _wrong(s: Situation) -> Iterator[Health]:
    tops = (s.vault.root, s.vault.chart, s.vault.chart / ".git")
    for path in tops:
        found = path.stat()
        if found.st_uid != os.getuid():
            yield problem(
                f"{path} belongs to another user", "they can change the record", f"chown it to you, or work as its owner: {path}"
            )
        if found.st_mode & 0o022:
            yield problem(f"others may write in {path}", "they can change the record", f"chmod go-w {path}")
    # one closed folder on the way keeps everything below it
    if all(path.stat().st_mode & 0o055 for path in (*s.vault.root.parents[:-1], *tops) if path.exists()):
        yield problem("other users of this computer can read the notes", "they are clinical records", f"chmod go= {s.vault.root}")
