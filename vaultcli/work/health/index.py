"""Whether the index for search and lists can be read."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing

from vaultcli.work.health.situation import Health, Situation, advice, ok


def look(s: Situation) -> Iterator[Health]:
    """The file's head and table of contents; it is made anew from the record whenever it is missing."""
    path = s.vault.chart / ".git" / "vaultcli" / "index.sqlite"
    if not path.is_file():
        yield ok("no index yet; it is made when it is needed")
        return
    try:
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True, timeout=0.2)) as base:
            base.execute("SELECT count(*) FROM sqlite_master").fetchone()
        yield ok(f"index readable, {path.stat().st_size / 1e6:.1f} MB")
    except sqlite3.Error as error:
        if "locked" in str(error):
            yield ok("index in use")
        else:
            yield advice(
                "the index cannot be read", "search and lists make it anew, which takes a while", f"nothing, or delete {path}"
            )
