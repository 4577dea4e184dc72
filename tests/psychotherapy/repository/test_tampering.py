"""Each way to fail is found under the rule that it breaks, and the repository is good without it."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from tests import sealed, shelf
from tests.psychotherapy.tampering import CASES, Case
from tests.psychotherapy.tampering.site import Site
from vaultcli.places.sealed import pins
from vaultcli.psychotherapy.notes import files as notes
from vaultcli.psychotherapy.repository.rules import RULES
from vaultcli.record.sealed import header


@shelf.made_once
def site(tmp_path: Path) -> Site:
    world = sealed.begin(tmp_path, "ada", "bo")
    known, note = world.note("one\n")
    _, second = world.note("two\n")
    other, bo = world.note("three\n", "bo")
    with world.store() as store, store.machine() as (entry, signer):
        before = sealed.opened(store, world.keys(store), known, note)
        contents = {header.NOTE_FILE: b"one, edited\n"}
        head = notes.head_of(
            known, header.NOTE, world.tick(), contents, by="Lee", machine=entry, id_=note, previous=[before.header.sha256]
        )
        store.record(notes.sealed(store, known, head, contents, signer), world.now, by=signer)
    return Site(world, known.token, other.token, note, second, bo, tmp_path)


def test_untouched_it_is_good(site: Site) -> None:
    verdict = site.verify(opening=True)
    assert (verdict.all_findings, verdict.word) == ((), "verified")
    assert verdict.opened is not None
    assert (verdict.opened.files, verdict.counts.files, verdict.counts.drawers) == (4, 3, 2)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_each_is_found(site: Site, case: Case) -> None:
    case.tamper(site)
    verdict = site.verify(opening=case.unlocked)
    assert case.rule in {one.rule for one in verdict.all_findings}, [one.text() for one in verdict.all_findings]
    said = "".join(one.text() for one in verdict.all_findings).lower()
    assert "river" not in said
    assert "monday" not in said
    assert "ada" not in said.replace("ada-", "").split()
    assert verdict.exit_code == 1
    if case.unlocked:
        assert not verdict.findings, "a rule that needs no key told it: say so in the case"


def test_every_rule_of_the_notes_own_has_a_case() -> None:
    own = {name for name in RULES if name.startswith("sealed-")}
    assert own - {case.rule for case in CASES} <= {"sealed-id"}


def test_without_a_pin_it_is_unpinned(site: Site) -> None:
    shutil.rmtree(pins.path("x", "y").parent.parent)
    assert site.verify(opening=False).word == "unpinned"
    assert replace(site.verify(opening=False)).exit_code == 11
