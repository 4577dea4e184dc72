"""Times that the record itself contradicts, each with its tolerance on both sides: `docs/spec/times.md`."""

from __future__ import annotations

import pytest

from tests.record.world import START, ZONE, Client, World, entry, key, rules
from vaultcli.record.history.line import Line
from vaultcli.record.practice.keyring import Keyring
from vaultcli.record.rules.policy import GITATTRIBUTES
from vaultcli.record.times import git_time

HOUR, DAY = 3600, 86_400


@pytest.fixture
def line() -> Client:
    return World.founded().line()


def remarks(line: Client) -> set[str]:
    return {rule for _, rule in line.line.remarks}


def note(line: Client, rows: str = "", signed: int = 0, **changes: object) -> list[object]:
    """A note whose block is dated so many seconds after its commit."""
    moment = git_time(line.world.clock + 60 + signed, ZONE)
    put = line.signed(f"notes/{line.stem()}.md", rows=rows, **{"time": moment, "recorded": moment, **changes})
    return list(line.commit("sign", put))


@pytest.mark.parametrize(("off", "found"), [(300, set()), (-300, set()), (301, {"time"}), (-301, {"time"})])
def test_block_and_commit_are_one_moment(line: Client, off: int, found: set[str]) -> None:
    assert rules(note(line, signed=off)) == found


def test_a_note_of_today_cannot_say_that_it_was_signed_years_ago(line: Client) -> None:
    moment = git_time(START - 4 * 365 * DAY, ZONE)
    assert rules(note(line, time=moment, recorded=moment, lateness=0)) == {"time", "lateness"}


@pytest.mark.parametrize(
    ("before", "found", "remarked"),
    [(0, set(), False), (300, set(), False), (301, set(), True), (DAY, set(), True), (DAY + 1, {"date-policy"}, False)],
)
def test_a_commit_is_not_dated_before_its_policy(before: int, found: set[str], remarked: bool) -> None:
    """A sleeping line: its own commits are old enough."""
    world = World.founded()
    line = world.line()
    world.clock += 10 * DAY
    assert world.policy() == []
    moment = world.policies.head.time - before
    put = {f"notes/{line.stem()}.md": b"---\n---\nx"}
    assert rules(line.commit("draft", put, author_time=moment, committer_time=moment)) == found
    assert ("date-policy" in remarks(line)) == remarked


def test_a_new_line_is_not_older_than_the_vault() -> None:
    world = World.founded()
    line = Client(world, Line("client/4r0q4r0q4r0q4r0q"))
    moment = START - 365 * DAY
    put = {"client.md": b"---\nname: A\nhandle: a\nid: 4r0q4r0q4r0q4r0q\n---\n", ".gitattributes": GITATTRIBUTES}
    found = line.commit("open", put, ids=(line.line.client,), author_time=moment, committer_time=moment)
    assert rules(found) == {"date-policy"}


def session(line: Client, end: int) -> str:
    """Front matter of a session that ends so many seconds after the note's block."""
    moment = line.world.clock + 60 + end
    moment -= moment % 60
    begin, until = git_time(moment - 1800, ZONE), git_time(moment, ZONE)
    return f"date: {begin[:10]}\ntime: {begin[11:16]}-{until[11:16]}\n"


@pytest.mark.parametrize(
    ("end", "said", "found"),
    [
        (-3 * HOUR, 3, set()),
        (-3 * HOUR, 28, set()),
        (-3 * HOUR, -22, set()),
        (-3 * HOUR, 30, {"lateness"}),
        (-3 * HOUR, -24, {"lateness"}),
        (-3 * HOUR, None, set()),
        (-40 * DAY, 0, {"lateness"}),
        (None, 0, {"lateness"}),
        (None, None, set()),
    ],
)
def test_lateness_is_that_of_the_times(line: Client, end: int | None, said: int | None, found: set[str]) -> None:
    assert rules(note(line, session(line, end) if end is not None else "", lateness=said)) == found


@pytest.mark.parametrize(
    "rows",
    ["date: 2026-11-22\n", "time: 14:00-14:53\n", "date: 2026-02-31\ntime: 14:00-14:53\n", "date: 2026-11-22\ntime: 14:00\n",
     "date: [2026-11-22]\ntime: 14:00-14:53\n", "date: 2026-11-22\ntime: 14:00-14:00\n", "date: 9999-12-31\ntime: 23:00-24:00\n"],
)  # fmt: skip
def test_without_an_end_nothing_is_late(line: Client, rows: str) -> None:
    assert rules(note(line, rows)) == set()
    assert rules(note(line, rows, lateness=1)) == {"lateness"}


@pytest.mark.parametrize(("end", "remarked"), [(HOUR, False), (25 * HOUR, False), (27 * HOUR, True), (365 * DAY, True)])
def test_a_note_signed_before_its_sessions_end_is_remarked(line: Client, end: int, remarked: bool) -> None:
    assert note(line, session(line, end)) == []
    assert ("before-end" in remarks(line)) == remarked


@pytest.mark.parametrize(
    ("off", "found", "remarked"),
    [
        (0, set(), False),
        (300, set(), False),
        (301, {"key-date"}, False),
        (-300, set(), False),
        (-301, set(), True),
        (-DAY, set(), True),
        (-DAY - 1, {"key-date"}, False),
    ],
)
@pytest.mark.parametrize("word", ["added", "revoked"])
def test_a_keys_dates_are_those_of_its_commit(off: int, found: set[str], remarked: bool, word: str) -> None:
    world = World.founded()
    world.clock += 10 * DAY
    moment, ring = git_time(world.clock + 60 + off, ZONE), world.policies.head.keyring
    if word == "added":
        made = Keyring((*ring.entries, entry("new", "kim-demo", "machine", "kim", added=moment)))
    else:
        made = ring.with_revocation(key("kim").public.fingerprint, revoked=moment, reason="lost", last_good=world.head)
    assert rules(world.policy(made)) == found
    assert ("key-date" in {one.rule for one in world.policies.line.remarks.values()}) == remarked
