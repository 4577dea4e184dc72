"""Whole commands, disturbed at every file system call that they and their children make.

`python -m tests.faults.commands [--stride N] [--modes kill,full,...] [CASE ...]`. The commands are the real ones with real git,
real keys and an editor that is a program; `command_oracle.py` says what must hold after each fault. Without --stride every
point is tried. `docs/reliability.md` has what was found and how often.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from unittest import mock

from tests import vaults
from tests.faults import apart, shim
from tests.faults.command_oracle import EXPECTED, GENESIS, TYPED, WORDS, Oracle, environment, filled
from tests.faults.preloaded import Preloaded
from tests.faults.sweep import Case, Report, show, sweep
from vaultcli.ground import files
from vaultcli.ground.git.plumbing import Git
from vaultcli.ground.repository.repository import Repository
from vaultcli.places.chart.chart import LAYOUT
from vaultcli.places.machine.vault import Vault
from vaultcli.record import backup_manifest
from vaultcli.work.backup import destinations

MODES = ("kill", "full-once", "full", "failing-once", "failing")
"""What is tried unless told otherwise: killed; a full disk for one call, and from then on; a failing one likewise."""

_APPEND = f"printf '\\n{WORDS}.\\n' >> \"$file\""
_CORRECT = f"sed -i 's/Mood is lifting/{WORDS}/' \"$file\""
_REGISTER = f"sed -i 's/^name: .*/name: {WORDS}/' \"$file\""
_DAY = "2026-11-20"


@dataclass(frozen=True)
class Command:
    """A command to be disturbed.

    Args:
        argv: after the program's name; `stdin` what is answered.
        prepare: changes the vault before it.
        typing: what the editor does to `$file`, in sh; empty where none opens.
        done: how many things it says it did when nothing goes wrong.
        again: exit codes with which it may end when it is run again, after it failed or after it was complete.
        fresh: whether there is no vault yet.
        flawed: whether a signed file was written over before.
        extra: more environment.
        check: what else must hold once it has come to its end; names what is wrong.
    """

    argv: tuple[str, ...]
    prepare: Callable[[vaults.World], None] = lambda _: None
    stdin: str = ""
    typing: str = ""
    done: int = 1
    again: tuple[int, ...] = (0,)
    fresh: bool = False
    flawed: bool = False
    extra: Mapping[str, str] = field(default_factory=dict)
    check: Callable[[Path], list[str]] = lambda _: []
    makes: tuple[str, ...] = ()
    """Beginnings of the paths that it makes beside the vault."""
    apart: bool = False
    """Whether it works on the psychotherapy notes: run again, it must come to its end, and every place open."""
    ends: int = 0
    """The exit code when nothing is disturbed."""
    finish: tuple[str, ...] = ()
    """Of such a one: what goes on with it once it has happened and cannot be run again."""


def _drafts(*handles: str) -> Callable[[vaults.World], None]:
    def prepare(world: vaults.World) -> None:
        for handle in handles:
            world.write(handle, vaults.NOTE)

    return prepare


def _left(*handles: str) -> Callable[[vaults.World], None]:
    """Notes that an editor left in the folders, not recorded."""

    def prepare(world: vaults.World) -> None:
        for handle in handles:
            world.write(handle, vaults.NOTE.replace(b"Mood is lifting", WORDS.encode()), record=False)

    return prepare


def _signed(world: vaults.World) -> None:
    _drafts("ada")(world)
    _sign(world.vault)


def _sign(vault: Vault) -> None:
    from tests.helpers import run_here

    done = run_here(["--vault", str(vault.root), "sign", "--yes"], env={"VAULTCLI_CLOCK": f"{_DAY}T11:00:00-05:00"})
    assert done.code == 0, done.err


def _written_over(world: vaults.World) -> None:
    _signed(world)
    note = world.notes("ada")[0]
    note.write_bytes(note.read_bytes().replace(b"Mood is lifting", WORDS.encode()))
    (world.vault.root.parent / TYPED).touch()


def _waiting(world: vaults.World) -> None:
    """A trainee's note, signed, that needs a co-signature."""
    own = (world.vault.root / "vault.toml").read_text()
    sam = world.as_person("sam-trainee")
    (world.vault.root / "vault.toml").write_text(sam.text())
    before, world.vault = world.vault, sam
    _signed(world)
    world.vault = before
    (world.vault.root / "vault.toml").write_text(own)


