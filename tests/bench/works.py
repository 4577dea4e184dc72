"""What is measured: each function gives rows of the table. `docs/benchmarks.md` says what each stands for."""

from __future__ import annotations

import random
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from tests.bench.timing import Row, Sample, at_most, in_turn, once, process, shown, within
from vaultcli.cli import COMMANDS
from vaultcli.ground import files, ids
from vaultcli.places.chart.chart import Chart, Recording
from vaultcli.places.machine import vault as vaults
from vaultcli.places.machine.vault import Vault
from vaultcli.record.notes import client

VAULTCLI = Path(sys.executable).with_name("vaultcli")
NOTE = (
    b"---\nformat: dap\ndate: 2024-12-20\ntime: 09:00-09:53\nplace: office\ncpt: 90834\ndiagnoses: [F33.1]\n"
    b"id: {id}\n---\n\n## Data\n\n" + b"Slept better, walked twice, called her sister.\n" * 30
)
SYNC = {"core.fsync": "all", "gc.auto": "0", "maintenance.auto": "false", "gpg.format": "ssh"}


class Site:
    """A generated practice as the measures use it.

    Args:
        vault: where it is.
        notes: how many signed notes it has.
    """

    def __init__(self, vault: Vault, notes: int) -> None:
        self.vault, self.notes = vault, notes
        self.ids = sorted(path.name for path in (vault.chart / "clients").iterdir())
        self.clients = [self.handle(one) for one in self.ids]

    def handle(self, client_id: str) -> str:
        """A client's handle."""
        return client.parse((self.vault.chart / "clients" / client_id / client.PATH).read_bytes()).handle

    def folder(self, handle: str) -> Path:
        """A client's folder."""
        return self.vault.chart / "clients" / self.ids[self.clients.index(handle)]

    def command(self, *words: str, ok: tuple[int, ...] = (0,), stdin: bytes = b""):
        """A vaultcli command in this vault, as work."""
        return process(VAULTCLI, *words, cwd=self.vault.root, ok=ok, stdin=stdin)


def at(folder: Path, notes: int) -> Site:
    """The practice that `generate` left in a folder."""
    return Site(vaults.load(folder / "practice"), notes)


def starting(rounds: int) -> list[Row]:
    """A command that does nothing."""
    ours, python = in_turn(rounds, process(VAULTCLI, "--version"), process(sys.executable, "-c", "pass"))
    return [at_most("`vaultcli --version`", ours, python, "`python -c pass`", 6)]


WORD = "shame"
"""What is searched: a word that half of the notes have."""


