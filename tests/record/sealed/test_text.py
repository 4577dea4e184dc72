"""What a psychotherapy note says of itself, when nothing was written, and how a text from elsewhere becomes one."""

from __future__ import annotations

import pytest

from vaultcli.ground import resources
from vaultcli.ground.errors import BadInput
from vaultcli.record.notes import template
from vaultcli.record.sealed import text
from vaultcli.record.sealed.text import Facts

SHAPE = resources.text("templates", "psychotherapy/note.md").encode()
VALUES = {"date": "2026-11-22", "context": "joint", "session": "14", "id": "4r0q2m8wkc4xe9r7"}


def test_the_template_is_one_and_holds_no_sentence_that_would_stay() -> None:
    assert len(template.remarks(SHAPE, "note.md")) == 1  # the label
    begun = text.begun(SHAPE, VALUES)
    assert text.facts(begun) == Facts("2026-11-22", "joint", "14")
    left = text.stripped(begun, SHAPE)
    assert b"<!--" not in left
    assert text.LABEL.encode() in left
    assert text.written(left) == 0


@pytest.mark.parametrize(
    ("raw", "count"),
    [
        (b"", 0),
        (b"---\ndate: 2026-11-22\n---\n\n## Focus\n", 0),
        (b"<!-- only a comment -->\n", 0),
        (b"two words\n", 2),
        (b"---\nnever closed\n", 2),
    ],
)
def test_words_that_a_person_wrote(raw: bytes, count: int) -> None:
    assert text.written(raw) == count


def test_a_text_from_elsewhere_keeps_its_bytes_below_our_lines() -> None:
    raw = text.pasted("She paused.\r\nThen: “yes”.\n".encode(), VALUES)
    assert raw.endswith("She paused.\r\nThen: “yes”.\n".encode())
    assert text.facts(raw) == Facts("2026-11-22", "joint", "14")
    assert text.LABEL.encode() in raw


def test_front_matter_of_its_own_is_kept_and_its_id_replaced() -> None:
    raw = text.pasted(b"---\ndate: 2026-10-01\nmood: grey\nid: another\n---\nText\n", VALUES)
    assert text.facts(raw) == Facts("2026-10-01", "joint", "14")
    assert b"mood: grey" in raw
    assert b"4r0q2m8wkc4xe9r7" in raw
    assert b"another" not in raw


@pytest.mark.parametrize("raw", [b"\xff", b"a\nb\0c\n"])
def test_what_is_no_text(raw: bytes) -> None:
    with pytest.raises(BadInput, match="line"):
        text.pasted(raw, VALUES)


def test_odd_lines_are_told_and_stand_in_nobodys_way() -> None:
    assert text.problems(b"---\ndate: yesterday\ncontext: alone\n---\n") == [
        "note.md:2: date is no day such as 2026-11-22",
        "note.md:3: context is none of individual, group, joint, family",
    ]
    assert text.problems(b"no front matter\n") == []
    assert text.facts(b"---\n- [\n---\n") == Facts()


@pytest.mark.parametrize("label", [text.LABEL, text._FORMER])
def test_no_label_that_ever_stood_there_counts_as_written(label: str) -> None:
    assert text.written(f"---\ndate: 2026-11-22\n---\n\n{label}\n\nOne two.\n".encode()) == 2
    assert text.written(f"---\ndate: 2026-11-22\n---\n\n{label}\n".encode()) == 0
