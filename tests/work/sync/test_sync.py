"""Two machines and what lies between them: everything judged, nothing merged, rewritten, run or overwritten."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests import shelf, vaults
from tests.helpers import run_here
from tests.vaults import LEE, NOTE, SAM, World
from vaultcli.ground.errors import BadInput, Conflict, GitTrouble, NotFound, Refused
from vaultcli.ground.repository import remote as gitremote
from vaultcli.places.chart.chart import LAYOUT, Chart, Recording
from vaultcli.places.machine import pins
from vaultcli.places.machine.vault import Vault
from vaultcli.work.sync import remotes
from vaultcli.work.sync import sync as syncs


@dataclass
class Two:
    """Lee's machine and Sam's, and a bare repository between them."""

    world: World
    lee: Vault
    sam: Vault
    bare: Path

    def sync(self, vault: Vault) -> syncs.Outcome:
        with Chart(vault) as chart:
            return syncs.sync(chart, remotes.chosen(chart, "usb")[0], self.world.tick())

    def write(self, vault: Vault, handle: str = "ada", text: str = "") -> str:
        """A draft recorded on one machine; its path."""
        from vaultcli.ground import ids

        id_ = ids.new()
        path = f"notes/2026-11-20-progress-{id_}.md"
        raw = NOTE.replace(b"{id}", id_.encode()) + text.encode()
        with Chart(vault) as chart:
            chart.record(self.world.clients[handle], Recording("draft", (id_,), {path: raw}), self.world.tick())
        return path

    def change(self, vault: Vault, path: str, text: str, handle: str = "ada") -> None:
        id_ = path.removesuffix(".md").rpartition("-")[2]
        with Chart(vault) as chart:
            client = self.world.clients[handle]
            raw = (chart.recorded(client, path) or b"") + text.encode()
            chart.record(client, Recording("draft", (id_,), {path: raw}), self.world.tick())

    def heads(self, folder: Path) -> dict[str, str]:
        said = subprocess.run(
            ["git", "-C", folder, "for-each-ref", "--format=%(refname:short) %(objectname)", "refs/heads"],
            capture_output=True, text=True, check=True,
        ).stdout  # fmt: skip
        return dict(row.split(" ") for row in said.splitlines())

    @property
    def line(self) -> str:
        return f"client/{self.world.clients['ada']}"


def second(world: World, root: Path, principal: str) -> Vault:
    """Another machine's copy of the vault, with nothing but the `practice` line yet."""
    from vaultcli.ground.repository.repository import Repository

    root.mkdir()
    vault = Vault(root, root / "chart", world.as_person(principal).keys, principal)
    (root / "vault.toml").write_text(vault.text())
    with Repository.create(vault.chart, LAYOUT) as repository, world.chart() as first:
        gitremote.Remote(repository.git, str(world.vault.chart / ".git")).fetch(["refs/heads/practice"])
        head = first.repository.head("practice")
        assert head is not None
        repository.advance("practice", head, expecting=None)
        pins.create(first.policies.genesis, repository.clone_id, {"practice": head}, how=pins.ADOPTED, now=world.tick())
    return vault


@shelf.made_once
def two(tmp_path: Path) -> Two:
    world = vaults.make(tmp_path / "lee", people=(LEE, SAM), clients=("ada",))
    bare = tmp_path / "usb"
    with world.chart() as chart:
        remotes.init_bare(bare, object_format=chart.repository.object_format, genesis=chart.genesis)
    sam = second(world, tmp_path / "sam", SAM.id)
    for vault in (world.vault, sam):
        with Chart(vault) as chart:
            remotes.add(chart, "usb", str(bare), remotes.OWN, tmp_path)
    made = Two(world, world.vault, sam, bare)
    made.sync(made.lee)
    made.sync(made.sam)
    return made


def test_a_lock_that_a_killed_git_left_in_the_other_repository_is_named(two: Two) -> None:
    two.write(two.lee)
    lock = two.bare / "refs" / "heads" / f"{two.line}.lock"
    lock.touch()
    with pytest.raises(Conflict, match="another git") as caught:
        two.sync(two.lee)
    assert caught.value.hint.startswith("if no other git is running, delete ")
    assert Path(caught.value.hint.rpartition(" ")[2]).resolve() == lock
    lock.unlink()
    assert two.sync(two.lee).whole


