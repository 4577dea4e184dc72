"""An exception excuses one finding that is there, at one commit, and is printed with every verdict."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests import shelf, vaults
from tests.helpers import signed
from tests.work import lines
from vaultcli.ground.errors import EXCEPTED, FINDINGS, BadInput, KeyTrouble, NotFound, Refused
from vaultcli.ground.git.objects import Ident
from vaultcli.ground.ssh.keyfiles import KeyFile
from vaultcli.places.chart.chart import Chart
from vaultcli.record.finding import Finding
from vaultcli.record.notes.hold import Free
from vaultcli.verify import vault
from vaultcli.verify.verdict import Verdict
from vaultcli.work.people import exceptions
from vaultcli.work.people.authority import authority
from vaultcli.work.people.exceptions import Excepted
from vaultcli.work.vault import succession

LEE = Ident("Lee Example", "lee-example")


@shelf.made_once
def world(tmp_path: Path) -> vaults.World:
    world = vaults.make(tmp_path / "vault", people=(vaults.LEE, vaults.SAM))
    lines.sign(world, "ada", "First session.")
    return world


def slip(world: vaults.World, branch: str, key: str) -> str:
    """A commit with a message that no rule knows, as somebody's own script would make it."""
    path = "notes/2026-11-21-progress-0000000000000009.md" if branch != "practice" else "templates/notes/own.md"
    with world.chart() as chart:
        return chart.repository.record(
            branch,
            {path: lines.TEXT.replace("{id}", "0000000000000009").encode()},
            message="a quick fix\n",
            ident=LEE,
            when=world.tick(),
            sign=lambda payload: signed(KeyFile(world.vault.keys / key), payload, "git"),
            expecting=chart.repository.head(branch),
        )


def verdict(world: vaults.World) -> Verdict:
    return vault.verify(world.vault.chart, now=world.now, cold=True)


def excuse(world: vaults.World, finding: Finding, reason: str = "made with plain git") -> Excepted:
    with world.chart() as chart, authority(chart, None) as holder:
        return exceptions.add(chart, finding, reason, holder, world.tick(), "system")


@pytest.mark.parametrize("where", ["ada", "practice"])
def test_a_finding_is_excused_and_still_told(world: vaults.World, where: str) -> None:
    branch = "practice" if where == "practice" else f"client/{world.clients['ada']}"
    oid = slip(world, branch, "personal" if where == "practice" else "machine")
    before = verdict(world)
    assert before.exit_code == FINDINGS
    assert {one.rule for one in before.findings} == {"message"}
    finding = exceptions.choose(before.findings, branch, oid[:9], "message")
    done = excuse(world, finding, reason="no: harm # was done")
    after = verdict(world)
    assert after.findings == ()
    assert after.exit_code == EXCEPTED
    assert [(one.excuse.path, one.finding.commit) for one in after.excused] == [(done.path, f"sha256:{oid}")]
    assert "no: harm # was done" in after.exceptions[0].reason


def test_the_signature_is_a_stock_one(world: vaults.World) -> None:
    branch = f"client/{world.clients['ada']}"
    oid = slip(world, branch, "machine")
    done = excuse(world, exceptions.choose(verdict(world).findings, branch, oid, "message"))
    file = world.folder("ada") / done.path
    import subprocess

    command = ["ssh-keygen", "-Y", "verify", "-f", str(world.vault.chart / "allowed_signers"), "-I", "lee-example"]
    command += ["-n", "exception@vaultcli.v1", "-s", f"{file}.sig"]
    assert b"Good" in subprocess.run(command, input=file.read_bytes(), check=True, capture_output=True).stdout


def test_only_what_is_reported_can_be_excused(world: vaults.World) -> None:
    branch = f"client/{world.clients['ada']}"
    oid = slip(world, branch, "machine")
    found = verdict(world).findings
    good = lines.git(world.vault.chart, "rev-parse", f"{branch}~1").strip()
    with pytest.raises(NotFound, match="message at sha256"):
        exceptions.choose(found, branch, oid, "ident")
    with pytest.raises(NotFound):
        exceptions.choose(found, branch, good, "message")
    with pytest.raises(NotFound):
        exceptions.choose(found, f"client/{world.clients['bo']}", oid, "message")
    with pytest.raises(BadInput):
        exceptions.choose(found, branch, "HEAD", "message")


def test_an_exception_for_a_commit_that_is_not_before_it_is_refused(world: vaults.World) -> None:
    branch = f"client/{world.clients['ada']}"
    made_up = Finding(branch, "message", "x", commit="sha256:" + "0" * 64, branch=branch)
    with pytest.raises(Refused, match="does not come before it"):
        excuse(world, made_up)


@pytest.mark.parametrize("reason", ["", "  ", "two\nlines"])
def test_a_reason_is_one_line(world: vaults.World, reason: str) -> None:
    branch = f"client/{world.clients['ada']}"
    oid = slip(world, branch, "machine")
    finding = Finding(branch, "message", "x", commit=f"sha256:{oid}", branch=branch)
    with pytest.raises(BadInput, match="one line"):
        excuse(world, finding, reason)


def test_a_trainee_cannot_excuse(world: vaults.World) -> None:
    with Chart(world.as_person("sam-trainee")) as chart, pytest.raises(KeyTrouble, match="policy role"), authority(chart, None):
        pass


def test_nothing_is_signed_over_an_excused_gap(world: vaults.World) -> None:
    branch = f"client/{world.clients['ada']}"
    oid = slip(world, branch, "machine")
    excuse(world, exceptions.choose(verdict(world).findings, branch, oid, "message"))
    lines.sign(world, "ada", "Another session.", day="2026-11-22")
    after = verdict(world)
    assert after.findings == ()
    assert after.exit_code == EXCEPTED


def test_an_excepted_line_can_be_succeeded(world: vaults.World) -> None:
    branch = f"client/{world.clients['ada']}"
    oid = slip(world, branch, "machine")
    done = excuse(world, exceptions.choose(verdict(world).findings, branch, oid, "message"))
    with world.chart() as chart, authority(chart, None) as holder:
        plan = succession.plan(chart, world.clients["ada"], "plaintext-incident")
        succession.succeed(chart, plan, holder.recorder, world.tick(), None, Free(plan.client, ""))
    after = verdict(world)
    assert after.findings == ()
    assert [one.path for one in after.exceptions] == [done.path]
    assert [one.ground for one in after.successions] == ["plaintext-incident"]
