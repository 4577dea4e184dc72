"""What is added to a finished note never changes it, and names by SHA-256 the bytes it speaks of."""

import hashlib
from dataclasses import replace

import pytest

from tests import shelf, vaults
from tests.work.notes.test_sign import add, entries, sign
from vaultcli.ground.errors import BadInput, Refused
from vaultcli.places.chart.chart import Chart, Recording
from vaultcli.record.view.entry import ATTESTED, WITHDRAWN
from vaultcli.work.notes import amend
from vaultcli.work.notes import sign as signatures
from vaultcli.work.notes.sign import Batch


@shelf.made_once
def world(tmp_path):
    """A practice with one signed note of Ada's."""
    world = vaults.make(tmp_path / "vault", people=(vaults.LEE, vaults.SAM))
    world.write("ada", vaults.NOTE)
    with world.chart() as chart:
        sign(chart, world, entries(chart, world))
    return world


def correct(chart, world, old: bytes, new: bytes, reason: str = "typing error"):
    entry = entries(chart, world)[0]
    path, raw = amend.start(chart, entry)
    edited = raw.replace(old, new)
    (chart.folder(entry.client) / path).write_bytes(edited)
    found = amend.difference(entry, edited, path)
    assert found.kind == "correction"
    seen = {path: hashlib.sha256(edited).hexdigest()}
    with signatures.pen(chart, None) as pen, chart.recorder() as by:
        batch = Batch(entry.client, "amend", [amend.correction(entry, edited, path, reason)], seen)
        return signatures.sign(chart, batch, pen, by, world.tick(), "system")


def test_a_correction_holds_the_whole_text_and_leaves_the_original(world):
    with world.chart() as chart:
        before = entries(chart, world)[0]
        correct(chart, world, b"Mood is lifting", b"Mood has lifted")
        after = entries(chart, world)[0]
    assert after.raw == before.raw
    assert b"Mood has lifted" in after.text
    assert b"Mood is lifting" not in after.text
    assert after.corrections[0].file.hashes == (before.signed.sha256,)


def test_corrections_chain(world):
    with world.chart() as chart:
        correct(chart, world, b"Mood is lifting", b"Mood has lifted")
        first = entries(chart, world)[0].corrections[0]
        correct(chart, world, b"Mood has lifted", b"Mood had lifted", "tense")
        second = entries(chart, world)[0].corrections[1]
    assert second.file.hashes == (first.file.sha256,)
    assert second.raw.count(b"corrects:") == 1
    assert second.raw.count(b"reason:") == 1


def test_a_field_can_be_corrected(world):
    with world.chart() as chart:
        correct(chart, world, b"09:00-09:53", b"09:05-09:53", "clock read wrongly")
        assert b"time: 09:05-09:53" in entries(chart, world)[0].text


def test_text_only_added_at_the_end_is_an_addendum(world):
    with world.chart() as chart:
        entry = entries(chart, world)[0]
        path, raw = amend.start(chart, entry)
        found = amend.difference(entry, raw + b"\nShe rang at noon to move the hour.\n", path)
    assert found.kind == "addendum"
    assert found.added == b"She rang at noon to move the hour.\n"


def test_words_put_before_the_last_line_end_are_a_correction(world):
    with world.chart() as chart:
        entry = entries(chart, world)[0]
        path, raw = amend.start(chart, entry)
        found = amend.difference(entry, raw.rstrip(b"\n") + b" And so on.\n", path)
    assert found.kind == "correction"


def test_an_unchanged_copy_is_nothing(world):
    with world.chart() as chart:
        entry = entries(chart, world)[0]
        path, raw = amend.start(chart, entry)
        assert amend.difference(entry, raw, path).kind == ""


def test_a_copy_of_an_older_text_is_refused(world):
    with world.chart() as chart:
        entry = entries(chart, world)[0]
        path, raw = amend.start(chart, entry)
        (chart.folder(entry.client) / path).unlink()
        correct(chart, world, b"Mood is lifting", b"Mood has lifted")
        with pytest.raises(Refused, match="was corrected since"):
            amend.difference(entries(chart, world)[0], raw, path)


def test_a_copy_without_its_line_is_refused_with_the_line_to_put_back(world):
    with world.chart() as chart:
        entry = entries(chart, world)[0]
        path, raw = amend.start(chart, entry)
        lines = [row for row in raw.splitlines(keepends=True) if not row.startswith(b"corrects:")]
        with pytest.raises(BadInput) as error:
            amend.difference(entry, b"".join(lines), path)
    assert entry.signed.sha256 in error.value.hint


