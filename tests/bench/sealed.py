"""What is measured of psychotherapy notes, on what `drawers` makes; `docs/benchmarks.md` says what each row stands for."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from random import Random

from tests.bench.drawers import Site, use_up
from tests.bench.timing import Row, Sample, at_most, in_turn, process, within
from tests.bench.works import VAULTCLI, environment
from vaultcli.ground.age import seal as age
from vaultcli.places.sealed import settings
from vaultcli.psychotherapy.notes import files as notes
from vaultcli.psychotherapy.unlock.keys import Keys
from vaultcli.psychotherapy.unlock.opener import Known
from vaultcli.record.sealed import header, paths
from vaultcli.record.sealed.drawer import CLIENT

SAMPLED = 300
"""Files that the comparison opens, some each round; the time of all is reckoned from them."""
LONG = 3
"""Rounds of what takes seconds."""
MANY = 5000
"""Notes from which the bar is held against the ratio: of a few notes the start of Python is most."""
WORD = "garden"
"""What is looked for: in some notes of each client, and in nearly half of all."""
NOTE = "The garden again, and what she did not say about it.\n" * 30
_LOOP = 'for file in "$1"/*.age; do found="$(age -d -i "$2" "$file" | grep -a -i "$3")"; done; true'
_PASSPHRASE = "four words make a passphrase"
_SETTLED = 2.5
"""Seconds after which git and we believe a file's time."""


def measure(small: Site, large: Site, rounds: int, scratch: Path) -> list[Row]:
    """Every row; the large site has lost some drawers afterwards."""
    rows = [*searching(large, min(rounds, LONG), scratch), *listing(large, rounds), *beginning(small, large, rounds, scratch)]
    rows += recording(small, large, rounds)
    rows += verifying(large, min(rounds, LONG))
    rows += rotating(large, min(rounds, LONG), scratch)
    return [*rows, *destroying(large, min(rounds, LONG), scratch)]


def command(site: Site, *words: str | Path, ok: tuple[int, ...] = (0,), stdin: str = "") -> Callable[[], None]:
    """A vaultcli command in this vault, as work."""
    return process(VAULTCLI, *words, cwd=site.root, ok=ok, stdin=stdin.encode())


@contextmanager
def unlocked(*sites: Site) -> Iterator[None]:
    """With an agent for each."""
    for site in sites:
        command(site, "unlock", "--for", "2h")()
    try:
        yield
    finally:
        for site in sites:
            command(site, "lock")()


def timed(work: Callable[[], object]) -> float:
    """The seconds of some work."""
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def searching(site: Site, rounds: int, scratch: Path) -> list[Row]:
    """A search of all sealed notes, beside what passage does: age and grep for each file."""
    parts, identity = _store_of_files(site, rounds + 1, scratch)
    search = command(site, "psychotherapy", "search", WORD)
    turn = iter(parts)

    def with_agent() -> float:
        with unlocked(site):
            return timed(search)

    def theirs() -> float:
        part = next(turn)
        seconds = timed(lambda: subprocess.run(["bash", "-c", _LOOP, "-", str(part), str(identity), WORD], check=True))
        return seconds / len(list(part.iterdir())) * site.notes

    ours, agent, loop = in_turn(rounds, search, with_agent, theirs)
    sampled = sum(len(list(part.iterdir())) for part in parts[1:])
    against = f"`age` and `grep` for each file, {sampled} of them, reckoned up: {loop}"
    many = site.notes >= MANY

    def row(what: str, sample: Sample) -> Row:
        ratio = loop.median / sample.median
        return Row(what, str(sample), against, ratio, ">= 20 x faster" if many else "", ratio >= 20 if many else None)

    what = f"`psychotherapy search WORD`, {site.notes:,} sealed notes"
    return [row(f"{what}, unlocked identity", ours), row("... with the agent", agent)]


def _store_of_files(site: Site, rounds: int, scratch: Path) -> tuple[list[Path], Path]:
    """Some of the notes as a password store keeps them, all for one identity: a folder for each round, and the identity."""
    with site.store() as store:
        keys = Keys.unlock(store, lambda _: "")
        every = [at for token in store.drawers() for at in store.files(token)]
        chosen = Random(0).sample(every, min(SAMPLED, len(every)))
        secret = age.generate()
        identity = scratch / "identities.txt"
        identity.write_text(f"{secret.text}\n")
        parts = [scratch / f"store-{number}" for number in range(rounds)]
        for part in parts:
            part.mkdir()
        for number, at in enumerate(chosen):
            raw = age.seal(keys.open(at.token, store.raw(at.path)), [secret.recipient])
            (parts[number % rounds] / f"{at.id}.age").write_bytes(raw)
    return parts, identity


