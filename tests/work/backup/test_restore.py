"""A backup is checked whole before anything is made of it, and what it makes is the vault that was saved."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import tarfile
from collections.abc import Callable
from pathlib import Path

import pytest

from tests import everyday, helpers, shelf, vaults
from tests.work import lines
from tests.work.backup.test_make import identity, needs_age, stray
from tests.work.backup_world import back_up
from vaultcli.ground import files
from vaultcli.ground.age import tarball
from vaultcli.ground.errors import BadInput, Conflict, DiskTrouble, KeyTrouble
from vaultcli.ground.repository.remote import Remote
from vaultcli.ground.repository.repository import Repository
from vaultcli.places.machine import pins
from vaultcli.record import backup_manifest
from vaultcli.record.notes.hold import Free
from vaultcli.work.backup import restore
from vaultcli.work.people import keys as people_keys
from vaultcli.work.vault import admit_machine


@shelf.made_once
def world(tmp_path: Path) -> vaults.World:
    made = vaults.make(tmp_path / "v", (vaults.LEE, vaults.SAM))
    lines.sign(made, "ada", "First session.")
    made.write("bo", vaults.NOTE)
    (tmp_path / "usb").mkdir()
    return made


@pytest.fixture
def usb(tmp_path: Path) -> Path:
    return tmp_path / "usb"


def genesis(world: vaults.World) -> str:
    with world.chart() as chart:
        return chart.genesis


def elsewhere() -> None:
    """From here on it is another computer, whose home is empty."""
    for name in ("XDG_STATE_HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME"):
        shutil.rmtree(os.environ[name], ignore_errors=True)


def run(world: vaults.World, source: Path, *more: str | Path, key: bool = True, target: str = "again") -> helpers.Result:
    """`vaultcli restore` into a folder beside the vault."""
    root = world.vault.root.parent / target
    own = ("--key", world.vault.keys / "personal", "--as", "lee-example") if key else ()
    to = () if "--try" in more else (root,)
    given = more if "--genesis" in more else ("--genesis", genesis(world), *more)
    return helpers.run_here(list(map(os.fspath, ("restore", source, *to, "--yes", *own, *given))))


def nothing_was_made(world: vaults.World, target: str = "again") -> bool:
    left = Path(os.environ["XDG_STATE_HOME"]) / "vaultcli" / "restoring"
    return not (world.vault.root.parent / target).exists() and not (left.exists() and any(left.iterdir()))


def texts(root: Path) -> dict[str, bytes]:
    chart = root / "chart"
    found = (one for one in chart.rglob("*") if one.is_file() and ".git" not in one.relative_to(chart).parts)
    return {str(one.relative_to(chart)): one.read_bytes() for one in found}


def test_an_empty_home_gets_the_whole_vault(world, usb, tmp_path):
    new = world.write("ada", vaults.NOTE, record=False)
    draft = world.notes("bo")[0]
    draft.write_bytes(draft.read_bytes() + b"More.\n")
    back_up(world, usb)
    before = texts(world.vault.root)
    elsewhere()
    done = run(world, usb)
    assert done.code == 0, done.err
    assert "VERIFIED" in done.out
    assert "heads as restored on" in done.out
    after = texts(tmp_path / "again")
    policy = ("signers.toml", "allowed_signers")  # this machine was let in
    assert {path: raw for path, raw in after.items() if path not in policy} == {
        path: raw for path, raw in before.items() if path not in policy
    }
    assert str(new.relative_to(world.vault.chart)) in after
    said = helpers.run_here(["--vault", str(tmp_path / "again"), "verify"])
    assert said.code == 0
    assert nothing_was_made(world, "no")


@pytest.mark.parametrize("name", ["practice.toml", "allowed_signers"])
def test_an_unrecorded_edit_of_the_policy_stays_in_the_backup_and_stops_nothing(world, usb, tmp_path, name):
    file = world.vault.chart / name
    file.write_bytes(file.read_bytes() + b"# by hand\n")
    assert (back_up(world, usb).path / "unrecorded" / name).is_file()
    elsewhere()
    done = run(world, usb)
    assert done.code == 0, done.err
    assert f"an edit of {name} that was not recorded was not put back" in done.err
    assert b"by hand" not in (tmp_path / "again" / "chart" / name).read_bytes()


def test_one_of_a_line_that_diverged_keeps_both_sides(world, usb, tmp_path):
    line, folder = f"client/{world.clients['ada']}", world.folder("ada")
    tree = lines.git(folder, "rev-parse", "HEAD^{tree}").strip()
    as_lee = ("-c", "user.name=Lee Example", "-c", "user.email=lee-example")
    other = lines.git(folder, *as_lee, "commit-tree", tree, "-p", "HEAD", "-m", "x").strip()
    lines.git(folder, "update-ref", f"refs/remotes/origin/{line}", other)
    ours = lines.git(folder, "rev-parse", "HEAD").strip()
    back_up(world, usb)
    elsewhere()
    assert run(world, usb).code == 0
    chart = tmp_path / "again" / "chart"
    assert lines.git(chart, "rev-parse", f"refs/remotes/origin/{line}").strip() == other
    assert lines.git(chart, "rev-parse", f"refs/heads/{line}").strip() == ours


def test_a_try_makes_nothing(world, usb):
    back_up(world, usb)
    done = run(world, usb, "--try", key=False)
    assert done.code == 0
    assert "it can be restored; nothing was made" in done.out
    assert nothing_was_made(world)


def test_without_a_genesis_nothing_is_believed(world, usb):
    back_up(world, usb)
    done = helpers.run_here(["restore", str(usb), str(usb.parent / "again")])
    assert done.code == 2
    assert "does not vouch for itself" in done.err
    assert nothing_was_made(world)


# damage, one way each


def _truncated(made: Path) -> None:
    raw = (made / "chart.bundle").read_bytes()
    (made / "chart.bundle").write_bytes(raw[:-100])


def _flipped(made: Path) -> None:
    raw = bytearray((made / "chart.bundle").read_bytes())
    raw[len(raw) // 2] ^= 4
    (made / "chart.bundle").write_bytes(raw)


def _gone(made: Path) -> None:
    (made / "chart.bundle").unlink()


def _torn_manifest(made: Path) -> None:
    raw = (made / "backup.toml").read_bytes()
    (made / "backup.toml").write_bytes(raw[:-30])


def _newer_format(made: Path) -> None:
    raw = (made / "backup.toml").read_bytes()
    (made / "backup.toml").write_bytes(raw.replace(b"vaultcli = 1", b"vaultcli = 2", 1))


def _rewrite(made: Path, change: Callable[[dict[str, str]], dict[str, str]]) -> None:
    said = backup_manifest.parse((made / "backup.toml").read_bytes(), "")
    (made / "backup.toml").write_text(type(said)(**{**vars(said), "heads": change(dict(said.heads))}).text())


def _line_more(made: Path) -> None:
    _rewrite(made, lambda heads: heads | {"client/0000000000000000": heads["practice"]})


def _line_less(made: Path) -> None:
    _rewrite(made, lambda heads: {line: head for line, head in heads.items() if line == "practice"})


def _another_head(made: Path) -> None:
    _rewrite(made, lambda heads: dict.fromkeys(heads, heads["practice"]))


def _rebundle(made: Path, *refs: str) -> None:
    """A sound bundle of something else, its sums right in the manifest."""
    repo = made.parent / "repo"
    lines.git(made, "clone", "-q", "--mirror", str(made / "chart.bundle"), str(repo))
    (made / "chart.bundle").unlink()
    lines.git(repo, "bundle", "create", "-q", str(made / "chart.bundle"), *(refs or ("practice",)))
    shutil.rmtree(repo)
    raw = (made / "chart.bundle").read_bytes()
    said = backup_manifest.parse((made / "backup.toml").read_bytes(), "")
    fresh = type(said)(**{**vars(said), "size": len(raw), "sha256": hashlib.sha256(raw).hexdigest()})
    (made / "backup.toml").write_text(fresh.text())


def _missing_lines(made: Path) -> None:
    _rebundle(made)


def _thin(made: Path) -> None:
    _rebundle(made, "--all", "^practice")


def _unrecorded_changed(made: Path) -> None:
    next((made / "unrecorded").rglob("*.md")).write_text("Never said.\n")


def _unrecorded_gone(made: Path) -> None:
    next((made / "unrecorded").rglob("*.md")).unlink()


def _unrecorded_link(made: Path) -> None:
    file = next((made / "unrecorded").rglob("*.md"))
    raw = file.read_bytes()
    (made / "elsewhere").write_bytes(raw)
    file.unlink()
    file.symlink_to(made / "elsewhere")


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (_truncated, "bytes, and should have"),
        (_flipped, "SHA-256 is not that of the manifest"),
        (_gone, "is missing"),
        (_torn_manifest, "the manifest of the backup is damaged"),
        (_newer_format, "version 2 is not known"),
        (_line_more, "client/0000000000000000 is missing in it"),
        (_line_less, "is in it, and not in its manifest"),
        (_another_head, "ends elsewhere"),
        (_missing_lines, "is missing in it"),
        (_thin, "is damaged"),
        (_unrecorded_changed, "is missing or damaged"),
        (_unrecorded_gone, "is missing or damaged"),
        (_unrecorded_link, "not a regular file"),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_damage_is_told_before_anything_is_made(world, usb, spoil, words):
    world.write("ada", vaults.NOTE, record=False)
    made = back_up(world, usb)
    spoil(made.path)
    for more in ((), ("--try",)):
        done = run(world, made.path, *more)
        assert done.code in (5, 8), done.out
        assert words in done.err
        assert nothing_was_made(world)


def test_another_vault_is_told(world, usb, tmp_path):
    other = vaults.make(tmp_path / "w")
    made = back_up(other, usb)
    done = run(world, made.path)
    assert done.code == 4
    assert "another vault" in done.err
    (made.path / "backup.toml").unlink()
    done = run(world, made.path / "chart.bundle")
    assert done.code in (4, 8)
    assert "begin" in done.err or "another vault" in done.err
    assert nothing_was_made(world)
    assert run(world, usb).code == 3


def test_older_than_what_this_machine_has_seen(world, usb, tmp_path):
    made = back_up(world, usb)
    lines.sign(world, "ada", "Second session.", day="2026-11-21")
    with world.chart() as chart:
        fresh = vaults.add_client(chart, "cy", world.tick())
    done = run(world, made.path)
    assert done.code == 4
    assert f"client/{world.clients['ada']}:" in done.err
    assert f"client/{fresh}: is not in it" in done.err
    assert world.clients["bo"] not in done.err
    assert nothing_was_made(world)
    assert run(world, made.path, "--try").code == 0
    done = run(world, made.path, "--older")
    assert done.code == 0, done.err
    assert "2 lines had gone further" in done.err


def test_a_line_that_was_succeeded_since_is_not_missed(world, usb):
    """The pin names a commit that is gone; the new line's first commit lists it."""
    from vaultcli.work.people.authority import authority
    from vaultcli.work.vault import succession

    path = lines.sign(world, "ada", "For somebody else.", day="2026-11-19")
    lines.withdraw(world, "ada", path)
    old = lines.git(world.folder("ada"), "rev-parse", "HEAD").strip()
    with world.chart() as chart:
        plan = succession.plan(chart, world.clients["ada"], "misfiled-text")
        with authority(chart, None) as holder:
            succession.succeed(chart, plan, holder.recorder, world.tick(), None, Free(plan.client, ""))
        clone, first = chart.repository.clone_id, chart.policies.genesis
        known = pins.load(first, clone)
    assert known is not None
    pins.create(first, "0" * 16, {**known.heads, f"client/{world.clients['ada']}": old}, how=pins.ADOPTED, now=world.tick())
    made = back_up(world, usb)
    done = run(world, made.path)
    assert done.code == 0, done.err