def test_there_and_back(two: Two) -> None:
    path = two.write(two.lee)
    sent = two.sync(two.lee)
    assert [one.branch for one in sent.sent] == [two.line]
    got = two.sync(two.sam)
    assert [(one.branch, one.commits) for one in got.received] == [(two.line, 1)]
    assert (two.sam.chart / "clients" / two.world.clients["ada"] / path).read_bytes().startswith(b"---")
    two.write(two.sam)
    two.sync(two.sam)
    assert [one.branch for one in two.sync(two.lee).received] == [two.line]
    assert two.heads(two.lee.chart) == two.heads(two.sam.chart) == two.heads(two.bare)
    with Chart(two.sam) as chart:
        pinned = pins.load(chart.policies.genesis, chart.repository.clone_id)
        assert pinned is not None
        assert pinned.heads[two.line] == chart.repository.head(two.line)
        assert chart.repository.working(two.line).clean


def test_nothing_new_sends_and_fetches_nothing(two: Two) -> None:
    outcome = two.sync(two.lee)
    assert (outcome.received, outcome.sent, outcome.whole) == ([], [], True)


def test_a_new_client_arrives_with_a_folder(two: Two) -> None:
    with Chart(two.lee) as chart:
        two.world.clients["eve"] = vaults.add_client(chart, "eve", two.world.tick())
    two.sync(two.lee)
    two.sync(two.sam)
    assert (two.sam.chart / "clients" / two.world.clients["eve"] / "client.md").is_file()


def test_a_text_that_somebody_is_writing_is_never_touched(two: Two) -> None:
    path = two.write(two.lee)
    two.sync(two.lee)
    two.sync(two.sam)
    mine = two.sam.chart / "clients" / two.world.clients["ada"] / path
    mine.write_text("my own words")
    two.change(two.lee, path, "\nLee's.\n")
    two.sync(two.lee)
    outcome = two.sync(two.sam)
    assert outcome.kept == [f"clients/{two.world.clients['ada']}/{path}"]
    assert mine.read_text() == "my own words"


def test_lines_that_went_on_in_two_places_stay(two: Two) -> None:
    two.write(two.lee)
    two.write(two.sam)
    two.sync(two.lee)
    before = two.heads(two.sam.chart)
    outcome = two.sync(two.sam)
    assert [one.branch for one in outcome.diverged] == [two.line]
    assert not outcome.whole
    assert two.heads(two.sam.chart) == before
    with Chart(two.sam) as chart:
        with pytest.raises(Conflict, match=r"has diverged: sha256:[0-9a-f]+ here, sha256:[0-9a-f]+ at usb"):
            syncs.refuse_diverged(chart, two.world.clients["ada"])
        last = syncs.last_sync(chart)
        assert last is not None
        assert (last.remote, last.whole) == ("usb", False)
    with Chart(two.lee) as chart:
        syncs.refuse_diverged(chart, two.world.clients["ada"])


def plain(folder: Path, *words: str, check: bool = True, data: str | None = None) -> str:
    who = {f"GIT_{role}_{part}": "mal" for role in ("AUTHOR", "COMMITTER") for part in ("NAME", "EMAIL")}
    env = {**os.environ, **who}
    done = subprocess.run(["git", "-C", folder, *words], capture_output=True, text=True, check=check, env=env, input=data)
    return done.stdout.strip() if check else done.stdout + done.stderr


def test_a_commit_that_nobody_signed_is_refused_and_leaves_no_ref(two: Two) -> None:
    head = plain(two.bare, "rev-parse", two.line)
    bad = plain(two.bare, "commit-tree", f"{head}^{{tree}}", "-p", head, "-m", "draft 0000000000000000")
    plain(two.bare, "update-ref", f"refs/heads/{two.line}", bad)
    outcome = two.sync(two.lee)
    assert "commit-signature" in {finding.rule for one in outcome.refused for finding in one.findings}
    assert bad not in plain(two.lee.chart, "for-each-ref")
    two.write(two.lee)
    assert [one.branch for one in two.sync(two.lee).diverged] == [two.line]