def listing(site: Site, rounds: int) -> list[Row]:
    """Whose notes there are, and one client's, with the agent."""
    whose = site.clients[len(site.clients) // 2]
    with unlocked(site):
        works = [command(site, "psychotherapy", "list", *words) for words in ((), (whose,))]
        everyone, one = in_turn(rounds, *works)
    what = f"`psychotherapy list`, {len(site.clients)} drawers, {site.notes:,} notes, with the agent"
    return [Row(what, str(everyone), "", None, "", None), Row("... `list CLIENT`", str(one), "", None, "", None)]


def beginning(small: Site, large: Site, rounds: int, scratch: Path) -> list[Row]:
    """`new` until the editor starts: a shell that says the time and ends. It is called `nano`, which needs no confirmation."""
    editor = scratch / "nano"
    editor.write_text("#!/bin/sh\ndate +%s%N\n")
    editor.chmod(0o755)

    def work(site: Site) -> Callable[[], float]:
        words = [VAULTCLI, "psychotherapy", "new", site.clients[0]]

        def measured() -> float:
            began = time.time_ns()
            said = subprocess.run(words, cwd=site.root, check=True, capture_output=True).stdout
            return (int(said.split(b"\n")[0]) - began) / 1e9

        return measured

    with environment(EDITOR=str(editor), VISUAL=str(editor)), unlocked(small, large):
        few, many = in_turn(rounds, work(small), work(large))
    what = f"`psychotherapy new` until the editor starts, {large.notes:,} notes, with the agent"
    return [Row(what, str(many), "", None, "", None), at_most("... does not grow", many, few, f"{small.notes:,} notes", 1.25)]


def recording(small: Site, large: Site, rounds: int) -> list[Row]:
    """Recording one note, in process and by the command."""

    def here(site: Site) -> float:
        known = _first_drawer(site)
        began = time.perf_counter()
        with site.store() as store, store.machine() as (entry, signer):
            contents = {header.NOTE_FILE: NOTE.encode()}
            now = datetime.now().astimezone()
            head = notes.head_of(known, header.NOTE, now, contents, by=store.settings.by, machine=entry)
            store.record(notes.sealed(store, known, head, contents, signer), now, by=signer)
        return time.perf_counter() - began

    def whole(site: Site) -> Callable[[], None]:
        return command(site, "psychotherapy", "new", site.clients[0], "-m", "-", stdin=NOTE)

    with unlocked(small, large):
        few, many, few_whole, many_whole = in_turn(
            rounds, lambda: here(small), lambda: here(large), whole(small), whole(large)
        )
    against = f"{small.notes:,} notes"
    return [
        Row(f"recording one psychotherapy note (in process), {large.notes:,} notes", str(many), "", None, "", None),
        at_most("... does not grow", many, few, against, 1.25),
        Row("`psychotherapy new CLIENT -m -` (the whole command), with the agent", str(many_whole), "", None, "", None),
        at_most("... does not grow", many_whole, few_whole, against, 1.25),
    ]


def _first_drawer(site: Site) -> Known:
    with site.store() as store:
        every = Keys.unlock(store, lambda _: "").drawers().values()
        return next(one for one in every if one.kind == CLIENT)


def verifying(site: Site, rounds: int) -> list[Row]:
    """Everything that there is, without opening anything and with opening every version; neither remembers anything."""
    time.sleep(_SETTLED)
    works = [command(site, "psychotherapy", "verify", *words) for words in ((), ("--unlocked",))]
    closed, opened = in_turn(rounds, *works)
    commits = _git(site, "rev-list", "--count", "HEAD").strip()
    what = f"`psychotherapy verify`, {int(commits):,} commits, {site.notes:,} notes"
    return [Row(what, str(closed), "", None, "", None), Row("... `--unlocked`", str(opened), "", None, "", None)]


def rotating(site: Site, rounds: int, scratch: Path) -> list[Row]:
    """A new key under a new passphrase; what the command does before that, with the old one, takes no passphrase."""
    known = site.settings
    file = scratch / "passphrase"
    file.write_text(f"{_PASSPHRASE}\n")
    before, kept = _recorded(site), {one: one.read_bytes() for one in known.keys.glob("*.age")}
    renewed: set[str] = set()

    def work() -> float:
        seconds = timed(command(site, "keys", "rotate", "--passphrase-file", file))
        renewed.update(one.name for one, raw in kept.items() if one.read_bytes() != raw)
        # back to the identity without a passphrase: the same epoch, so nothing else notices
        for one in known.keys.glob("*.age"):
            one.write_bytes(kept[one]) if one in kept else one.unlink()
        settings.put(known)
        return seconds

    (sample,) = in_turn(rounds, work)
    changed = _changed(before, _recorded(site))
    what = f"`keys rotate` under a new passphrase, {site.notes:,} notes"
    said = f"{sample}; {len(renewed)} file sealed anew, {len(changed)} recorded files rewritten"
    return [Row(what, said, "", None, "1 file, 0 rewritten", (len(renewed), len(changed)) == (1, 0))]


def destroying(site: Site, rounds: int, scratch: Path) -> list[Row]:
    """One client's drawer, and then another's."""
    use_up(site)
    before = _recorded(site)
    whose = enumerate(site.clients[::-1])

    def work() -> None:
        number, who = next(whose)
        words = ("--certificate", scratch / f"certificate-{number}.toml", "--yes-destroy", who)
        command(site, "psychotherapy", "destroy", who, *words)()

    (sample,) = in_turn(rounds, work)
    after = _recorded(site)
    rewritten = [path for path in _changed(before, after) if (at := paths.parse(path)) is not None and not at.is_identity]
    what = f"`psychotherapy destroy`, one of {len(site.clients)} clients"
    row = within(what, sample, 2)
    said = f"{row.measured}; {len(rewritten)} notes rewritten"
    return [Row(what, said, "", None, "< 2.0 s, 0 notes", bool(row.ok) and not rewritten)]


def _recorded(site: Site) -> dict[str, str]:
    """Path to blob of what is recorded."""
    rows = (row.split("\t") for row in _git(site, "ls-tree", "-r", "-z", "HEAD").split("\0") if row)
    return {path: entry.split()[2] for entry, path in rows}


def _changed(before: dict[str, str], after: dict[str, str]) -> list[str]:
    """The paths that were there and have other bytes, or are gone; the access log only adds files."""
    return [path for path, blob in before.items() if after.get(path) != blob]


def _git(site: Site, *words: str) -> str:
    done = subprocess.run(["git", "-C", site.settings.repository, *words], check=True, capture_output=True, text=True)
    return done.stdout