def test_of_several_the_newest_clean_one_is_taken(world, usb):
    back_up(world, usb)
    lines.sign(world, "ada", "Second session.", day="2026-11-21")
    good = back_up(world, usb)
    stray(world)
    bad = back_up(world, usb)
    assert good.path.name in run(world, usb, "--try").out
    done = run(world, bad.path, "--try")
    assert done.code == 1
    assert "message" in done.err


def test_a_record_with_findings_can_be_restored_and_says_so(world, usb):
    stray(world)
    back_up(world, usb)
    done = run(world, usb)
    assert done.code == 1
    assert "NOT VERIFIED" in done.out


def test_a_target_that_holds_anything_is_not_touched(world, usb, tmp_path):
    back_up(world, usb)
    (tmp_path / "again").mkdir()
    (tmp_path / "again" / "thesis.txt").write_text("x")
    assert run(world, usb).code == 6
    assert [one.name for one in (tmp_path / "again").iterdir()] == ["thesis.txt"]
    before = texts(world.vault.root)
    done = run(world, usb, target="v")
    assert done.code == 6
    assert "holds a vault already" in done.err
    assert texts(world.vault.root) == before


def test_remains_are_no_vault(world, usb):
    with world.chart() as chart:
        blob = chart.repository.files(chart.repository.head(f"client/{world.clients['ada']}"))["client.md"][1]
    file = world.vault.chart / ".git" / "objects" / blob[:2] / blob[2:]
    file.chmod(0o600)
    file.write_bytes(b"nothing")
    made = back_up(world, usb)
    done = run(world, made.path)
    assert done.code == 4
    assert "damaged record" in done.err
    assert nothing_was_made(world)