def _old_notes(world: vaults.World) -> None:
    """A folder of texts, and one that was imported before."""
    from tests.helpers import run_here

    folder = world.vault.root / "old"
    folder.mkdir()
    for day in (1, 2, 3):
        (folder / f"2019-03-0{day}.txt").write_text(f"{WORDS} {day}.\n")
    done = run_here(["--vault", str(world.vault.root), "import", "ada", str(folder / "2019-03-01.txt"), "--yes"])
    assert done.code == 0, done.err


def _imported_once(world: Path) -> list[str]:
    """Whether each text is in the record exactly once."""
    with Repository.open(world / "vault/chart", LAYOUT) as repo:
        notes = [path for head in repo.lines().values() for path in repo.files(head) if path.startswith("notes/")]
    return [] if len(notes) == 3 else [f"there are {len(notes)} notes, and not 3"]


def _two_places(world: vaults.World) -> None:
    """A remote that has a note which is not here, and a note here that it does not have."""
    from vaultcli.work.sync import remotes, sync

    bare = world.vault.root.parent / "usb"
    with world.chart() as chart:
        remotes.init_bare(bare, object_format=chart.repository.object_format, genesis=chart.genesis)
        remotes.add(chart, "usb", str(bare), remotes.OWN, bare.parent)
    ours = {place: place.with_name(f"{place.name}-before") for place in (world.vault.chart, Path(os.environ["XDG_STATE_HOME"]))}
    for place, kept in ours.items():
        shutil.copytree(place, kept, symlinks=True)
    world.write("ada", vaults.NOTE)
    with world.chart() as chart:
        sync.sync(chart, remotes.chosen(chart, "usb")[0], world.tick())
    # as if the other machine had sent it
    for place, kept in ours.items():
        shutil.rmtree(place)
        kept.rename(place)
    world.write("bo", vaults.NOTE)


def _in_step(world: Path) -> list[str]:
    """Whether both places have the same heads, with both notes."""
    with Repository.open(world / "vault/chart", LAYOUT) as repo:
        ours = repo.lines()
        notes = [path for head in ours.values() for path in repo.files(head) if path.startswith("notes/")]
        theirs = Git(world / "usb", object_format=repo.object_format).refs("refs/heads/")
    wrong = [] if theirs == {f"refs/heads/{line}": head for line, head in ours.items()} else ["said to be in step, and is not"]
    return wrong if len(notes) == 2 else [*wrong, f"there are {len(notes)} notes, and not 2"]


def _scans(world: vaults.World) -> None:
    """Two files to be attached: every byte there is, and line ends of both kinds."""
    for name in ("one", "two"):
        (world.vault.root.parent / f"{name}.pdf").write_bytes(_scan(name))


def _scan(name: str) -> bytes:
    return b"%PDF-1.4\r\n" + name.encode() + b"\n" + bytes(range(256)) * 4


def _attached_once(world: Path) -> list[str]:
    """Whether the record has both files, each once and byte for byte, and the user's own are untouched."""
    with Repository.open(world / "vault/chart", LAYOUT) as repo:
        heads = repo.lines().values()
        found = [(head, path) for head in heads for path in repo.files(head) if path.startswith("attachments/")]
        held = sorted(repo.read(head, path) or b"" for head, path in found)
    wanted = sorted(map(_scan, ("one", "two")))
    own = sorted(file.read_bytes() for file in world.glob("*.pdf"))
    wrong = [] if own == wanted else ["the user's own files were touched"]
    return wrong if held == wanted else [*wrong, f"{len(held)} files are attached, and not the two"]


def _stick(world: vaults.World) -> None:
    _signed(world)
    (world.vault.root.parent / "usb").mkdir()


def _backed_up(world: Path) -> list[str]:
    """Whether what has a backup's name is whole, and nothing half lies beside it."""
    place, wrong = world / "usb", []
    for folder in place.iterdir():
        if folder.name.startswith("."):
            wrong.append(f"left on the stick: {folder.name}")
            continue
        said = backup_manifest.parse((folder / backup_manifest.PATH).read_bytes(), folder.name)
        raw = (folder / said.file).read_bytes()
        if len(raw) != said.size or files.digest(raw) != said.sha256:
            wrong.append(f"{folder.name} is not what its manifest says")
        if said.clean:
            Git(world / "vault/chart/.git", object_format="sha256").verify_bundle(folder / said.file)
    return wrong if any(one.clean for _, one in destinations.ones(place)) else [*wrong, "said to be backed up, and is not"]