def test_a_tree_with_a_link_is_refused(two: Two) -> None:
    head = plain(two.bare, "rev-parse", two.line)
    blob = plain(two.bare, "hash-object", "-w", "--stdin", data="/etc/passwd")
    entries = plain(two.bare, "ls-tree", head)
    tree = plain(two.bare, "mktree", data=f"{entries}\n120000 blob {blob}\tevil.md\n")
    bad = plain(two.bare, "commit-tree", tree, "-p", head, "-m", "x")
    plain(two.bare, "update-ref", f"refs/heads/{two.line}", bad)
    outcome = two.sync(two.lee)
    assert "path" in {finding.rule for one in outcome.refused for finding in one.findings}
    assert not (two.world.folder("ada") / "evil.md").exists()


def test_another_vaults_record_is_refused(two: Two, tmp_path: Path) -> None:
    other = vaults.make(tmp_path / "other", clients=())
    with other.chart() as chart:
        usb = remotes.add(chart, "usb", str(two.bare), remotes.OWN, tmp_path)
        with pytest.raises(Refused, match="the record of another vault"):
            syncs.sync(chart, usb, two.world.tick())
    refused = plain(other.vault.chart, "push", str(two.bare), "practice:practice", check=False)
    assert "fetch first" in refused or "rejected" in refused


def test_a_bare_repository_takes_only_its_own_vault(two: Two, tmp_path: Path) -> None:
    other = vaults.make(tmp_path / "other", clients=())
    with two.world.chart() as chart:
        remotes.init_bare(tmp_path / "empty", object_format="sha256", genesis=chart.genesis)
    refused = plain(other.vault.chart, "push", str(tmp_path / "empty"), "practice:practice", check=False)
    assert "the record of another vault (genesis" in refused
    assert "the record" not in plain(two.lee.chart, "push", str(tmp_path / "empty"), "practice", two.line, check=False)


def test_unknown_refs_of_a_remote_are_named_and_ignored(two: Two) -> None:
    head = plain(two.bare, "rev-parse", "practice")
    for ref in ("refs/tags/v1", "refs/heads/client/evil", "refs/replace/" + head):
        plain(two.bare, "update-ref", ref, head)
    outcome = two.sync(two.lee)
    assert outcome.ignored == ["refs/heads/client/evil", "refs/replace/" + head, "refs/tags/v1"]
    assert "evil" not in plain(two.lee.chart, "for-each-ref")


def test_a_remote_that_went_back_is_told_and_healed(two: Two) -> None:
    older = two.heads(two.bare)[two.line]
    two.write(two.lee)
    two.sync(two.lee)
    plain(two.bare, "update-ref", f"refs/heads/{two.line}", older)
    outcome = two.sync(two.lee)
    assert outcome.lost == [two.line]
    assert two.heads(two.bare) == two.heads(two.lee.chart)
    shutil.rmtree(two.bare / "refs" / "heads" / "client")
    assert two.sync(two.lee).lost == [two.line]
    assert two.heads(two.bare) == two.heads(two.lee.chart)


def test_nothing_that_a_stick_carries_is_run(two: Two, tmp_path: Path) -> None:
    proof = tmp_path / "pwned"
    script = tmp_path / "evil"
    script.write_text(f"#!/bin/sh\ntouch {proof}\n")
    script.chmod(0o755)
    hooks = ("pre-receive", "update", "post-receive", "post-update", "reference-transaction", "proc-receive")
    for name in hooks:
        (two.bare / "hooks" / name).write_text(script.read_text())
        (two.bare / "hooks" / name).chmod(0o755)
    two.write(two.lee)
    two.sync(two.lee)
    two.sync(two.sam)
    assert not proof.exists()
    assert two.heads(two.bare) == two.heads(two.sam.chart)
    for key in ("core.fsmonitor", "core.sshCommand", "core.alternateRefsCommand", "uploadpack.packObjectsHook"):
        plain(two.bare, "config", key, str(script))
        two.write(two.lee)
        with pytest.raises(GitTrouble, match="can run a program"):
            two.sync(two.lee)
        plain(two.bare, "config", "--unset", key)
    assert not proof.exists()


