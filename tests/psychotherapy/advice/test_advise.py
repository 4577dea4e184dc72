"""`psychotherapy check` over sealed notes: what it says, where it says it, and that nothing of it stays."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest

from tests import sealed
from vaultcli.cli import door
from vaultcli.ground.errors import FINDINGS, OK, USAGE
from vaultcli.psychotherapy.advice import Context, advise, chart_texts
from vaultcli.psychotherapy.advice.advise import Asked
from vaultcli.record.notes.client import Client

TEXT = "---\ndate: 2026-11-22\n---\n\nThe river. Started sertraline 50 mg.\n\nShe wants to die.\n"
MARK = "sertraline"


@pytest.fixture
def world(tmp_path: Path) -> sealed.SealedWorld:
    return sealed.begin(tmp_path, "ada", "bo")


def run(world: sealed.SealedWorld, *words: str) -> int:
    return door.run(["--vault", str(world.world.vault.root), "psychotherapy", "check", *words])


def chart_note(world: sealed.SealedWorld, name: str, text: str) -> bytes:
    folder = world.world.vault.chart / "clients" / world.world.clients["ada"] / "notes"
    folder.mkdir(exist_ok=True)
    (folder / name).write_text(text, encoding="utf-8")
    return text.encode()


def state(top: Path) -> dict[str, tuple[str, int]]:
    files = (path for path in top.rglob("*") if path.is_file())
    return {str(path): (hashlib.sha256(path.read_bytes()).hexdigest(), path.stat().st_mtime_ns) for path in files}


def test_advice_by_line_and_without_words_in_a_pipe(world: sealed.SealedWorld, capsys: pytest.CaptureFixture[str]) -> None:
    _, id_ = world.note(TEXT)
    assert run(world, "ada") == FINDINGS
    said = capsys.readouterr()
    assert f"{id_}\n  line 5, column 20  P-A " in said.out
    assert MARK not in said.out + said.err


def test_nothing_found_is_no_finding(world: sealed.SealedWorld) -> None:
    world.note("The river again.\n")
    assert run(world, "ada") == OK


def test_json_has_places_and_no_words(world: sealed.SealedWorld, capsys: pytest.CaptureFixture[str]) -> None:
    _, id_ = world.note(TEXT)
    assert run(world, "--all", "--json") == FINDINGS
    said = capsys.readouterr().out
    told = json.loads(said)
    assert [(one["id"], one["line"], one["column"], one["rule"]) for one in told["advice"]] == [(id_, 5, 20, "P-A")]
    assert MARK not in said


@pytest.mark.parametrize("words", [("ada", "--chart"), ("--all", "--chart"), ("ada", "--chart", "--json"), ("ada", "--all")])
def test_what_is_refused(world: sealed.SealedWorld, words: tuple[str, ...]) -> None:
    world.note(TEXT)
    assert run(world, *words) == USAGE


def test_one_note_by_its_id(world: sealed.SealedWorld, capsys: pytest.CaptureFixture[str]) -> None:
    world.note(TEXT)
    _, quiet = world.note("The river again.\n")
    assert run(world, quiet[:8]) == OK
    assert "1 text:" in capsys.readouterr().err


def test_the_chart_is_neither_changed_nor_told(world: sealed.SealedWorld) -> None:
    world.note(TEXT)
    chart_note(world, "2026-11-22-progress-7n5tq2m8wkc4xe9r.md", "---\ndate: 2026-11-22\n---\n\nDenies suicidal ideation.\n")
    before = state(world.world.vault.chart)
    with world.store() as store:
        keys = world.keys(store)
        known = next(one for one in keys.drawers().values() if one.kind == "client")
        by_day = chart_texts.notes_by_day(world.world.vault, known.client)
        checked, broken = advise.check(store, keys, [Asked(known, Context(), by_day)])
    assert [one.rule for one in checked[0].advice] == ["P-A", "P13"]
    assert not broken
    assert state(world.world.vault.chart) == before


def test_nothing_of_the_advice_is_on_a_disk(world: sealed.SealedWorld, tmp_path: Path) -> None:
    world.note(TEXT)
    run(world, "ada", "--strict")
    for path in tmp_path.rglob("*"):
        if path.is_file():
            raw = path.read_bytes()
            assert MARK.encode() not in raw
            assert b"prescribed or monitored" not in raw


def test_another_day_is_not_compared(world: sealed.SealedWorld) -> None:
    chart_note(world, "2026-11-21-progress-7n5tq2m8wkc4xe9r.md", "---\ndate: 2026-11-21\n---\n\nDenies suicidal ideation.\n")
    assert set(chart_texts.notes_by_day(world.world.vault, world.world.clients["ada"])) == {"2026-11-21"}
    assert chart_texts.notes_by_day(world.world.vault, world.world.clients["bo"]) == {}


def test_a_correction_stands_for_what_it_corrects_and_a_withdrawn_note_not_at_all(world: sealed.SealedWorld) -> None:
    stem = "2026-11-22-progress-7n5tq2m8wkc4xe9r"
    first = chart_note(world, f"{stem}.md", "---\ndate: 2026-11-22\n---\n\nDenies SI.\n")
    digest = hashlib.sha256(first).hexdigest()
    correction = f"---\ndate: 2026-11-20\ncorrects: {digest}\n---\n\nReports SI.\n"
    chart_note(world, f"{stem}.correction-0c1x8k5vd2mhq7tz.md", correction)
    chart_note(world, f"{stem}.addendum-1c1x8k5vd2mhq7tz.md", "Later.\n")
    found = chart_texts.notes_by_day(world.world.vault, world.world.clients["ada"])
    assert [text.splitlines()[-1] for text in found["2026-11-20"]] == ["Reports SI.", "Later."]
    chart_note(world, f"{stem}.withdrawal-2c1x8k5vd2mhq7tz.md", "gone\n")
    assert chart_texts.notes_by_day(world.world.vault, world.world.clients["ada"]) == {}


def test_several_processes_find_the_same(world: sealed.SealedWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    for n in range(5):
        world.note(f"{TEXT}\nNumber {n}.\n", "ada" if n % 2 else "bo")
    with world.store() as store:
        keys = world.keys(store)
        asked = [Asked(one, Context()) for one in keys.drawers().values() if one.kind == "client"]
        alone = advise.check(store, keys, asked)
        monkeypatch.setattr(advise, "PAYS", 2)
        monkeypatch.setattr(advise, "PIECE", 2)
        monkeypatch.setattr("vaultcli.ground.process.workers.available", lambda: 2)
        assert advise.check(store, keys, asked) == alone
    assert len(alone[0]) == 5


def test_what_identifies_a_client() -> None:
    fields = {"phone": "555-0142", "email": "a@example.org", "born": "1988-04-17", "guardians": ["Ruth Tilling (mother)"]}
    found = advise.names_of("Will Marlow", Client("0" * 16, "Will Marlow", "marlow-w", fields=fields))
    assert found["client's name"] == ("Will Marlow", "Marlow")
    assert found["client's handle"] == ("marlow-w",)
    assert "4/17/1988" in found["client's date of birth"]
    assert "Tilling" in found["guardian's name"]
    assert advise.names_of("Ada", Client("0" * 16, "Ada", "ada")) == {"client's name": ("Ada",)}


@pytest.mark.parametrize("typed", ["--rules", "--rules=P15"])
def test_rules_need_no_notes(tmp_path: Path, typed: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert door.run(["psychotherapy", "check", typed]) == OK
    said = capsys.readouterr().out
    assert "P15 reads as a chart note" in said
    assert "genuinely" in said


def test_no_such_rule() -> None:
    assert door.run(["psychotherapy", "check", "--rules", "P99"]) != OK