class Killed(BaseException):
    """What ends a command at once."""


STEPS = [(Repository, "create"), (Remote, "fetch"), (Repository, "advance"), (pins, "create"), (restore, "_then"),
         (people_keys, "make_keys"), (admit_machine, "enrol")]  # fmt: skip


@pytest.mark.parametrize(
    ("where", "name", "after"),
    everyday.some([(*step, after) for step in STEPS for after in (False, True)], 3),
    ids=lambda value: getattr(value, "__name__", value),
)
def test_killed_at_any_step_and_repeated_it_is_whole(world, usb, tmp_path, monkeypatch, where, name, after):
    draft = world.write("ada", vaults.NOTE, record=False)
    made = back_up(world, usb)
    real = getattr(where, name)

    def dies(*args: object, **settings: object) -> object:
        if after:
            real(*args, **settings)
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(where, name, dies)
        assert run(world, made.path).code == 70
    vault = tmp_path / "again" / "vault.toml"
    assert not vault.exists() or (tmp_path / "again/chart" / draft.relative_to(world.vault.chart)).is_file()
    done = run(world, made.path)
    if done.code == 6:
        assert "holds a vault already" in done.err  # it was the very last step
        done = helpers.run_here(["--vault", str(tmp_path / "again"), "verify"])
    assert done.code == 0, done.err
    assert (tmp_path / "again/chart" / draft.relative_to(world.vault.chart)).read_bytes() == draft.read_bytes()