def _saved(world: vaults.World) -> None:
    """A backup on a stick, of a vault with a signed note."""
    from tests.helpers import run_here

    _stick(world)
    top = world.vault.root.parent
    clock = {"VAULTCLI_CLOCK": f"{_DAY}T12:00:00-05:00"}
    done = run_here(["--vault", str(world.vault.root), "backup", str(top / "usb")], env=clock)
    assert done.code == 0, done.err
    with world.chart() as chart:
        (top / GENESIS).write_text(chart.genesis)


def _restored(world: Path) -> list[str]:
    """Whether the vault that was made has every line of the one that was saved, whole, with its files."""
    with Repository.open(world / "vault/chart", LAYOUT) as repo:
        saved = repo.lines()
    with Repository.open(world / "again/chart", LAYOUT) as repo:
        repo.recover()  # as every command in it does first
        wrong = [f"restored: {text}" for text in repo.git.fsck()]
        lines = repo.lines()
        wrong += [f"restored: {line} is not there" for line in saved if line not in lines]
        wrong += [f"restored: {line} has no files" for line in saved if line in lines and repo.working(line).missing]
    return wrong


def _apart(world: vaults.World) -> None:
    """A key that an adopted identity is made of, and folders for what is printed and for a stick."""
    from vaultcli.ground.ssh import sign as ssh

    top = world.vault.root.parent
    for name in ("id", "id2"):
        ssh.generate(top / name, "", None)
    for name in ("paper", "stick"):
        (top / name).mkdir()


def _sealed_notes(world: vaults.World) -> None:
    """Psychotherapy notes with a page and a stick, as a program begins them."""
    from tests.helpers import run_here

    _apart(world)
    clock = {"VAULTCLI_CLOCK": f"{_DAY}T11:00:00-05:00"}
    top = world.vault.root.parent
    words = ["--page", str(top / "paper/page.html"), "--keys", str(top / "sealed-keys"), "--identity", f"ssh:{top / 'id'}"]
    done = run_here(["--vault", str(world.vault.root), "psychotherapy", "init", *words], env=clock)
    assert done.code == 0, done.err
    done = run_here(["--vault", str(world.vault.root), "keys", "copies", "add", str(top / "stick")], env=clock)
    assert done.code == 0, done.err


def _opens(world: Path) -> list[str]:
    """Whether this machine's keys, the stick and the page open the epoch in force."""
    from vaultcli.ground.age import seal as age
    from vaultcli.places.sealed import settings
    from vaultcli.places.sealed.store import Store
    from vaultcli.psychotherapy.keys import recovery_page
    from vaultcli.psychotherapy.unlock import epoch, keys
    from vaultcli.psychotherapy.unlock.epoch import open_epoch

    known = settings.load(world / "vault")
    wrong = []
    with Store(known) as store:
        keys.Keys.unlock(store, lambda _: "")
        page = world / ("paper/new.html" if store.state.epochs.destroyed else "paper/page.html")
        keys.check_epoch(store, epoch.opened_by_paper(recovery_page.read(page)))
        stick = world / "stick/psychotherapy-keys/epoch.age"
        if stick.exists():
            own = [age.ssh_identity((world / name).read_bytes()) for name in ("id", "id2")]
            keys.check_epoch(store, open_epoch(stick.read_bytes(), own))
        if store.repository.git.fsck():
            wrong.append("the psychotherapy repository is not whole")
    return wrong


def _sealed_texts(world: vaults.World) -> None:
    """Psychotherapy notes with a text each of two clients."""
    from tests.helpers import run_here

    _sealed_notes(world)
    for handle, text in (("ada", apart.ADA), ("bo", apart.BO)):
        clock = {"VAULTCLI_CLOCK": f"{_DAY}T11:30:00-05:00"}
        command = ["--vault", str(world.vault.root), "psychotherapy", "new", handle, "-m", "-"]
        done = run_here(command, env=clock, stdin=f"{text}\n")
        assert done.code == 0, done.err
    (world.vault.root.parent / apart.TEXTS).touch()


def _sealed_by_stock(world: vaults.World) -> None:
    """A text that somebody sealed to a drawer's recipient with age alone, put into the drawer's folder."""
    from vaultcli.ground.age import seal as age
    from vaultcli.places.sealed import settings
    from vaultcli.places.sealed.store import Store
    from vaultcli.psychotherapy.unlock.keys import Keys

    _sealed_texts(world)
    known = settings.load(world.vault.root)
    with Store(known) as store:
        ada = next(one for one in Keys.unlock(store, lambda _: "").drawers().values() if one.name.startswith("Ada"))
    (known.repository / ada.token / "today.age").write_bytes(age.seal(f"{WORDS}.\n".encode(), [ada.recipient]))


