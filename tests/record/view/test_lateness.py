"""A late entry is a text that history has late; a signature alone may come later, and nobody is asked for an old time."""

from __future__ import annotations

import dataclasses

import pytest

from tests.export import records
from vaultcli.record.history.line import Recorded
from vaultcli.record.view import lateness
from vaultcli.record.view.entry import Entry

ID = "7n5tq2m8wkc4xe9r"
END = "2026-11-22T14:53:00-05:00"


def entry(recorded: str, signed: str, raw: bytes = b"", **more: object) -> Entry:
    """A note of a session that ended on November 22 at 14:53, New York."""
    made = records.entry(raw or records.text(ID), ID, **more)  # type: ignore[arg-type]
    assert made.signed is not None
    file = made.signed._replace(block=made.signed.block._replace(time=signed))
    return dataclasses.replace(made, recorded=Recorded("lee-example", recorded, "1" * 64), signed=file)


@pytest.mark.parametrize(
    ("recorded", "done", "signed", "told"),
    [
        # within the deadline nothing is told
        ("2026-11-22T15:02:00-05:00", "", "2026-11-25T14:52:00-05:00", None),
        # written in time, signed later
        ("2026-11-22T15:02:00-05:00", "", "2026-12-01T09:00:00-05:00", (False, False)),
        ("2026-11-22T15:02:00-05:00", "2026-11-25T14:53:00-05:00", "2026-12-01T09:00:00-05:00", (False, False)),
        # begun in time, and finished too late
        ("2026-11-22T15:02:00-05:00", "2026-11-25T14:54:00-05:00", "2026-12-01T09:00:00-05:00", (True, False)),
        # begun too late
        ("2026-11-26T08:00:00-05:00", "", "2026-11-26T08:00:00-05:00", (True, True)),
        ("2026-11-26T08:00:00-05:00", "2026-11-27T08:00:00-05:00", "2026-12-01T09:00:00-05:00", (True, True)),
    ],
)
def test_what_is_told(recorded, done, signed, told):
    found = lateness.writing(entry(recorded, signed), done, 72)
    assert (found and (found.late, found.begun_late)) == told


@pytest.mark.parametrize(("recorded", "late"), [("2026-11-25T19:52:00+00:00", False), ("2026-11-25T19:54:00+00:00", True)])
def test_another_zone_is_another_way_to_write_the_same_moment(recorded, late):
    raw = records.text(ID, "14:00-14:53 America/New_York")
    assert lateness.writing(entry(recorded, "2026-12-01T09:00:00-05:00", raw), "", 72).late is late


def test_the_deadline_is_the_practices():
    one = entry("2026-11-23T15:00:00-05:00", "2026-11-23T15:00:00-05:00")
    assert lateness.writing(one, "", 72) is None
    late = lateness.writing(one, "", 24)
    assert late is not None
    assert (late.late, late.hours_after, late.what) == (True, 24, "the session ended")


def test_a_note_without_a_time_has_until_the_end_of_its_day():
    raw = records.text(ID).replace(b"time: 14:00-14:53\n", b"").replace(b"format: dap", b"type: contact")
    assert lateness.writing(entry("2026-11-25T23:59:00-05:00", "2026-12-01T09:00:00-05:00", raw), "", 72).late is False
    late = lateness.writing(entry("2026-11-26T00:01:00-05:00", "2026-12-01T09:00:00-05:00", raw), "", 72)
    assert (late.late, late.what) == (True, "the day")


def test_imported_drafts_attached_and_withdrawn_notes_are_not_judged():
    late = ("2027-01-01T09:00:00-05:00", "2027-01-01T09:00:00-05:00")
    imported = b'imported:\n  from: "x.txt"\n  sha256: ' + b"0" * 64 + b"\nid: "
    assert lateness.writing(entry(*late, records.text(ID).replace(b"id: ", imported)), "", 72) is None
    assert lateness.ended(records.entry(records.text(ID), ID, signed=False)) is None
    found = {one.name.type: one for one in records.small().entries}
    assert lateness.ended(found["attachment"]) is None
    assert [lateness.ended(one) for one in records.small().entries if one.withdrawal] == [None]
    unreadable = entry(*late)
    assert lateness.ended(dataclasses.replace(unreadable, raw=b"---\nformat: [x\n---\n")) is None


def test_the_first_version_with_the_words_that_were_signed():
    signed = entry("2026-11-22T15:02:00-05:00", "2026-12-01T09:00:00-05:00")
    words = records.text(ID)
    prompt = words.replace(b"## Data\n", b"## Data\n\n<!-- What was said? -->\n") + b"\n## Plan\n\n<!-- What next? -->\n"
    other = words.replace(b"five hours", b"four hours")
    assert lateness.first_with(signed, [("1", other), ("2", prompt), ("3", words), ("4", signed.raw)]) == "2"
    assert lateness.first_with(signed, [("1", words), ("2", other), ("3", signed.raw)]) == "3"
    assert lateness.first_with(signed, [("1", words), ("2", b"---\nnever closed"), ("3", signed.raw)]) == "3"
    assert lateness.first_with(signed, []) == ""
