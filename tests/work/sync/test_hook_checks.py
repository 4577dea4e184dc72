"""Plain git in a vault with its hooks: refused with words, nothing lost; and the honest way through."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests import shelf, vaults
from tests.helpers import run_here
from tests.vaults import World
from vaultcli.places.chart.chart import Recording
from vaultcli.places.remote import hooks
from vaultcli.work.sync import repair

LATER = "2026-11-20T18:00:00-05:00"


@dataclass
class Plain:
    """Somebody who uses plain git in one client's folder, with settings as `docs/spec/hooks.md` shows them."""

    world: World
    handle: str = "ada"

    @property
    def folder(self) -> Path:
        return self.world.folder(self.handle)

    def git(self, *words: str, env: Mapping[str, str] | None = None, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
        keys = self.world.vault.keys
        settings = {
            "user.name": "Lee Example", "user.email": "lee-example", "gpg.format": "ssh", "commit.gpgsign": "true",
            "user.signingkey": str(keys / "machine.pub"), "advice.detachedHead": "false",
        }  # fmt: skip
        options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        world = {**os.environ, "GIT_AUTHOR_DATE": LATER, "GIT_COMMITTER_DATE": LATER, "GIT_EDITOR": "true", **(env or {})}
        command = ["git", *options, *words]
        return subprocess.run(command, cwd=cwd or self.folder, env=world, capture_output=True, text=True, timeout=120)

    def heads(self) -> str:
        return self.git("for-each-ref").stdout

    @property
    def policy(self) -> str:
        return "Policy: sha256:" + self.git("rev-parse", "practice").stdout.strip()

    @property
    def note(self) -> Path:
        return self.world.notes(self.handle)[0]

    @property
    def note_id(self) -> str:
        return self.note.stem.rpartition("-")[2]


@shelf.made_once
def plain(tmp_path: Path) -> Plain:
    world = vaults.make(tmp_path / "vault")
    world.write("ada", vaults.NOTE)
    installed = hooks.install(world.vault.chart / ".git", hooks.CHART)
    assert set(installed.written) == set(hooks.CHART.here)
    path = world.write("ada", vaults.NOTE)
    with world.chart() as chart:
        raw = path.read_bytes() + b"\nMore.\n"
        id_ = path.stem.rpartition("-")[2]
        chart.record(world.clients["ada"], Recording("draft", (id_,), {f"notes/{path.name}": raw}), world.tick())
    return Plain(world)


def works(plain: Plain) -> None:
    """vaultcli goes on as if nothing had been."""
    with plain.world.chart() as chart:
        chart.repository.recover()
        repair.mend(chart, repair.leftovers(chart))
        assert repair.leftovers(chart) == []
        working = chart.repository.working(f"client/{plain.world.clients['ada']}")
        assert not working.missing
        chart.repository.working("practice")
    plain.world.write("ada", vaults.NOTE)


def edit(plain: Plain, text: str = "\nOne more line.\n") -> None:
    plain.note.write_text(plain.note.read_text() + text)


ATTEMPTS: dict[str, tuple[list[list[str]], str]] = {
    "commit": ([["commit", "-qam", "Ada was late"]], "the message does not follow the grammar: no text of yours"),
    "commit -n": ([["commit", "-nqam", "Ada was late"]], "the commit message does not follow the grammar"),
    "amend": ([["commit", "-nq", "--amend", "--no-edit"]], "does not follow what is recorded here"),
    "reset": ([["reset", "--hard", "HEAD~1"]], "would go back to an earlier commit"),
    "stash": ([["stash"]], "a stash would keep"),
    "tag": ([["tag", "v1"]], "tags do not belong"),
    "branch": ([["branch", "mine"]], "is no line of this record"),
    "detach": ([["checkout", "-q", "HEAD~1"]], "always shows the newest commit"),
    "rebase": ([["rebase", "-f", "--root"]], "always shows the newest commit"),
    "update-ref": ([["update-ref", "HEAD", "HEAD~1"]], "would go back"),
    "delete": ([["update-ref", "-d", "HEAD"]], "is never deleted"),
    "cherry-pick": ([["cherry-pick", "--keep-redundant-commits", "HEAD"]], "(message"),
    "revert": ([["revert", "--no-edit", "HEAD"]], "message"),
    "pack-refs": ([["pack-refs", "--all"]], "nor packed away"),
    "notes": ([["notes", "add", "-m", "secret"]], "git notes do not belong"),
    "replace": ([["replace", "HEAD", "HEAD~1"]], "another object in the place"),
    "merge": ([["merge", "--allow-unrelated-histories", "-m", "both", "practice"]], "merge"),
}
DIRTY = {"commit", "commit -n", "stash", "amend"}


@pytest.mark.parametrize("name", ATTEMPTS)
def test_refused_with_words_and_nothing_lost(plain: Plain, name: str) -> None:
    before, text = plain.heads(), ""
    if name in DIRTY:
        edit(plain)
        text = plain.note.read_text()
        if name == "amend":
            plain.git("add", "-A")
    commands, words = ATTEMPTS[name]
    done = [plain.git(*command) for command in commands][-1]
    assert done.returncode != 0, done
    assert words in done.stderr, done.stderr
    assert "Traceback" not in done.stderr
    assert plain.heads() == before
    note = plain.note if text else None
    assert note is None or note.read_text() == text
    works(plain)
    assert note is None or note.read_text() == text


def test_a_branch_is_not_deleted_by_its_name(plain: Plain) -> None:
    other = plain.world.clients["bo"]
    done = plain.git("branch", "-D", f"client/{other}", cwd=plain.world.vault.chart)
    assert done.returncode != 0
    assert f"client/{other}" in plain.heads()


def test_committing_everything_at_the_top_takes_no_client(plain: Plain) -> None:
    top = plain.world.vault.chart
    (top / "todo.txt").write_text("call Ada")
    plain.git("add", "-A", cwd=top)
    done = plain.git("commit", "-qm", "policy", cwd=top)
    assert done.returncode != 0
    assert "todo.txt: is no file that belongs on this line" in done.stderr
    works(plain)


def test_a_machine_key_changes_no_policy(plain: Plain) -> None:
    top = plain.world.vault.chart
    practice = top / "practice.toml"
    practice.write_text(practice.read_text().replace("= 72", "= 9999"))
    done = plain.git("commit", "-qam", "policy", cwd=top)
    assert done.returncode != 0
    assert "policy role" in done.stderr


def test_an_honest_commit_is_admitted(plain: Plain) -> None:
    edit(plain)
    before = plain.git("rev-parse", "HEAD").stdout
    done = plain.git("commit", "-qam", f"draft {plain.note_id}", "-m", plain.policy)
    assert done.returncode == 0, done.stderr
    assert plain.git("rev-parse", "HEAD~1").stdout == before
    works(plain)
    with plain.world.chart() as chart:
        assert len(chart.line(plain.world.clients["ada"]).oids) == 6


def test_an_unsigned_or_foreign_signature_is_refused(plain: Plain, tmp_path: Path) -> None:
    edit(plain)
    words = ("commit", "-qam", f"draft {plain.note_id}", "-m", plain.policy)
    unsigned = plain.git(*words[:1], "--no-gpg-sign", *words[1:])
    assert "the commit is not signed" in unsigned.stderr
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", tmp_path / "other"], check=True)
    foreign = plain.git("-c", f"user.signingkey={tmp_path / 'other.pub'}", *words)
    assert "a key that the named policy does not admit" in foreign.stderr


def test_staged_files_are_looked_at_before_there_is_a_message(plain: Plain) -> None:
    gone = plain.note
    (plain.folder / "scan.pdf").write_text("x")
    bad = plain.folder / "notes" / "2026-11-20-progress-aaaaaaaaaaaaaaaa.md"
    bad.write_text("---\ndate: [\n---\n")
    gone.unlink()
    plain.git("add", "-A")
    done = plain.git("commit", "-q", "-m", "draft aaaaaaaaaaaaaaaa", "-m", plain.policy)
    assert done.returncode != 0
    assert "scan.pdf: is no file" in done.stderr
    assert re.search(r"aaaa\.md: ", done.stderr)
    assert "was recorded before and is gone" in done.stderr
    works(plain)


def test_a_reset_is_mended_and_a_users_text_is_not_touched(plain: Plain) -> None:
    changed = max(plain.world.notes("ada"), key=lambda path: len(path.read_bytes()))
    newest = changed.read_bytes()
    plain.git("reset", "--hard", "HEAD~1")
    assert changed.read_bytes() != newest
    with plain.world.chart() as chart:
        found = repair.leftovers(chart)
        assert {one.kind for one in found} >= {repair.STAGED, repair.FILE}
        other = next(path for path in plain.world.notes("ada") if path != changed)
        other.write_text("mine")
        repair.mend(chart, found)
        assert repair.leftovers(chart) == []
    assert changed.read_bytes() == newest
    assert other.read_text() == "mine"
    plain.git("reset", "--hard", "HEAD~1")
    changed.write_text("mine as well")
    with plain.world.chart() as chart:
        repair.mend(chart, [*repair.leftovers(chart), *(one for one in found if one.kind == repair.FILE)])
    assert changed.read_text() == "mine as well"


def test_nothing_left_is_nothing_to_mend(plain: Plain) -> None:
    with plain.world.chart() as chart:
        assert repair.leftovers(chart) == []


def test_without_vaultcli_git_is_refused_and_says_how_to_go_on(plain: Plain) -> None:
    for file in (plain.world.vault.chart / ".git" / "hooks").iterdir():
        file.write_text(re.sub(r"^vaultcli=.*$", "vaultcli=/nowhere/vaultcli", file.read_text(), flags=re.MULTILINE))
    edit(plain)
    env = {"PATH": "/usr/bin:/bin"}
    done = plain.git("commit", "-qam", f"draft {plain.note_id}", "-m", plain.policy, env=env)
    assert done.returncode != 0
    assert "vaultcli hook install" in done.stderr


def test_a_strangers_hook_is_left_alone(plain: Plain) -> None:
    file = plain.world.vault.chart / ".git" / "hooks" / "pre-commit"
    file.write_text("#!/bin/sh\nexit 0\n")
    done = run_here(["--vault", str(plain.world.vault.root), "hook", "install"])
    assert done.code == 1
    assert "pre-commit is not ours" in done.err
    assert file.read_text() == "#!/bin/sh\nexit 0\n"
    file.write_text("#!/bin/sh\n# vaultcli hook 0: of an earlier version\n")
    assert run_here(["--vault", str(plain.world.vault.root), "hook", "install"]).code == 0
    assert "vaultcli hook 1" in file.read_text()


def test_our_own_recording_runs_no_hook(plain: Plain) -> None:
    for file in (plain.world.vault.chart / ".git" / "hooks").iterdir():
        file.write_text("#!/bin/sh\nexit 1\n")
    plain.world.write("ada", vaults.NOTE)


def test_fetched_refs_and_repeated_heads_pass(plain: Plain) -> None:
    assert plain.git("update-ref", "refs/remotes/usb/practice", "practice").returncode == 0
    assert plain.git("reset", "-q").returncode == 0
    done = plain.git("worktree", "add", "-q", "--detach", str(plain.world.vault.root / "look"), "HEAD")
    assert done.returncode == 0, done.stderr