def test_a_push_by_plain_git_is_judged_in_its_quarantine(two: Two) -> None:
    two.write(two.lee)
    assert "rejected" not in plain(two.lee.chart, "push", "usb", two.line, check=False)
    assert two.heads(two.bare) == two.heads(two.lee.chart)
    head = two.heads(two.lee.chart)[two.line]
    bad = plain(two.lee.chart, "commit-tree", f"{head}^{{tree}}", "-p", head, "-m", "nothing")
    said = plain(two.lee.chart, "push", "usb", f"{bad}:refs/heads/{two.line}", check=False)
    assert "remote: vaultcli" in said
    assert "the commit is not signed" in said
    for spec in (f"+{head}~1:refs/heads/{two.line}", f":refs/heads/{two.line}", f"{head}:refs/tags/x"):
        assert "rejected" in plain(two.lee.chart, "push", "usb", spec, check=False)
    assert two.heads(two.bare) == two.heads(two.lee.chart)


def test_succession_reaches_the_other_machine(tmp_path: Path) -> None:
    from tests.world import World as Made

    world = Made(tmp_path / "made")
    ada = world.client("ada")
    wrong = ada.draft("This is another person's.")
    ada.sign(wrong)
    kept = ada.draft("She came on time.")
    ada.sign(kept)
    world.save()
    here = Vault(world.folder, world.chart, tmp_path, "lee-example")
    bare, other = tmp_path / "usb", tmp_path / "other"
    now = world.tick(60)
    with Chart(here) as chart:
        remotes.init_bare(bare, object_format="sha256", genesis=chart.genesis)
        usb = remotes.add(chart, "usb", str(bare), remotes.OWN, tmp_path)
        assert syncs.sync(chart, usb, now).whole
    shutil.copytree(world.chart, other / "chart", symlinks=True)
    there = Vault(other, other / "chart", tmp_path, "lee-example")
    ada.succeed(without=[wrong])
    world.save()
    now = world.tick(60)
    with Chart(here) as chart:
        outcome = syncs.sync(chart, usb, now)
        assert [one.succession for one in outcome.sent] == [True], outcome
        assert syncs.diverged(chart) == []
    with Chart(there) as chart:
        chart.repository.recover()
        outcome = syncs.sync(chart, usb, now)
        assert [one.succession for one in outcome.received] == [True], outcome
        folder = chart.folder(ada.branch.partition("/")[2])
        assert not (folder / wrong).exists()
        assert (folder / kept).exists()


@pytest.mark.parametrize(
    ("text", "url"),
    [
        ("usb", "/base/usb"),
        ("/mnt/usb", "/mnt/usb"),
        ("file:///mnt/usb", "/mnt/usb"),
        ("ssh://lee@host:2222/srv/vault", "ssh://lee@host:2222/srv/vault"),
        ("lee@host:vault", "lee@host:vault"),
        ("https://host/vault.git", "https://host/vault.git"),
    ],
)
def test_addresses(text: str, url: str) -> None:
    assert gitremote.address(text, Path("/base")) == url


@pytest.mark.parametrize(
    "text",
    [
        "", "-oProxyCommand=x", "ext::sh -c x", "git://host/x", "http://host/x", "https://lee:secret@host/x", "ssh://-x/y",
        "a\nb", "file://host/x",
    ],
)
def test_no_addresses(text: str) -> None:
    with pytest.raises(BadInput):
        gitremote.address(text, Path("/base"))


