"""File names: they can be read back, and nothing else is taken for one."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vaultcli.ground import ids
from vaultcli.record.notes import names
from vaultcli.record.notes.names import AdditionName, NoteName

ID = "7n5tq2m8wkc4xe9r"
OWN = "0c1x8k5vd2mhq7tz"
NOTE = NoteName("2026-11-22", "progress", ID)

IDS = st.text(ids.ALPHABET, min_size=16, max_size=16)
NOTES = st.builds(
    NoteName,
    st.dates().map(str),
    st.from_regex(r"[a-z]+(-[a-z]+)*", fullmatch=True).filter(lambda text: len(text) <= names.MAX_TYPE),
    IDS,
)


def test_examples():
    assert names.parse(f"notes/2026-11-22-progress-{ID}.md") == NOTE
    assert names.parse(f"2026-11-22-no-show-{ID}.md") == NoteName("2026-11-22", "no-show", ID)
    path = f"clients/x/notes/2026-11-22-progress-{ID}.late-entry-{OWN}.md"
    assert names.parse(path) == AdditionName(NOTE, "late-entry", OWN)
    assert names.signature(path) == path + ".sig"


@given(NOTES | st.builds(AdditionName, NOTES, st.sampled_from(names.KINDS), IDS))
def test_round_trip(name):
    assert names.parse("notes/" + name.file) == name
    assert name.file == name.stem + ".md"
    assert re.fullmatch(r"[a-z0-9][a-z0-9._-]{0,99}", names.signature(name.file))
    assert len(names.signature(name.file)) < 100


@pytest.mark.parametrize(
    "name",
    [
        "",
        "client.md",
        f"2026-11-22-{ID}.md",
        f"2026-13-22-progress-{ID}.md",
        f"2026-02-30-progress-{ID}.md",
        f"２026-11-22-progress-{ID}.md",
        f"2026-11-22-Progress-{ID}.md",
        f"2026-11-22-pro--gress-{ID}.md",
        f"2026-11-22-{'a' * 25}-{ID}.md",
        "2026-11-22-progress-7n5tq2m8wkc4xe9.md",
        "2026-11-22-progress-7n5tq2m8wkc4xe9l.md",
        f"2026-11-22-progress-{ID}.markdown",
        f"2026-11-22-progress-{ID}.md\n",
        f"2026-11-22-progress-{ID}.md.sig",
        f"2026-11-22-progress-{ID}.opinion-{OWN}.md",
        f"2026-11-22-progress-{ID}.correction-{OWN}.correction-{OWN}.md",
        f"2026-11-22-progress-{ID}.correction.md",
        f".2026-11-22-progress-{ID}.md",
        f"2026-11-22-progress-{ID}.md/",
    ],
)
def test_no_name(name):
    assert names.parse(name) is None


@given(st.text(max_size=60))
def test_any_text(text):
    found = names.parse(text)
    assert found is None or found.file == text.rpartition("/")[2]


def test_wrong_parts_are_refused():
    for parts in (("2026-02-30", "progress", ID), ("2026-11-22", "Progress", ID), ("2026-11-22", "progress", "x")):
        with pytest.raises(ValueError, match="note's name"):
            NoteName(*parts)
    with pytest.raises(ValueError, match="addition's name"):
        AdditionName(NOTE, "opinion", OWN)
