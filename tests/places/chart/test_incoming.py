"""What comes from elsewhere is judged as if it were recorded here: every signature, every rule, keys revoked since."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.world import NOW, PDF, ClientLine, World, id_of
from vaultcli.ground.errors import GitTrouble
from vaultcli.ground.git.hookview import quarantine_of
from vaultcli.places.chart.incoming import (
    Arrival,
    At,
    Gate,
    is_line,
)

Made = Callable[[World], object]


def arrive(world: World, then: Made, *, branch: str = "") -> Arrival:
    """What is said of the commits that `then` makes, to somebody who has what was there before."""
    before = {name: line.commits[-1] for name, line in world.branches.items()}
    then(world)
    world.save()
    with world.repository as repository:
        gate = Gate(At(repository, before), int(NOW.timestamp()))
        after = {name: line.commits[-1] for name, line in world.branches.items()}
        if branch != "practice" and after["practice"] != before["practice"]:
            assert gate.judge("practice", after["practice"]).findings == ()
        name = branch or next(name for name in after if name != "practice")
        return gate.judge(name, after[name])


def rules(arrival: Arrival) -> set[str]:
    return {finding.rule for finding in arrival.findings}


@pytest.fixture
def ada(tmp_path: Path) -> ClientLine:
    made = World(tmp_path)
    client = made.client("ada")
    client.sign(client.draft())
    return client


def test_what_follows_is_admitted(ada: ClientLine) -> None:
    arrival = arrive(ada.world, lambda _: ada.sign(ada.draft()))
    assert (arrival.findings, arrival.commits, arrival.succession) == ((), 2, False)


def test_a_signature_taken_from_another_commit(ada: ClientLine) -> None:
    stolen: list[str] = []

    def keep(payload: bytes) -> str:
        stolen.append(ada.world.lee_machine.sign(payload, "git"))
        return stolen[0]

    ada.draft(sign=keep)
    assert "commit-signature" in rules(arrive(ada.world, lambda _: ada.draft(sign=lambda _: stolen[0])))


def test_a_notes_signature_over_other_bytes(ada: ClientLine) -> None:
    path = ada.draft()

    def sign(world: World) -> None:
        changes = ada.signed(path, ada._unsigned(path))
        changes[path + ".sig"] = world.lee.sign(b"other", "note@vaultcli.v1").encode()
        ada.commit("sign", changes, path.removesuffix(".md").rpartition("-")[2])

    assert "note-signature" in rules(arrive(ada.world, sign))


def test_an_attachment_arrives_with_the_bytes_that_were_signed(ada: ClientLine) -> None:
    assert arrive(ada.world, lambda _: ada.attach()).findings == ()

    def exchanged(_: World) -> None:
        path, text, stored = ada.attachment()
        ada.commit("attach", {**ada.signed(path, text), stored: PDF[::-1]}, id_of(path))

    assert rules(arrive(ada.world, exchanged)) == {"attachment-bytes"}


def test_an_attachment_arrives_after_its_line_was_replayed(ada: ClientLine) -> None:
    path, stored = ada.attach()
    assert arrive(ada.world, lambda _: ada.addendum(path, "Signed in the office.")).findings == ()
    other = {stored: PDF[::-1]}
    assert "note-changed" in rules(arrive(ada.world, lambda _: ada.commit("attach", other, id_of(path))))


def test_a_key_revoked_since_counts_no_more(ada: ClientLine) -> None:
    """The commits name the policy before the revocation, and break no rule by themselves."""
    world = ada.world
    old = ada.message("draft", "x").rpartition("Policy: ")[2]
    world.revoke(world.lee_machine)

    def draft(_: World) -> None:
        path, raw = ada.note()
        id_ = path.removesuffix(".md").rpartition("-")[2]
        ada.commit("draft", {path: raw}, message=f"draft {id_}\n\nPolicy: {old}")

    assert rules(arrive(world, draft)) == {"revoked-key"}


def test_an_exception_excuses_what_it_names(ada: ClientLine) -> None:
    world = ada.world

    def slip(_: World) -> None:
        ada.draft(message="draft of a clumsy hand\n")

    def slip_and_excuse(made: World) -> None:
        bad = ada.draft(message="draft of a clumsy hand\n") and made.branches[ada.branch].commits[-1]
        ada.excuse(bad, "message")

    assert "message" in rules(arrive(world, slip))
    arrival = arrive(world, slip_and_excuse)
    assert (arrival.findings, [finding.rule for finding in arrival.excused]) == ((), ["message"])


def test_another_first_commit(ada: ClientLine) -> None:
    ada.world.save()
    with ada.world.repository as repository:
        gate = Gate(At(repository, {}), int(NOW.timestamp()), genesis="0" * 64)
        assert rules(gate.judge("practice", ada.world.branches["practice"].commits[-1])) == {"genesis"}
        unknown = Gate(At(repository, {}), int(NOW.timestamp())).judge(ada.branch, ada.commits[-1])
        assert rules(unknown) == {"policy-unknown"}


def test_a_line_that_goes_back_or_aside(ada: ClientLine) -> None:
    ada.world.save()
    with ada.world.repository as repository:
        heads = {name: one.commits[-1] for name, one in ada.world.branches.items()}
        gate = Gate(At(repository, heads), int(NOW.timestamp()))
        assert rules(gate.judge(ada.branch, ada.commits[0])) == {"rewritten"}
        assert rules(gate.judge("practice", ada.commits[0])) == {"rewritten"}


def test_a_successor_must_list_our_head(ada: ClientLine) -> None:
    before = list(ada.world.branches[ada.branch].commits)

    def succeed(_: World) -> None:
        ada.succeed()

    arrival = arrive(ada.world, succeed)
    assert (arrival.findings, arrival.succession) == ((), True)
    world = ada.world
    with world.repository as repository:
        # somebody who recorded one more commit, which the successor does not list
        new = world.branches[ada.branch].commits[-1]
        more = world.commit("client/" + "z" * 16, {"a": b"b"}, "x\n", parents=[before[-1]])
        world.save()
        heads = {"practice": world.branches["practice"].commits[-1], ada.branch: more}
        assert rules(Gate(At(repository, heads), int(NOW.timestamp())).judge(ada.branch, new)) == {"rewritten"}


def test_a_quarantine_lies_where_git_puts_it(tmp_path: Path) -> None:
    inside = tmp_path / "objects" / "incoming-abc"
    inside.mkdir(parents=True)
    assert quarantine_of(tmp_path, {"GIT_QUARANTINE_PATH": str(inside)}) == inside.resolve()
    assert quarantine_of(tmp_path, {}) is None
    for other in (tmp_path, tmp_path / "objects" / "pack", tmp_path / "objects" / "incoming-abc" / ".." / ".." / "x"):
        with pytest.raises(GitTrouble):
            quarantine_of(tmp_path, {"GIT_QUARANTINE_PATH": str(other)})


@pytest.mark.parametrize(
    ("name", "good"), [("practice", True), ("client/" + "0" * 16, True), ("client/ada", False), ("main", False)]
)
def test_names_of_lines(name: str, good: bool) -> None:
    assert is_line(name) is good
