"""A good vault tampered with in every way that we know: each is found, by its own rule, at its own place.

Every case is tried by a `verify` that reads everything, and on a copy whose clean verdict this machine remembers by one
that believes what it remembers; some of the latter every day, all of them in the long suite.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import everyday
from tests.verify import tampering
from tests.verify.tampering import (
    CASES,
    UNPINNED,
    Case,
    attachments,
    exceptions,
    folder,
    history,
    keys,
    memory,
    names,
    objects,
    refs,
    signatures,
)
from tests.verify.tampering.site import Site
from tests.world import LEE, PDF, RECOVERY
from vaultcli.ground.errors import EXCEPTED, FINDINGS, OK, Unpinned
from vaultcli.record.message import trailer
from vaultcli.verify.verdict import Verdict

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "what-git-misses.md"
SUBJECTS = (history, signatures, attachments, keys, refs, objects, names, folder, memory, exceptions)
ELSEWHERE = {
    "before-end": "a remark in version 1; no policy allows version 2 yet",
    "look": "a remark: a folder to look at an older commit",
    "signed": "a remark: somebody's own field",
    "unreadable": "a net under the others: no value is known that gets so far",
}
"""Rules that no case here causes, and why."""
UPDATE = os.environ.get("VAULTCLI_UPDATE") == "1"
_made: dict[str, Site] = {}


@pytest.fixture
def unseen(tmp_path: Path, tmp_path_factory: pytest.TempPathFactory) -> Site:
    """A copy of the good vault, of which this machine remembers nothing but its pins."""
    if not _made:
        _made["good"] = Site.make(tmp_path_factory.mktemp("good"))
    return _made["good"].copy(tmp_path / "copy")


@pytest.fixture
def site(unseen: Site) -> Site:
    """A copy of the good vault, verified once."""
    assert unseen.verify(cold=False).exit_code == OK
    return unseen


def found(verdict: Verdict, case: Case, place: tampering.Where) -> bool:
    """Whether the verdict names the rule at the place."""
    path, commit = (place, "") if isinstance(place, str) else (place[0], trailer(place[1]))
    return any((one.rule, one.path, one.commit) == (case.rule, path, commit) for one in verdict.findings)


def is_caught(site: Site, case: Case, place: tampering.Where, *, cold: bool) -> None:
    verdict = site.verify(cold=cold)
    if case.rule == UNPINNED:
        assert verdict.exit_code == Unpinned.exit_code
        return
    assert verdict.exit_code == FINDINGS
    assert found(verdict, case, place)
    rules, every = {one.rule for one in verdict.findings}, {case.rule, *case.also}
    # what it remembers of a line spares it the walk, not the finding: a damaged object is named, its line need not be
    assert rules == every or (not cold and rules <= every)


@pytest.mark.parametrize("case", everyday.some(CASES.values(), 2), ids=CASES)
def test_is_caught(unseen: Site, case: Case) -> None:
    if case.attack.__module__ == memory.__name__:
        assert unseen.verify(cold=False).exit_code == OK
    place = case.attack(unseen)
    is_caught(unseen, case, place, cold=True)
    if case.stock is not None:
        assert unseen.stock() == case.stock


@pytest.mark.parametrize("case", everyday.some(CASES.values(), 5), ids=CASES)
def test_is_caught_by_one_that_remembers(site: Site, case: Case) -> None:
    place = case.attack(site)
    is_caught(site, case, place, cold=False)
    is_caught(site, case, place, cold=True)


# what is no finding


@pytest.fixture
def clean(site: Site) -> Iterator[Site]:
    """A copy that has to be found whole when the test is done."""
    yield site
    for cold in (False, False, True):
        verdict = site.verify(cold=cold)
        assert verdict.findings == ()
        assert verdict.exit_code == OK


def test_the_good_vault(clean: Site) -> None:
    verdict = clean.verify(cold=False)
    assert verdict.cached == 2
    assert verdict.tally.counts.signed == 4
    clean.good = frozenset()
    assert clean.stock() == (True, True)


def test_objects_that_nothing_leads_to(clean: Site) -> None:
    blob = clean.world.store("blob", b"a killed save left this\n")
    clean.save()
    assert clean.loose(blob).exists()
    assert clean.verify(cold=True).unreachable == 1


def test_plain_gc(clean: Site) -> None:
    clean.world.git("config", "--unset", "extensions.preciousObjects")
    clean.world.git("-c", "gc.packRefs=true", "gc", "-q", "--prune=now")
    assert (clean.git_dir / "packed-refs").exists()
    assert clean.verify(cold=False).findings == ()


def test_gc_that_prunes_what_nothing_leads_to(clean: Site) -> None:
    clean.world.store("blob", b"a killed save left this\n")
    clean.save()
    assert clean.verify(cold=False).findings == ()
    clean.world.git("config", "--unset", "extensions.preciousObjects")
    clean.world.git("gc", "-q", "--prune=now")


def test_an_honest_commit_graph(clean: Site) -> None:
    clean.world.git("commit-graph", "write", "--reachable")


def test_a_vault_in_another_folder(site: Site) -> None:
    moved = site.world.folder.with_name("moved")
    site.world.folder.rename(moved)
    site.world.folder, site.world.chart, site.world.git_dir = moved, moved / "chart", moved / "chart" / ".git"
    assert site.verify(cold=False).findings == site.verify(cold=True).findings == ()


def test_drafts_that_are_being_written(clean: Site) -> None:
    for path in (clean.draft, "client.md"):
        file = clean.ada.folder / path
        file.write_bytes(file.read_bytes() + b"\nMore.\n")
    (clean.ada.folder / "notes" / "2026-11-23-progress-00000000000000zz.md").write_text("not recorded yet\n")
    counts = clean.verify(cold=True).tally.counts
    assert (counts.edited, counts.unrecorded) == (2, 1)


def test_a_recorded_draft_that_changes(clean: Site) -> None:
    clean.ada.redraft(clean.draft, "Other words.")
    clean.save()


def test_files_hidden_from_git_are_a_remark(clean: Site) -> None:
    (clean.git_dir / "info").mkdir(exist_ok=True)
    (clean.git_dir / "info" / "exclude").write_text("*.tmp\n")
    assert any("exclude" in remark for remark in clean.verify(cold=True).remarks)


def test_settings_that_name_the_charts_own_files(clean: Site) -> None:
    clean.world.git("config", "gpg.ssh.allowedSignersFile", "allowed_signers")
    clean.world.git("config", "core.hooksPath", str(clean.git_dir / "hooks"))


def test_remote_tracking_refs(clean: Site) -> None:
    clean.ref(f"refs/remotes/usb/{clean.ada.branch}", clean.ada.commits[-1])


def test_a_succession(site: Site) -> None:
    site.ada.succeed(without=[site.withdrawn])
    site.save()
    verdict = site.verify(cold=False)
    assert verdict.findings == ()
    assert len(verdict.successions) == 1


def test_attachments(clean: Site) -> None:
    ada = clean.ada
    path, stored = ada.attach()
    ada.attach(b"Once more the same bytes, or others.\n")
    ada.addendum(path, "Signed in the office.")
    clean.save()
    assert (ada.folder / stored).read_bytes() == PDF
    ada.withdraw(path)
    clean.save()


def test_a_succession_without_an_attachment(site: Site) -> None:
    gone, left = site.ada.attach()
    _, stays = site.ada.attach(b"Another file.\n")
    site.save()
    site.ada.succeed(without=[gone])
    site.save()
    for cold in (False, True):
        assert site.verify(cold=cold).findings == ()
    assert (site.ada.folder / stays).exists()
    assert left not in site.world.branches[site.ada.branch].files


def test_an_exception_outlives_its_key(site: Site) -> None:
    world = site.world
    site.ada.draft("Unsigned.", unsigned=True)
    site.ada.excuse(site.ada.commits[-1], "commit-signature")
    site.save()
    assert site.verify(cold=True).exit_code == EXCEPTED
    world.admit(world.endorse(tampering.keys.key("lee's next"), LEE.id, "personal", by=world.lee, roles=("policy",)))
    world.revoke(world.lee, reason="replaced", by=world.recovery)
    site.save()
    assert {one.rule for one in site.verify(cold=True).findings} == {"unsettled", "commit-signature"}
    for line in (site.ada, site.bo):
        line.settle(world.lee, line.commits[-1], signing=world.recovery, who=RECOVERY)
    site.save()
    verdict = site.verify(cold=True)
    assert (verdict.findings, verdict.exit_code) == ((), EXCEPTED)


@pytest.mark.parametrize("kept", [True, False])
def test_an_exception_on_practice_counts_up_to_the_last_good_commit_of_its_key(site: Site, kept: bool) -> None:
    world = site.world
    bad = world.policy(unsigned=True)
    _, oid = exceptions.excuse_on_practice(site, bad, world.lee)
    world.revoke(world.lee, reason="replaced", by=world.recovery, last_good=oid if kept else bad)
    site.save()
    found = {one.rule for one in site.verify(cold=True).findings}
    assert ("commit-signature" in found) is not kept


# the catalogue


def test_the_catalogue_is_large_and_says_what_is_done() -> None:
    assert len(CASES) >= 60
    assert {case.attack.__module__ for case in CASES.values()} == {subject.__name__ for subject in SUBJECTS}
    assert all(re.fullmatch(r"[A-Z][^\n]+\.", case.sentence) for case in CASES.values())
    assert len({case.sentence for case in CASES.values()}) == len(CASES)
    assert sum(case.stock == (True, True) for case in CASES.values()) >= 15


def test_every_rule_is_caused_here_or_known_to_be_tried_elsewhere() -> None:
    table = (ROOT / "docs/spec/verify.md").read_text(encoding="utf-8")
    rules = set(re.findall(r"^\| `([a-z-]+)` \| [^|\n]+ \|$", table, re.MULTILINE))
    caused = {case.rule for case in CASES.values()} - {UNPINNED}
    assert caused <= rules
    assert rules - caused == set(ELSEWHERE)


def test_the_page_is_fresh() -> None:
    if UPDATE:
        PAGE.write_text(tampering.page(), encoding="utf-8")
    assert PAGE.read_text(encoding="utf-8") == tampering.page(), "run: VAULTCLI_UPDATE=1 pytest tests/verify/test_tampering.py"
