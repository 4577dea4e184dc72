"""Signing: the author's bytes stay, the block says where the file belongs, and one commit carries it all."""

import subprocess
from datetime import timedelta

import pytest

from tests import vaults
from vaultcli.ground.errors import Conflict, KeyTrouble, Refused
from vaultcli.places.chart.chart import Chart, Recording
from vaultcli.record.notes import block
from vaultcli.record.view.entry import (
    COSIGNED,
    DRAFT,
    NEEDS_COSIGNATURE,
    SIGNED,
    Entry,
)
from vaultcli.work.notes import amend, lookup
from vaultcli.work.notes import sign as signatures
from vaultcli.work.notes.sign import Batch


@pytest.fixture
def world(tmp_path):
    return vaults.make(tmp_path / "vault", people=(vaults.LEE, vaults.SAM))


def sign(chart: Chart, world: vaults.World, entries: list[Entry], event: str = "sign") -> signatures.Done:
    ready = [signatures.ready(chart, one.client, one.path, one.raw) for one in entries]
    seen = {one.unsigned.path: one.seen for one in ready}
    batch = Batch(entries[0].client, event, [one.unsigned for one in ready], seen)
    with signatures.pen(chart, None) as pen, chart.recorder() as by:
        return signatures.sign(chart, batch, pen, by, world.tick(), "system")


def add(chart: Chart, world: vaults.World, unsigned, event: str) -> signatures.Done:
    with signatures.pen(chart, None) as pen, chart.recorder() as by:
        client = world.clients["ada"]
        return signatures.sign(chart, Batch(client, event, [unsigned]), pen, by, world.tick(), "system")


def entries(chart: Chart, world: vaults.World, handle: str = "ada") -> list[Entry]:
    return lookup.entries_of_id(chart, world.clients[handle])


def test_signed_bytes_are_the_authors_bytes_and_the_block(world):
    world.write("ada", vaults.NOTE)
    with world.chart() as chart:
        before = entries(chart, world)[0]
        sign(chart, world, [before])
        after = entries(chart, world)[0]
        assert before.state == DRAFT
        assert after.state == SIGNED
        assert block.without(after.raw) == before.raw
        said = block.parse(after.raw)
        assert (said.by, said.meaning, said.number, said.follows) == ("lee-example", "author", 1, ())
        assert said.recorded == before.recorded.time
        assert said.time > said.recorded


def test_ssh_keygen_verifies_what_was_signed(world):
    path = world.write("ada", vaults.NOTE)
    with world.chart() as chart:
        sign(chart, world, entries(chart, world))
    command = ["ssh-keygen", "-Y", "verify", "-f", world.vault.chart / "allowed_signers", "-I", "lee-example"]
    command += ["-n", "note@vaultcli.v1", "-s", f"{path}.sig"]
    assert subprocess.run(command, input=path.read_bytes(), capture_output=True).returncode == 0
    assert subprocess.run(command, input=path.read_bytes() + b"x", capture_output=True).returncode != 0


def test_several_notes_are_one_commit_and_one_chain(world):
    for _ in range(3):
        world.write("ada", vaults.NOTE)
    with world.chart() as chart:
        before = len(chart.line(world.clients["ada"]).oids)
        done = sign(chart, world, entries(chart, world))
        line = chart.line(world.clients["ada"])
        assert len(line.oids) == before + 1
        assert line.number == 3
        digests = [digest for _, digest in done.files]
        blocks = [line.signed[path].block for path, _ in done.files]
        assert [one.follows for one in blocks] == [(), (digests[0],), (digests[1],)]


def test_the_next_signature_follows_the_last_one(world):
    with world.chart() as chart:
        world.write("ada", vaults.NOTE)
        first = sign(chart, world, entries(chart, world))
        world.write("ada", vaults.NOTE)
        second = sign(chart, world, [one for one in entries(chart, world) if one.open])
        said = chart.line(world.clients["ada"]).signed[second.files[0][0]].block
        assert said.follows == (first.files[0][1],)
        assert said.number == 2