def looking(site: Site, rounds: int) -> list[Row]:
    """The commands that look, caches warm; search beside ripgrep over the same files."""
    whose = site.clients[len(site.clients) // 2]
    made = indexing(site)
    ripgrep = process("rg", "-wil", "-g", "*.md", WORD, ".", cwd=site.vault.chart / "clients", ok=(0, 1))
    works = [site.command(*words, ok=(0, 1)) for words in (("status",), ("list", whose), ("search", WORD))]
    status, listed, found, rg = in_turn(rounds, *works, ripgrep)
    return [
        within(f"`status`, {site.notes:,} notes", status, 0.25),
        within(f"`list CLIENT`, {site.notes:,} notes", listed, 0.25),
        within(f"`search WORD`, {site.notes:,} notes", found, 0.25),
        at_most("... beside ripgrep", found, rg, "`rg -wil -g '*.md'`", 1.5),
        made,
    ]


def indexing(site: Site) -> Row:
    """The index made from nothing, by the first search."""
    index = site.vault.chart / ".git" / "vaultcli" / "index.sqlite"
    index.unlink(missing_ok=True)
    sample = once(site.command("search", WORD, ok=(0, 1)))
    return Row("... the index made from nothing", f"{sample}; {index.stat().st_size / 1e6:.0f} MB", "", None, "", None)


def beginning(small: Site, large: Site, rounds: int, scratch: Path) -> list[Row]:
    """`new` until the editor starts: the editor is a shell that writes the time and ends."""
    mark, editor = scratch / "started", scratch / "editor"
    editor.write_text(f"#!/bin/sh\ndate +%s%N > {mark}\n")
    editor.chmod(0o755)

    def work(site: Site):
        run = site.command("new", site.clients[0], "09:00-09:53", ok=(0, 1))

        def measured() -> float:
            began = time.time_ns()
            run()
            return (int(mark.read_text()) - began) / 1e9

        return measured

    with environment(EDITOR=str(editor), VISUAL=str(editor)):
        few, many = in_turn(rounds, work(small), work(large))
    return [
        within(f"`new` until the editor starts, {large.notes:,} notes", many, 0.15),
        at_most("... does not grow", many, few, f"{small.notes:,} notes", 1.25),
    ]


def recording(small: Site, large: Site, rounds: int, scratch: Path) -> list[Row]:
    """Recording one note, as a whole command and in process, against plain git on a clone of the same line."""
    whose = large.clients[-1]
    bare = Bare(large, whose, scratch / "bare")
    works = (
        lambda: record_here(large, whose),
        lambda: record_here(small, small.clients[-1]),
        lambda: save(large, whose),
        lambda: save(small, small.clients[-1]),
        bare.commit,
    )
    here, here_small, whole, whole_small, git = in_turn(rounds, *works)
    plain = "`git add` + `git commit -S`"
    return [
        at_most(f"recording one note (in process), {large.notes:,} notes", here, git, plain, 2),
        at_most("... does not grow", here, here_small, f"{small.notes:,} notes", 1.25),
        at_most(f"`save CLIENT` (the whole command), {large.notes:,} notes", whole, git, plain, None),
        at_most("... does not grow", whole, whole_small, f"{small.notes:,} notes", 1.25),
    ]


def signing(large: Site, rounds: int, scratch: Path) -> list[Row]:
    """Signing one recorded draft, against `ssh-keygen -Y sign` and then plain git."""
    whose = large.clients[-2]
    bare = Bare(large, whose, scratch / "bare-signed")

    def ours() -> float:
        id_ = record_here(large, whose, id_only=True)
        began = time.perf_counter()
        large.command("sign", str(id_), "--yes")()
        return time.perf_counter() - began

    mine, git = in_turn(rounds, ours, lambda: bare.commit(sign=True))
    return [
        at_most(
            f"`sign NOTE` (the whole command), {large.notes:,} notes", mine, git, "`ssh-keygen -Y sign`, then plain git", None
        )
    ]


def record_here(site: Site, handle: str, *, id_only: bool = False) -> float | str:
    """Record a new draft in this process, the chart freshly opened as every command does it; the seconds, or the note's id."""
    id_ = ids.new()
    path, raw = f"notes/2024-12-20-progress-{id_}.md", NOTE.replace(b"{id}", id_.encode())
    began = time.perf_counter()
    with Chart(site.vault) as chart:
        chart.record(site.folder(handle).name, Recording("draft", (id_,), {path: raw}), datetime.now().astimezone())
    return id_ if id_only else time.perf_counter() - began


def save(site: Site, handle: str) -> float:
    """Record what an editor left, by the command."""
    id_ = ids.new()
    file = site.folder(handle) / "notes" / f"2024-12-20-progress-{id_}.md"
    files.create(file, NOTE.replace(b"{id}", id_.encode()))
    began = time.perf_counter()
    site.command("save", handle)()
    return time.perf_counter() - began


class Bare:
    """Plain git on a clone of one client's line: the same files, the same key, the same sync settings."""

    def __init__(self, site: Site, handle: str, top: Path) -> None:
        self.top, self.key = top, site.vault.keys / site.vault.machine_key
        branch = f"client/{site.folder(handle).name}"
        self.git("init", "-q", "--object-format=sha256", str(top), at=Path("/"))
        settings = SYNC | {"user.name": "Lee Example", "user.email": "lee-example", "user.signingkey": str(self.key)}
        for name, value in settings.items():
            self.git("config", name, value)
        self.git("fetch", "-q", str(site.vault.chart), f"refs/heads/{branch}:refs/heads/line")
        self.git("checkout", "-q", "line")

    def git(self, *words: str, at: Path | None = None) -> None:
        """One git command."""
        subprocess.run(["git", *words], cwd=at or self.top, check=True, capture_output=True)

    def commit(self, *, sign: bool = False) -> float:
        """A note written, added and committed; signed as a file before that if wanted."""
        id_ = ids.new()
        path = f"notes/2024-12-20-progress-{id_}.md"
        (self.top / path).write_bytes(NOTE.replace(b"{id}", id_.encode()))
        began = time.perf_counter()
        if sign:
            words = ["ssh-keygen", "-q", "-Y", "sign", "-n", "note@vaultcli.v1", "-f", self.key, path]
            subprocess.run(words, cwd=self.top, check=True, capture_output=True)
        self.git("add", *([path, f"{path}.sig"] if sign else [path]))
        self.git("commit", "-q", "-S", "-m", "note recorded")
        return time.perf_counter() - began


def verifying(site: Site, sampled: int) -> list[Row]:
    """Everything from nothing, then again after one note, against `git verify-commit`, one process a commit."""
    chart = site.vault.chart
    listed = subprocess.run(["git", "rev-list", "--all"], cwd=chart, check=True, capture_output=True).stdout.decode().split()
    chosen = random.Random(1).sample(listed, min(sampled, len(listed)))
    signers = f"gpg.ssh.allowedSignersFile={chart / 'allowed_signers'}"
    half = len(chosen) // 2
    loop = [process("git", "-c", signers, "verify-commit", one, cwd=chart) for one in chosen]
    before = once(lambda: [work() for work in loop[:half]])
    cold = once(lambda: verify(site, cold=True))
    after = once(lambda: [work() for work in loop[half:]])
    each = (before.median + after.median) / len(chosen)
    used = (before.processor[0] + after.processor[0]) / len(chosen)
    whole = Sample((each * len(listed),), (used * len(listed),))
    ratio = whole.median / cold.median
    rows = [
        Row(
            f"`verify --cold`, {len(listed):,} commits, {site.notes:,} notes",
            str(cold),
            f"`git verify-commit` on {len(chosen)} commits, {shown(each)} each: {whole}",
            ratio,
            ">= 40 x faster",
            ratio >= 40,
        )
    ]
    # files that were touched a moment ago are looked at again, whatever is remembered of them
    time.sleep(2.5)
    verify(site, cold=False)
    record_here(site, site.clients[0])
    again = in_turn(3, lambda: verify(site, cold=False))[0]
    return [*rows, within("`verify` after one note", again, 1)]


def verify(site: Site, *, cold: bool) -> None:
    """The command where there is one, else what it calls."""
    if "verify" in COMMANDS:
        site.command("verify", *(["--cold"] if cold else []), ok=(0, 1))()
        return
    code = (
        "import sys,pathlib,datetime; from vaultcli.verify import vault;"
        f"sys.exit(vault.verify(pathlib.Path(sys.argv[1]), now=datetime.datetime.now().astimezone(), cold={cold}).exit_code)"
    )
    process(sys.executable, "-c", code, site.vault.chart)()


@contextmanager
def environment(**values: str) -> Iterator[None]:
    """Settings of the environment for a while."""
    import os

    before = {name: os.environ.get(name) for name in values}
    os.environ.update(values)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name)
            else:
                os.environ[name] = value