def test_the_command(two: Two, tmp_path: Path) -> None:
    vault = ["--vault", str(two.lee.root)]
    two.write(two.lee)
    done = run_here([*vault, "sync"])
    assert done.code == 0, done.err
    assert done.out == f"sent {two.line}  1 commit\nin step with usb\n"
    assert run_here([*vault, "sync", "usb"]).out == "nothing new; in step with usb\n"
    assert json.loads(run_here([*vault, "sync", "--json"]).out)[0]["in_step"] is True
    refused = run_here([*vault, "sync", "add", "cloud", "ssh://host/x"])
    assert refused.code == Refused.exit_code
    assert "by which cloud may hold clinical records" in refused.err
    assert run_here([*vault, "sync", "add", "cloud", "ssh://host/x", "--agreement", "BAA with Host Inc., 2026-01-02"]).code == 0
    assert run_here([*vault, "sync", "nowhere"]).code == NotFound.exit_code
    assert "cloud  ssh://host/x  BAA with Host Inc., 2026-01-02  never synced" in run_here([*vault, "sync", "list"]).out
    plain(two.lee.chart, "config", "remote.quick.url", str(two.bare))
    assert run_here([*vault, "sync", "quick"]).code == Refused.exit_code
    assert run_here([*vault, "sync", "init-bare", str(two.bare)]).code == Conflict.exit_code
    assert run_here([*vault, "sync", "init-bare", str(tmp_path / "new")]).code == 0


@pytest.mark.parametrize("form", ["relative", "file"])
def test_an_address_that_plain_git_stored_is_the_same_place_from_every_folder(two: Two, form: str) -> None:
    written = f"file://{two.bare}" if form == "file" else os.path.relpath(two.bare, two.lee.chart)
    plain(two.lee.chart, "remote", "set-url", "usb", written)
    for folder in (two.lee.root, two.lee.chart, two.lee.chart / "clients"):
        two.write(two.lee)
        done = run_here(["sync", "usb"], cwd=folder)
        assert (done.code, done.out) == (0, f"sent {two.line}  1 commit\nin step with usb\n"), done.err
    with Chart(two.lee) as chart:
        assert [one.url for one in remotes.listed(chart)] == [str(two.bare)]
    again = run_here(["sync", "add", "usb", os.path.relpath(two.bare, two.lee.root), "--own-machine"], cwd=two.lee.root)
    assert (again.code, again.out) == (0, f"usb is {two.bare} (own machine)\n"), again.err
    assert plain(two.lee.chart, "config", "remote.usb.url").strip() == str(two.bare)


def test_an_address_that_is_none_is_listed_and_not_used(two: Two) -> None:
    plain(two.lee.chart, "remote", "set-url", "usb", "git://host/x")
    assert "usb  git://host/x" in run_here(["sync", "list"], cwd=two.lee.root).out
    assert run_here(["sync", "usb"], cwd=two.lee.root).code == BadInput.exit_code


def test_a_line_that_was_moved_back_here_is_not_led_past_what_was_recorded(two: Two) -> None:
    """Sam goes on from an older head; following that would drop Lee's newest note from the record, pin and all."""
    two.write(two.lee)
    newest = two.heads(two.lee.chart)[two.line]
    two.write(two.sam)
    two.sync(two.sam)
    command = ["git", "-c", "core.hooksPath=/dev/null", "-C", two.lee.chart]
    subprocess.run([*command, "update-ref", f"refs/heads/{two.line}", f"{newest}~1"], check=True)
    outcome = two.sync(two.lee)
    assert [(one.branch, one.findings[0].rule) for one in outcome.refused] == [(two.line, "rewritten")]
    with Chart(two.lee) as chart:
        pinned = pins.load(chart.policies.genesis, chart.repository.clone_id)
        assert pinned is not None
        assert pinned.heads[two.line] == newest


def test_a_line_that_was_moved_back_here_is_brought_forward_again(two: Two) -> None:
    two.write(two.lee)
    two.sync(two.lee)
    newest = two.heads(two.lee.chart)[two.line]
    command = ["git", "-c", "core.hooksPath=/dev/null", "-C", two.lee.chart]
    subprocess.run([*command, "update-ref", f"refs/heads/{two.line}", f"{newest}~1"], check=True)
    assert two.sync(two.lee).whole
    assert two.heads(two.lee.chart)[two.line] == newest