def test_only_the_author_signs(world):
    world.write("ada", vaults.NOTE)
    with Chart(world.as_person("sam-trainee")) as chart, pytest.raises(Refused, match="only the author"):
        sign(chart, world, entries(chart, world))


def test_a_note_with_a_wrong_field_is_not_signed(world):
    world.write("ada", vaults.NOTE.replace(b"09:00-09:53", b"9 to 10"))
    with world.chart() as chart, pytest.raises(Refused, match="time"):
        sign(chart, world, entries(chart, world))


def test_a_file_that_changed_since_it_was_read_is_not_signed(world):
    path = world.write("ada", vaults.NOTE)
    with world.chart() as chart:
        read = entries(chart, world)
        path.write_bytes(path.read_bytes() + b"more\n")
        with pytest.raises(Conflict):
            sign(chart, world, read)
        assert entries(chart, world)[0].state == DRAFT
    assert path.read_bytes().endswith(b"more\n")


def test_a_prompt_goes_and_the_users_comment_stays(world):
    raw = vaults.NOTE.replace(b"## Plan\n", b"## Plan\n\n<!-- ask about sleep -->\n")
    world.write("ada", raw)
    with world.chart() as chart:
        one = entries(chart, world)[0]
        ready = signatures.ready(chart, one.client, one.path, one.raw)
        assert [text for _, text in ready.comments] == ["<!-- ask about sleep -->"]
        assert b"ask about sleep" in ready.unsigned.raw


def test_lateness_counts_from_the_end_of_the_session(world):
    world.write("ada", vaults.NOTE)
    world.now += timedelta(days=3)
    with world.chart() as chart:
        sign(chart, world, entries(chart, world))
        said = block.parse(entries(chart, world)[0].raw)
    assert said.lateness == 71


def test_a_key_that_is_not_admitted_signs_nothing(world, tmp_path):
    from vaultcli.ground.ssh import sign as ssh

    (world.vault.keys / "personal").unlink()
    (world.vault.keys / "personal.pub").unlink(missing_ok=True)
    ssh.generate(world.vault.keys / "personal", "another", None)
    world.write("ada", vaults.NOTE)
    with world.chart() as chart, pytest.raises(KeyTrouble, match="not admitted"), signatures.pen(chart, None):
        pass


def test_a_trainees_note_needs_the_supervisor_and_says_so(world):
    sam = world.as_person("sam-trainee")
    with Chart(sam) as chart:
        id_ = "0000000000000abc"
        raw = vaults.NOTE.replace(b"{id}", id_.encode())
        path = f"notes/2026-11-20-progress-{id_}.md"
        chart.record(world.clients["ada"], Recording("draft", (id_,), {path: raw}), world.tick())
        sign(chart, world, entries(chart, world))
        note = entries(chart, world)[0]
        assert note.state == NEEDS_COSIGNATURE
        assert note.signed.block.cosigner == "lee-example"
    with world.chart() as chart:
        add(chart, world, amend.cosignature(entries(chart, world)[0]), "cosign")
        assert entries(chart, world)[0].state == COSIGNED


def test_a_cosignature_does_not_cover_an_unseen_addition(world):
    with Chart(world.as_person("sam-trainee")) as chart:
        id_ = "0000000000000abc"
        path = f"notes/2026-11-20-progress-{id_}.md"
        changes = {path: vaults.NOTE.replace(b"{id}", id_.encode())}
        chart.record(world.clients["ada"], Recording("draft", (id_,), changes), world.tick())
        sign(chart, world, entries(chart, world))
        with world.chart() as supervisors:
            seen = entries(supervisors, world)[0]
        add(chart, world, amend.addendum(seen, "addendum", b"Called back at noon.\n", "sam-trainee"), "amend")
    with world.chart() as chart, pytest.raises(Refused, match="cover"):
        add(chart, world, amend.cosignature(seen), "cosign")