_APART = ("--repository", "../sealed", "--keys", "../sealed-keys", "--identity", "ssh:../id")
_BEGIN_SEALED = ("psychotherapy", "init", "--page", "../paper/page.html", *_APART)
_NEW = ("new", "ada", "09:00-09:53", "--place", "office")
_RESTORE = ("restore", "../usb", "../again", "--genesis", GENESIS, "--as", "lee-example", "--keys", "../keys-again", "--yes")
_NEW_SEALED = ("psychotherapy", "new", "ada", "-m", "-")
_SHARE = ("psychotherapy", "share", "ada", "--with", "../id2.pub", "--basis", "supervision", "-o", "../share.age", "--yes")
_DESTROY = (
    "psychotherapy", "destroy", "ada", "--certificate", "../paper/c.toml", "--page", "../paper/new.html",
    "--old-page", "../paper/page.html", "--yes-destroy", "ada",
)  # fmt: skip
_INIT = ("init", "vault", "--yes", "--name", "Lee Example", "--recovery-page", "page.txt", "--keys", "keys")
COMMANDS = {
    "new": Command(_NEW, stdin="s\n", typing=_APPEND),
    "new-draft": Command(_NEW, stdin="d\n", typing=_APPEND),
    "new-text": Command((*_NEW, "-m", f"{WORDS}.")),
    "new-sign": Command((*_NEW, "-m", f"{WORDS}.", "--sign")),
    "edit": Command(("edit", "ada"), _drafts("ada"), stdin="d\n", typing=_APPEND),
    "save": Command(("save",), _left("ada"), typing=" "),
    "save-lines": Command(("save",), _left("ada", "bo", "ada"), done=3, typing=" "),
    "save-put-back": Command(("save", "--put-back"), _written_over, typing=" ", flawed=True),
    "save-correct": Command(("save", "--correct"), _written_over, typing=" ", flawed=True),
    "sign": Command(("sign", "--yes"), _drafts("ada", "ada"), done=2),
    "sign-lines": Command(("sign", "--yes"), _drafts("ada", "bo"), done=2),
    "amend": Command(("amend", "ada", "--reason", "typing error"), _signed, typing=_CORRECT),
    "amend-add": Command(("amend", "ada", "--reason", "more"), _signed, typing=_APPEND),
    "amend-text": Command(("amend", "ada", "-m", f"{WORDS}."), _signed),
    "withdraw": Command(("withdraw", "ada", "--reason", "duplicate", "--yes"), _signed, again=(0, 4)),
    "cosign": Command(("cosign", "--yes"), _waiting),
    "client-add": Command(("client", "add", "Cy Example", "--handle", "cy"), again=(0, 6)),
    "client-edit": Command(("client", "edit", "ada", "--place", "video")),
    "client-editor": Command(("client", "edit", "ada"), typing=_REGISTER),
    "import": Command(("import", "ada", "old", "--yes"), _old_notes, done=2, check=_imported_once),
    "attach": Command(("attach", "ada", "../one.pdf", "../two.pdf", "--kind", "scan"), _scans, done=2, check=_attached_once),
    "sync": Command(("sync", "usb"), _two_places, done=0, check=_in_step),
    "backup": Command(("backup", "../usb"), _stick, done=0, check=_backed_up),
    "restore": Command(_RESTORE, _saved, done=0, again=(0, 6), check=_restored, makes=("again/", "keys-again/")),
    "psychotherapy-init": Command(_BEGIN_SEALED, _apart, apart=True),
    "keys-rotate": Command(("keys", "rotate", "--identity", "ssh:../id2"), _sealed_notes, apart=True),
    "psychotherapy-new": Command(_NEW_SEALED, _sealed_texts, stdin=f"{WORDS}.\n", apart=True),
    "psychotherapy-save": Command(("psychotherapy", "save"), _sealed_by_stock, apart=True, check=apart.taken_in),
    "psychotherapy-share": Command(_SHARE, _sealed_texts, apart=True, check=apart.handed),
    "psychotherapy-destroy": Command(
        _DESTROY, _sealed_texts, apart=True, ends=1, again=(1, 3), finish=(*_DESTROY[:2], "--status"), check=apart.destroyed
    ),
    "init": Command(_INIT, fresh=True, done=0),
}


