"""Templates: the shipped ones, drafts made from them, and prompts taken out again."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests import everyday
from vaultcli.ground.errors import BadInput
from vaultcli.ground.frontmatter import parse
from vaultcli.ground.markdown import words
from vaultcli.record.notes import fields, template
from vaultcli.record.notes.note import Note

ROOT = Path(__file__).parents[3]
SHIPPED = sorted((ROOT / "templates" / "notes").glob("*.md"))
DAP = next(path for path in SHIPPED if path.stem == "dap").read_bytes()
ID = "7n5tq2m8wkc4xe9r"
FILLED = {"date": "2026-11-22", "time": "14:00-14:53", "place": "office", "cpt": "90834", "diagnoses": ["F33.1"],
          "goals": ["g1"], "id": ID}  # fmt: skip


def test_the_shipped_ones():
    progress = {"birp", "couple", "dap", "darp", "girp", "narrative", "pirp", "soap"}
    assert {path.stem for path in SHIPPED} == progress | set(fields.TYPES) - {"progress", "attachment"}
    assert progress == set(fields.FORMATS)
    for path in SHIPPED:
        read = template.read(path.read_bytes(), path.name)
        assert path.stem in (read.format, read.type)
        assert len(read.keys) <= 9
        assert len(read.prompts) == len(read.headings)
        assert all(len(prompt) <= 150 and b"\n" not in prompt for prompt in read.prompts)
        kind = read.type or "progress"
        drafted = template.draft(path.read_bytes(), {key: value for key, value in FILLED.items() if key in read.keys})
        assert Note.parse(drafted, f"notes/2026-11-22-{kind}-{ID}.md").problems == ()
        stripped = template.strip(drafted, template.prompts_of(path.read_bytes()))
        assert stripped.kept == ()
        assert b"<!--" not in stripped.raw
        assert words(parse(drafted).parts.body.decode()) == 0


def test_missed_sessions_have_no_code():
    read = template.read(next(path for path in SHIPPED if path.stem == "no-show").read_bytes())
    assert "cpt" not in read.keys
    assert "place" not in read.keys


def test_draft():
    drafted = template.draft(DAP, FILLED)
    assert drafted.startswith(
        b"---\nformat: dap\ndate: 2026-11-22\ntime: 14:00-14:53\nplace: office\ncpt: 90834\n"
        b"diagnoses: [F33.1]\ngoals: [g1]\nid: 7n5tq2m8wkc4xe9r\n---\n\n## Data\n"
    )


def test_nothing_is_invented():
    drafted = template.draft(DAP, {"id": ID, "time": "", "goals": []})
    assert list(parse(drafted)) == ["format", "date", "time", "place", "cpt", "diagnoses", "goals", "id"]
    assert {key for key, value in parse(drafted).items() if value} == {"format", "id"}
    assert b"\ntime:\n" in drafted


def test_more_fields_come_before_the_id():
    drafted = template.draft(DAP, {"type": "crisis", "telehealth": {"method": "video"}, "id": ID})
    assert list(parse(drafted))[-3:] == ["type", "telehealth", "id"]


def test_text_is_never_expanded():
    raw = DAP.replace(b"## Data\n", b"## Data {date} $(date) %s\n")
    drafted = template.draft(raw, FILLED | {"place": "{id}"})
    assert b"## Data {date} $(date) %s\n" in drafted
    assert parse(drafted)["place"] == "{id}"


@pytest.mark.parametrize(
    ("raw", "message"),
    [
        (DAP.replace(b"template: 1\n", b""), "not a template of version 1"),
        (DAP.replace(b"template: 1\n", b"template: 2\n"), ":2: not a template of version 1"),
        (DAP.replace(b"\nid:\n", b"\n"), "no line id"),
        (DAP + b"\n<!-- open\n", "never closed"),
        (DAP + b"\xff", "not UTF-8"),
        (b"## Data\n", "not a template"),
    ],
)
def test_no_template(raw, message):
    with pytest.raises(BadInput, match=message):
        template.read(raw)


def test_only_own_prompts_go():
    drafted = template.draft(DAP, FILLED)
    prompt = drafted.split(b"## Plan\n\n")[1]
    mine = b"<!-- ask about sleep -->"
    edited = drafted.replace(b"## Plan\n\n", b"## Plan\n\nWords. " + mine + b"\n").replace(b"What it means", b"It means")
    stripped = template.strip(edited, template.prompts_of(DAP))
    assert prompt not in stripped.raw
    assert [comment.text[:12] for comment in stripped.kept] == ["<!-- It mean", "<!-- ask abo"]
    for comment in stripped.kept:
        assert stripped.raw[comment.start : comment.end].decode() == comment.text
    assert b"## Data\n\n\n## Assessment\n" in stripped.raw
    assert stripped.raw.endswith(b"## Plan\n\nWords. " + mine + b"\n")


def test_a_prompt_within_a_line_leaves_the_line():
    prompt = min(template.read(DAP).prompts)
    assert template.strip(b"a " + prompt + b" b\n", template.prompts_of(DAP)).raw == b"a  b\n"
    assert template.strip(b"```\n" + prompt + b"\n```\n", template.prompts_of(DAP)).raw == b"```\n" + prompt + b"\n```\n"


PIECES = st.sampled_from([*sorted(template.read(DAP).prompts), b"<!-- mine -->", b"text", b"\n", b"\r\n", b"  ", b"## A\n", b"`"])


@everyday.examples(300)
@given(st.lists(PIECES, max_size=12))
def test_all_that_is_not_a_prompt_stays(pieces):
    raw = b"x\n" + b"".join(pieces)
    stripped = template.strip(raw, template.prompts_of(DAP))
    for kept in (b"text", b"<!-- mine -->", b"## A", b"`"):
        assert stripped.raw.count(kept) == raw.count(kept)
    assert template.strip(stripped.raw, template.prompts_of(DAP)).raw == stripped.raw or b"`" in raw


def test_is_unchanged():
    drafted = template.draft(DAP, FILLED)
    assert template.is_unchanged(drafted, drafted)
    assert template.is_unchanged(b"\xef\xbb\xbf" + drafted.replace(b"\n", b"\r\n"), drafted)
    assert template.is_unchanged(drafted.rstrip(b"\n"), drafted)
    assert not template.is_unchanged(drafted + b"x", drafted)
    assert not template.is_unchanged(drafted.replace(b"14:53", b"14:50"), drafted)
    assert not template.is_unchanged(template.strip(drafted, template.prompts_of(DAP)).raw, drafted)


def test_a_prompt_that_was_ever_shipped_is_still_known():
    """A new prompt joins the list; one that is changed stays there, and goes into `former-prompts.md`."""
    listed = (ROOT / "tests" / "vectors" / "template-prompts.txt").read_text(encoding="utf-8").splitlines()
    ever = {tuple(line.split("\t")) for line in listed}
    now = {(path.stem, prompt.decode()) for path in SHIPPED for prompt in template.read(path.read_bytes()).prompts}
    former = {prompt.decode() for prompt in template.prompts_of((ROOT / "templates" / "former-prompts.md").read_bytes())}
    assert now - ever == set()
    assert {prompt for name, prompt in ever - now} - {prompt for _, prompt in now} == former


DAP_RAW = b"---\ntemplate: 1\nformat: x\nid:\n---\n\n## Goals\n\n<!-- ask -->\n\nTop\n---\n\n## Plan\n"


def test_a_text_is_carried_below_its_heading_and_nowhere_else():
    done = template.carry(DAP_RAW, "goals", 2, "\n### g1 \u00b7 a\r\n\n")
    assert done == DAP_RAW.replace(b"## Goals\n", b"## Goals\n\n### g1 \xc2\xb7 a\n")
    assert template.carry(DAP_RAW, "goals", 3, "x") == DAP_RAW
    assert template.carry(DAP_RAW, "Problems", 2, "x") == DAP_RAW
    assert template.carry(DAP_RAW, "goals", 2, " \n") == DAP_RAW
    assert b"Top\n---\n\nx\n" in template.carry(DAP_RAW, "Top", 2, "x")


def test_the_first_section_is_cut_out_and_put_in():
    sheet = template.only_first(DAP_RAW)
    assert sheet.endswith(b"## Goals\n\n<!-- ask -->\n")
    written = sheet.replace(b"<!-- ask -->", b"All did.\r\n### More\r\nSo.")
    whole = template.with_first(DAP_RAW, written)
    assert b"\n## Goals\n\nAll did.\r\n### More\r\nSo.\n\nTop\n---\n\n## Plan\n" in whole
    assert whole.startswith(DAP_RAW[:20])