# sealed


@needs_age
def test_a_sealed_one(world, usb, tmp_path):
    recipient, file = identity(tmp_path)
    draft = world.write("ada", vaults.NOTE, record=False)
    made = back_up(world, usb, recipient)
    done = run(world, made.path)
    assert done.code == 7
    assert "--identity FILE" in done.err
    (tmp_path / "more").mkdir()
    _, other = identity(tmp_path / "more")
    assert run(world, made.path, "--identity", other).code == 7
    assert nothing_was_made(world)
    elsewhere()
    done = run(world, made.path, "--identity", file)
    assert done.code == 0, done.err
    assert (tmp_path / "again/chart" / draft.relative_to(world.vault.chart)).is_file()
    assert not any((Path(os.environ["XDG_STATE_HOME"]) / "vaultcli/restoring").iterdir())


@needs_age
@pytest.mark.parametrize("at", [200, -1])
def test_a_sealed_one_that_was_changed(world, usb, tmp_path, at):
    recipient, file = identity(tmp_path)
    made = back_up(world, usb, recipient)
    sealed = made.path / "content.tar.age"
    raw = bytearray(sealed.read_bytes())
    raw[at] ^= 1
    sealed.write_bytes(raw)
    said = backup_manifest.parse((made.path / "backup.toml").read_bytes(), "")
    fresh = type(said)(**{**vars(said), "sha256": hashlib.sha256(raw).hexdigest()})
    (made.path / "backup.toml").write_text(fresh.text())
    done = run(world, made.path, "--identity", file)
    assert done.code in (5, 7)
    assert nothing_was_made(world)