def test_another_person_may_add_but_not_correct(world):
    with Chart(world.as_person("sam-trainee")) as chart:
        entry = entries(chart, world)[0]
        made = amend.addendum(entry, "late-entry", b"I was in the room until 9:20.\n", "sam-trainee")
        assert made.meaning == "contributor"
        add(chart, world, made, "amend")
        entry = entries(chart, world)[0]
        path, raw = amend.start(chart, entry)
        edited = raw.replace(b"Mood is lifting", b"Mood is low")
        (chart.folder(entry.client) / path).unlink()
        with pytest.raises(Refused, match="author"):
            add(chart, world, amend.correction(entry, edited, path, "x"), "amend")


def test_a_withdrawn_note_takes_no_additions(world):
    with world.chart() as chart:
        entry = entries(chart, world)[0]
        add(chart, world, amend.withdrawal(entry, "entered-in-error", "lee-example"), "withdraw")
        entry = entries(chart, world)[0]
        assert entry.state == WITHDRAWN
        with pytest.raises(Refused, match="withdrawn"):
            amend.check_may_amend(entry)
        with pytest.raises(Refused, match="withdrawn"):
            add(chart, world, amend.addendum(entry, "addendum", b"More.\n", "lee-example"), "amend")


def test_a_recorded_draft_can_be_withdrawn_and_is_fixed_then(world):
    path = world.write("bo", vaults.NOTE)
    with world.chart() as chart:
        entry = entries(chart, world, "bo")[0]
        with signatures.pen(chart, None) as pen, chart.recorder() as by:
            unsigned = amend.withdrawal(entry, "duplicate", "lee-example")
            signatures.sign(chart, Batch(entry.client, "withdraw", [unsigned]), pen, by, world.tick(), "system")
        changed = {entry.path: path.read_bytes() + b"more\n"}
        with pytest.raises(Refused, match="signed"):
            chart.record(entry.client, Recording("draft", (entry.id,), changed), world.tick())


def test_an_attested_note_is_fixed_and_can_be_corrected(world):
    world.write("bo", vaults.NOTE)
    with world.chart() as chart:
        entry = entries(chart, world, "bo")[0]
        with signatures.pen(chart, None) as pen, chart.recorder() as by:
            unsigned = amend.attestation(entry, amend.statement(chart, entry))
            signatures.sign(chart, Batch(entry.client, "attest", [unsigned]), pen, by, world.tick(), "system")
        entry = entries(chart, world, "bo")[0]
        assert entry.state == ATTESTED
        path, raw = amend.start(chart, entry)
        edited = raw.replace(b"Mood is lifting", b"Mood has lifted")
        (chart.folder(entry.client) / path).write_bytes(edited)
        with signatures.pen(chart, None) as pen, chart.recorder() as by:
            seen = {path: hashlib.sha256(edited).hexdigest()}
            batch = Batch(entry.client, "amend", [amend.correction(entry, edited, path, "slip")], seen)
            signatures.sign(chart, batch, pen, by, world.tick(), "system")
        assert b"Mood has lifted" in entries(chart, world, "bo")[0].text


def test_an_attestation_names_client_service_and_capacity_at_the_time(world):
    world.write("bo", vaults.NOTE)
    with world.chart() as chart:
        entry = entries(chart, world, "bo")[0]
        said = " ".join(amend.statement(chart, entry).split())
        me, bo = chart.me, chart.register(entry.client)
        assert f"the service of {entry.name.date}" in said
        assert f"to {bo.name}, " in said
        assert f"in my capacity at the time: {me.credentials}, {', '.join(me.roles)}." in said
        later = replace(chart.policies.head, time=chart.policies.head.time + 10**6, practice=_renamed(chart))
        chart.policies.items.append(later)
        assert "LCSW" not in amend.statement(chart, entry)


def _renamed(chart):
    """The practice after its author got another degree."""
    practice = chart.policy.practice
    return replace(practice, people=tuple(replace(one, credentials="LCSW") for one in practice.people))


def test_a_copy_whose_addition_was_signed_is_not_signed_twice(world):
    with world.chart() as chart:
        entry = entries(chart, world)[0]
        path, raw = amend.start(chart, entry)
        edited = raw + b"\nHe called back.\n"
        found = amend.difference(entry, edited, path)
        assert not amend.was_added(entry, edited, path)
        add(chart, world, amend.addendum(entry, "addendum", found.added, "lee-example"), "amend")
        after = entries(chart, world)[0]
        assert amend.was_added(after, edited, path)
        assert not amend.was_added(after, edited + b"And again.\n", path)
