"""What it costs to record one small note, against a bare `git add` and `git commit -S` with the same sync settings.

`python -m tests.bench.record [NOTES] [ROUNDS]`: both sides in turn, in one run, each with NOTES notes before; medians.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests.ground.worlds import LAYOUT, plain, save, signer
from vaultcli.ground.repository.repository import Repository

NOTE = b"---\nformat: dap\n---\n\n## Data\n" + b"Slept better, walked twice, called her sister.\n" * 40


def stock(folder: Path, key: Path) -> None:
    """A plain repository with our sync settings and SSH signing."""
    subprocess.run(["git", "init", "-q", "--object-format=sha256", folder], check=True)
    settings = {
        "core.fsync": "all",
        "gc.auto": "0",
        "maintenance.auto": "false",
        "user.name": "Lee Ng",
        "user.email": "lee@clinic.test",
        "gpg.format": "ssh",
        "user.signingkey": str(key),
    }
    for name, value in settings.items():
        plain(folder, "config", name, value)


def main(notes: int = 120, rounds: int = 40) -> None:
    """Print the medians in milliseconds and their ratio."""
    with tempfile.TemporaryDirectory(dir=Path.cwd()) as name:
        top = Path(name)
        sign, _ = signer(top)
        bare = top / "bare"
        stock(bare, top / "key")
        (bare / "notes").mkdir()
        first = {f"notes/2026-{number:03d}.md": NOTE + b"%d" % number for number in range(notes)}
        for path, data in first.items():
            (bare / path).write_bytes(data)
        plain(bare, "add", ".")
        plain(bare, "commit", "-q", "-S", "-m", "first")
        theirs, ours = [], []
        with Repository.create(top / "chart", LAYOUT) as repo:
            save(repo, first, sign=sign)
        for number in range(rounds):
            path, data = f"notes/new-{number}.md", NOTE + b"new %d" % number
            began = time.perf_counter()
            (bare / path).write_bytes(data)
            plain(bare, "add", path)
            plain(bare, "commit", "-q", "-S", "-m", "note recorded")
            theirs.append(time.perf_counter() - began)
            began = time.perf_counter()
            with Repository.open(top / "chart", LAYOUT) as repo:
                save(repo, {path: data}, sign=sign)
            ours.append(time.perf_counter() - began)
    git_ms, our_ms = statistics.median(theirs) * 1000, statistics.median(ours) * 1000
    print(f"{notes} notes, {rounds} rounds: git add + git commit -S {git_ms:.1f} ms")
    print(f"record {our_ms:.1f} ms, ratio {our_ms / git_ms:.2f}")


if __name__ == "__main__":
    main(*(int(word) for word in sys.argv[1:]))