@needs_age
def test_keys_that_open(tmp_path):
    """An age identity under a passphrase, and SSH keys with one and without."""
    import pyrage

    (tmp_path / "in").write_bytes(b"text" * 100_000)
    told, plain = identity(tmp_path)
    under = tmp_path / "key.age"
    under.write_bytes(pyrage.passphrase.encrypt(plain.read_bytes(), "words", armored=True))
    cases = [(told, plain), (told, under)]
    for name, words in (("a", ""), ("b", "words")):
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", words, "-f", tmp_path / name], check=True)
        cases.append(((tmp_path / f"{name}.pub").read_text().strip(), tmp_path / name))
    for number, (recipient, file) in enumerate(cases):
        sealed, out = tmp_path / f"{number}.age", tmp_path / f"out{number}"
        out.mkdir()
        tarball.seal({"in": tmp_path / "in"}, sealed, [recipient])
        try:
            keys = tarball.identities(file, lambda _: "words")
        except KeyTrouble as error:
            # an SSH key under a passphrase needs a package that is not everywhere; stock age does it then
            assert file.name == "b"
            assert "age -d -i" in error.hint  # noqa: PT017
            continue
        tarball.unseal(sealed, out, keys)
        assert (out / "in").read_bytes() == (tmp_path / "in").read_bytes()
    with pytest.raises(KeyTrouble, match="passphrase"):
        tarball.identities(under, lambda _: "wrong")
    with pytest.raises(KeyTrouble, match="nobody can be asked"):
        tarball.identities(under, None)
    with pytest.raises(KeyTrouble, match="no identity"):
        tarball.identities(tmp_path / "in", None)


@needs_age
@pytest.mark.parametrize("kind", ["up", "absolute", "link", "device", "nothing"])
def test_a_tar_that_is_not_ours(tmp_path, kind):
    import io

    import pyrage

    told, file = identity(tmp_path)
    raw = io.BytesIO()
    with tarfile.open(fileobj=raw, mode="w") as tar:
        info = tarfile.TarInfo({"up": "../escaped", "absolute": str(tmp_path / "escaped")}.get(kind, "x"))
        info.type = {"link": tarfile.SYMTYPE, "device": tarfile.CHRTYPE}.get(kind, tarfile.REGTYPE)
        info.linkname = "/etc/passwd" if kind == "link" else ""
        tar.addfile(info)
    (tmp_path / "bad.age").write_bytes(
        pyrage.encrypt(b"nothing of the kind" if kind == "nothing" else raw.getvalue(), [pyrage.x25519.Recipient.from_str(told)])
    )
    out = tmp_path / "out"
    out.mkdir()
    with pytest.raises(BadInput):
        tarball.unseal(tmp_path / "bad.age", out, tarball.identities(file, None))
    assert list(out.iterdir()) == []
    assert not (tmp_path / "escaped").exists()


def test_no_room_to_seal_is_disk_trouble(tmp_path):
    if not Path("/dev/full").exists():
        pytest.skip("no /dev/full")
    told = "age1nysk3ka7dnkpz85yptx59hh7uy0r85a8rhv6m65tyt5xpghfugdq0cd3fm"
    (tmp_path / "in").write_bytes(os.urandom(1 << 20))
    real = os.open
    with pytest.MonkeyPatch.context() as patch:
        full = lambda path, *rest: real("/dev/full", os.O_WRONLY) if str(path).endswith(".age") else real(path, *rest)  # noqa: E731
        patch.setattr(os, "open", full)
        with pytest.raises(DiskTrouble, match="full"):
            tarball.seal({"in": tmp_path / "in"}, tmp_path / "x.age", [told])


def test_conflict_is_told_of_a_name_that_is_there(tmp_path):
    from vaultcli.ground import newfolder

    (tmp_path / "there").mkdir()
    with newfolder.folder(tmp_path) as new:
        files.create(new / "x", b"x")
        with pytest.raises(Conflict):
            newfolder.place(new, "there")
    assert list((tmp_path / "there").iterdir()) == []
    assert [one.name for one in tmp_path.iterdir()] == ["there"]