def case(name: str, python: Preloaded) -> Case:
    """A command as a case of the sweep."""
    command = COMMANDS[name]
    folder = "" if command.fresh else "vault"

    def setup(world: Path) -> None:
        (world / "home").mkdir()
        _editor(world, command.typing)
        if command.fresh:
            return
        with mock.patch.dict("os.environ", environment(world)):
            made = vaults.make(world / "vault", (vaults.LEE, vaults.SAM))
            command.prepare(made)
        if command.typing == " ":
            (world / TYPED).touch()
        with Repository.open(world / "vault/chart", LAYOUT) as repo:
            (world / EXPECTED).write_text(json.dumps(repo.lines()))

    oracle = Oracle(
        python,
        command.argv,
        command.stdin,
        command.done,
        command.again,
        folder,
        command.extra,
        bool(command.typing),
        command.flawed,
        command.check,
        command.makes,
    )
    return Case(name, setup, command.argv, partial(_after_apart, python, command) if command.apart else oracle, command.ends)


def _after_apart(python: Preloaded, command: Command, world: Path, outcome: shim.Outcome) -> list[str]:
    """What is wrong after a fault in a command that works on the psychotherapy notes."""
    env = environment(world, 17)
    wrong = [] if outcome.code in (0, 1, 9, 8, 7, 14, -9) else [f"ended with {outcome.code}: {outcome.err.strip()}"]
    if outcome.code == 0:
        with mock.patch.dict("os.environ", env):
            wrong += _opens(world)
    wrong += apart.untrue(python, world, env, outcome)
    code, _, err = python.run(command.argv, cwd=world / "vault", env=env, stdin=command.stdin)
    if code not in (0, 6, *command.again):
        wrong.append(f"run again: exit code {code}: {err.strip()}")
    if command.finish:
        code, _, err = python.run(command.finish, cwd=world / "vault", env=env, stdin="")
        wrong += [f"gone on: exit code {code}: {err.strip()}"] if code not in (0, 1) else []
    with mock.patch.dict("os.environ", env):
        wrong += _opens(world) + command.check(world)
    return wrong + apart.sound(python, world, env)


def _editor(world: Path, typing: str) -> None:
    """An editor in two steps: what is typed is typed by a program that nothing disturbs, so that the oracle knows it was."""
    (world / "typing").write_text(f"for file; do :; done\n{typing} && touch {world / TYPED}\n")
    (world / "editor").write_text(f'#!/bin/sh\nunset LD_PRELOAD\nexec sh {world / "typing"} "$@"\n')
    (world / "editor").chmod(0o755)


def try_out(
    name: str, work: Path, python: Preloaded, *, modes: Sequence[shim.Mode], stride: int = 1, offset: int = 0
) -> Report:  # fmt: skip
    """Disturb one command, at every point or at some.

    Args:
        name: of the command.
        work: an empty folder.
        python: runs it, and whatever looks at what it left.
        modes: the ways to go wrong.
        stride: every how manieth point; `offset` with which to begin.
    """
    command = COMMANDS[name]

    def run(
        argv: Sequence[str], *, cwd: Path, counter: Path, at: int = 0, mode: shim.Mode | None = None,
        trace: Path | None = None,
    ) -> shim.Outcome:  # fmt: skip
        env = {**environment(cwd), **command.extra}
        where = cwd if command.fresh else cwd / "vault"
        return python.faulty(
            filled(argv, cwd), cwd=where, env=env, counter=counter, at=at, mode=mode, trace=trace, stdin=command.stdin
        )  # fmt: skip

    return sweep(case(name, python), work, python.library, modes=modes, stride=stride, offset=offset, run=run)


def main(argv: Sequence[str] | None = None) -> int:
    """0 when nothing was wrong, 1 otherwise, 3 when it could not be run."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("cases", nargs="*", metavar="CASE", help=", ".join(COMMANDS))
    parser.add_argument("--stride", type=int, default=1)
    parser.add_argument("--offset", type=int, default=0)
    parser.add_argument("--modes", default=",".join(MODES), help=", ".join(shim.MODES))
    asked = parser.parse_args(argv)
    if reason := shim.why_not():
        print(f"not run: {reason}")
        return 3
    wrong = 0
    for name in asked.cases or list(COMMANDS):
        with tempfile.TemporaryDirectory(dir="/dev/shm" if Path("/dev/shm").is_dir() else None) as folder:
            began = time.monotonic()
            modes = [shim.MODES[word] for word in asked.modes.split(",")]
            with Preloaded(shim.build(Path(folder))) as python:
                report = try_out(name, Path(folder), python, modes=modes, stride=asked.stride, offset=asked.offset)
        show(report, time.monotonic() - began)
        wrong += len(report.wrong)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
