"""A succession leaves out what it must, keeps the rest provable, and survives being killed anywhere."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests import vaults
from tests.work import lines
from vaultcli.ground import files
from vaultcli.ground.errors import Refused
from vaultcli.ground.ssh import sshsig
from vaultcli.places.machine import pins
from vaultcli.record.history.commit import Facts
from vaultcli.record.history.line import Line
from vaultcli.record.notes.hold import Free
from vaultcli.record.rules import admission, succession
from vaultcli.verify import vault
from vaultcli.verify.lines import Succeeded as Succession
from vaultcli.work.index import view as views
from vaultcli.work.notes import save
from vaultcli.work.people.authority import authority
from vaultcli.work.vault import succession as line_succession
from vaultcli.work.vault.succession import Succeeded

MISFILED = "The canary of somebody else"


@pytest.fixture
def world(tmp_path: Path) -> vaults.World:
    """Ada's line with three notes, the second of which is Bo's, corrected, and withdrawn as such."""
    return made(tmp_path)


def made(tmp_path: Path) -> vaults.World:
    world = vaults.make(tmp_path / "vault")
    lines.sign(world, "ada", "First session.")
    wrong = lines.sign(world, "ada", f"{MISFILED} came.", day="2026-11-21")
    lines.correct(world, "ada", wrong, f"{MISFILED} is better.")
    lines.sign(world, "ada", "Third session.", day="2026-11-22")
    lines.withdraw(world, "ada", wrong, remark=f"{MISFILED}: it is another's")
    lines.sign(world, "bo", "Bo's own session.")
    return world


def succeed(world: vaults.World, ground: str = "misfiled-text", place: Path | None = None, **settings: object) -> Succeeded:
    with world.chart() as chart, authority(chart, None) as holder:
        plan = line_succession.plan(chart, world.clients["ada"], ground, **settings)  # type: ignore[arg-type]
        free = Free(plan.client, "") if place is None else None
        return line_succession.succeed(chart, plan, holder.recorder, world.tick(), place, free)


def judged(world: vaults.World) -> tuple[Line, list[str]]:
    """Ada's line as verification folds it, every note's signature checked, with the rules that it breaks."""
    with world.chart() as chart:
        branch, repository, found = f"client/{world.clients['ada']}", chart.repository, []
        line, parent = Line(branch), None
        for commit in repository.history(branch):
            assert commit.signature is not None
            key = sshsig.verify(commit.signature, commit.payload, "git").key
            facts = Facts(commit, branch, key, "", tuple(repository.changes(parent, commit.oid)))
            found += admission.admit(facts, line, chart.policies, repository.objects.blob, sshsig.verify, 1 << 40)
            parent = commit.oid
        return line, [f"{one.rule}: {one.path}: {one.message}" for one in found]


def test_what_was_withdrawn_as_wrong_client_is_gone_with_all_that_was_added_to_it(world: vaults.World) -> None:
    old = lines.git(world.vault.chart, "rev-list", "--reverse", f"client/{world.clients['ada']}").split()
    done = succeed(world)
    line, found = judged(world)
    assert found == []
    assert line.oids == [done.commit]
    assert line.old_oids == tuple(old)
    assert len(world.notes("ada")) == 2
    assert not any("withdrawal" in path for path in line.files)
    assert len(line.left_out) == 3
    assert line.number == 5


def test_the_old_line_leaves_no_byte_in_this_copy(world: vaults.World) -> None:
    assert any(MISFILED.encode() in raw for raw in lines.everything(world.vault.chart).values())
    others = lines.everything(world.vault.chart)
    done = succeed(world)
    left = lines.everything(world.vault.chart)
    assert not any(MISFILED.encode() in raw for raw in left.values())
    assert done.removed == len(others.keys() - left.keys()) > 10
    assert lines.git(world.vault.chart, "fsck", "--strict", "--full", "--no-dangling") == ""
    text = [file for file in (world.vault.chart / ".git").rglob("*") if file.is_file() and "objects" not in file.parts]
    ids = {one.id for one in statement(world).left_out}
    assert not [file for file in text if any(id_.encode() in file.read_bytes() for id_ in ids)]


def test_other_lines_keep_every_object_also_those_that_nothing_leads_to(world: vaults.World) -> None:
    chart = world.vault.chart
    (chart / "stray").write_text("an interrupted save of Bo's\n")
    stray = lines.git(chart, "hash-object", "-w", "stray").strip()
    (chart / "stray").unlink()
    bo = f"client/{world.clients['bo']}"
    before = set(lines.git(chart, "rev-list", "--objects", "--no-object-names", "practice", bo).split())
    lines.git(chart, "config", "--unset", "extensions.preciousObjects")
    lines.git(chart, "repack", "-a", "-d", "-k", "-q")
    assert stray in lines.everything(chart)
    succeed(world)
    assert before | {stray} <= lines.everything(chart).keys()
    assert not any(MISFILED.encode() in raw for raw in lines.everything(chart).values())
    assert lines.git(chart, "fsck", "--strict", "--full", "--no-dangling") == ""


def test_stray_objects_of_what_is_left_out_go_too(world: vaults.World) -> None:
    chart = world.vault.chart
    wrong = next(path for path in world.notes("ada") if path.name.startswith("2026-11-21"))
    (chart / "stray").write_bytes(wrong.read_bytes() + b"one more word\n")
    stray = lines.git(chart, "hash-object", "-w", "stray").strip()
    (chart / "stray").unlink()
    succeed(world)
    assert stray not in lines.everything(chart)


def test_the_sealed_line_clones_and_is_what_the_record_says(world: vaults.World, tmp_path: Path) -> None:
    branch = f"client/{world.clients['ada']}"
    head = lines.git(world.vault.chart, "rev-parse", branch).strip()
    place = tmp_path / "stick"
    place.mkdir()
    done = succeed(world, place=place)
    assert done.sealed is not None
    assert statement(world).sealed == done.sealed.sha256 == files.digest(done.sealed.path.read_bytes())
    assert done.sealed.path.stat().st_mode & 0o777 == 0o600
    lines.git(tmp_path, "clone", "-q", str(done.sealed.path), "old")
    assert lines.git(tmp_path / "old", "rev-parse", "HEAD").strip() == head
    assert MISFILED in lines.git(tmp_path / "old", "log", "-p")
    assert lines.git(tmp_path / "old", "fsck", "--strict") == ""


@pytest.mark.parametrize("inside", ["", "chart", "chart/clients"])
def test_a_sealed_line_leaves_the_vault(world: vaults.World, inside: str) -> None:
    with pytest.raises(Refused, match="inside the vault"):
        succeed(world, place=world.vault.root / inside)
    assert judged(world)[0].old_oids == ()


def test_first_recordings_survive(world: vaults.World) -> None:
    before, _ = judged(world)
    succeed(world)
    after, _ = judged(world)
    assert {path: after.recorded[path] for path in after.recorded} == {path: before.recorded[path] for path in after.recorded}


def test_the_line_goes_on_and_may_be_succeeded_again(world: vaults.World) -> None:
    old = lines.git(world.vault.chart, "rev-list", "--reverse", f"client/{world.clients['ada']}").split()
    first = succeed(world)
    wrong = lines.sign(world, "ada", "Fourth session.", day="2026-11-23")
    stem = wrong.removeprefix("notes/").removesuffix(".md")
    again = list(judged(world)[0].oids)
    done = succeed(world, "court-order", leave_out=[stem])
    line, found = judged(world)
    assert found == []
    assert again[0] == first.commit
    assert line.old_oids == (*old, *again)
    assert len(line.left_out) == 4
    assert [one.number for one in statement(world).left_out] == [2, 3, 5, 6]
    assert statement(world).earlier == (succession.Earlier(f"sha256:{first.commit}", "misfiled-text", "", 3),)
    told = [(one.commit, one.ground, one.replaced, one.left_out) for one in successions(world)]
    assert told == [(f"sha256:{first.commit}", "misfiled-text", len(old), 3), (f"sha256:{done.commit}", "court-order", 3, 1)]
    lines.sign(world, "ada", "Fifth session.", day="2026-11-23")
    line, found = judged(world)
    assert found == []
    assert line.number == 7


def test_a_draft_is_left_out_with_its_history(world: vaults.World) -> None:
    file = world.write("ada", lines.TEXT.replace("She came", f"{MISFILED} II came").encode())
    lines.withdraw(world, "ada", f"notes/{file.name}")
    succeed(world)
    _, found = judged(world)
    assert found == []
    assert sorted(one.number for one in statement(world).left_out) == [0, 2, 3, 5, 6]
    assert not file.exists()


def test_the_pin_follows(world: vaults.World) -> None:
    done = succeed(world)
    with world.chart() as chart:
        pinned = pins.load(chart.policies.genesis, chart.repository.clone_id)
        assert pinned is not None
        assert pinned.heads[f"client/{world.clients['ada']}"] == done.commit


@pytest.mark.parametrize("what", ["edited", "new", "missing", "swap", "copy"])
def test_a_folder_that_is_not_as_recorded_is_refused(world: vaults.World, what: str) -> None:
    note = next(path for path in world.notes("ada") if path.name.startswith("2026-11-21"))
    match what:
        case "edited":
            note.write_bytes(note.read_bytes() + b"x")
        case "new":
            (note.parent / "2026-11-23-progress-0000000000000000.md").write_text("---\n---\n")
        case "missing":
            note.unlink()
        case "swap":
            (note.parent / f".{note.name}.swp").write_text(MISFILED)
        case "copy":
            (note.parent / f"{note.name}~").write_text(MISFILED)
    with pytest.raises(Refused, match="not as it was recorded"):
        succeed(world)
    assert judged(world)[0].old_oids == ()


def test_what_was_put_aside_of_a_misfiled_text_is_named_first(world: vaults.World) -> None:
    note = next(path for path in world.notes("ada") if path.name.startswith("2026-11-21"))
    with world.chart() as chart:
        save.keep(chart, "notes/2026-11-20-progress-0000000000000000.md", b"Another's.")
        aside = save.keep(chart, f"notes/{note.name}", MISFILED.encode())
    with pytest.raises(Refused, match="put aside") as refused:
        succeed(world)
    assert refused.value.message.count("\n") == 1
    assert str(aside) in refused.value.message
    aside.unlink()
    succeed(world)
    assert judged(world)[0].old_oids


def test_a_tag_of_the_users_own_is_named_and_not_deleted(world: vaults.World) -> None:
    lines.git(world.vault.chart, "tag", "mine", f"client/{world.clients['ada']}~2")
    with pytest.raises(Refused, match="refs/tags/mine"):
        succeed(world)
    assert judged(world)[0].old_oids == ()


def test_remote_tracking_refs_of_the_line_go_with_it(world: vaults.World) -> None:
    ref = f"refs/remotes/stick/client/{world.clients['ada']}"
    other = f"refs/remotes/stick/client/{world.clients['bo']}"
    lines.git(world.vault.chart, "update-ref", ref, f"client/{world.clients['ada']}")
    lines.git(world.vault.chart, "update-ref", other, f"client/{world.clients['bo']}")
    succeed(world)
    refs = lines.git(world.vault.chart, "for-each-ref", "--format=%(refname)")
    assert ref not in refs
    assert other in refs
    assert not any(MISFILED.encode() in raw for raw in lines.everything(world.vault.chart).values())


def test_nothing_to_leave_out_is_no_succession(world: vaults.World) -> None:
    succeed(world)
    with pytest.raises(Refused, match="no text of this client"):
        succeed(world)
    with pytest.raises(Refused, match="succeeded already"):
        succeed(world, "plaintext-incident")


def test_only_the_policy_role_can(tmp_path: Path) -> None:
    from vaultcli.ground.errors import KeyTrouble
    from vaultcli.places.chart.chart import Chart

    world = vaults.make(tmp_path / "vault", people=(vaults.LEE, vaults.SAM))
    with Chart(world.as_person("sam-trainee")) as chart, pytest.raises(KeyTrouble, match="policy role"), authority(chart, None):
        pass


def successions(world: vaults.World) -> tuple[Succession, ...]:
    return vault.verify(world.vault.chart, now=world.now).successions


def statement(world: vaults.World) -> succession.Succession:
    with world.chart() as chart:
        raw = chart.recorded(world.clients["ada"], succession.PATH)
        assert raw is not None
        return succession.parse(raw.decode())


def test_a_finding_does_not_end_with_its_line(world: vaults.World) -> None:
    from vaultcli.ground.errors import NotVerified
    from vaultcli.record.finding import Finding

    branch = f"client/{world.clients['ada']}"
    other = Finding("notes/x.md", "unsettled", "was signed by nobody", branch=f"client/{world.clients['bo']}")
    line_succession.check_verified([other], branch)
    with pytest.raises(NotVerified, match="unsettled"):
        line_succession.check_verified([other, Finding(branch, "unsettled", "x", branch=branch)], branch)


def test_a_sync_brings_nothing_back_and_replaces_the_line_there(world: vaults.World, tmp_path: Path) -> None:
    from vaultcli.work.sync import remotes, sync

    bare, branch = tmp_path / "usb", f"client/{world.clients['ada']}"
    with world.chart() as chart:
        remotes.init_bare(bare, object_format="sha256", genesis=chart.genesis)
        usb = remotes.add(chart, "usb", str(bare), remotes.OWN, tmp_path)
        assert sync.sync(chart, usb, world.tick()).whole
    done = succeed(world)
    for sent in ([branch], []):
        with world.chart() as chart:
            outcome = sync.sync(chart, usb, world.tick())
            assert outcome.whole, outcome
            assert [one.branch for one in outcome.sent] == sent
    assert lines.git(bare, "rev-parse", branch).strip() == done.commit
    assert not any(MISFILED.encode() in raw for raw in lines.everything(world.vault.chart).values())


def test_no_word_of_what_is_left_out_stays_in_the_index(world: vaults.World) -> None:
    with world.chart() as chart, views.look(chart) as view:
        assert view.lines
    directory = world.vault.chart / ".git" / "vaultcli"
    assert list(directory.glob("index.sqlite*"))
    succeed(world)
    assert not list(directory.glob("index.sqlite*"))
