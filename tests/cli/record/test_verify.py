"""`vaultcli verify` as it is typed."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.helpers import Result
from tests.world import ClientLine, World
from vaultcli.record.message import trailer
from vaultcli.verify.rules import RULES

Cli = Callable[..., Result]


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> World:
    """A vault that commands find from the working directory."""
    world = World(tmp_path)
    monkeypatch.chdir(world.settings())
    return world


@pytest.fixture
def ada(world: World) -> ClientLine:
    """A client with one signed note."""
    line = world.client("ada")
    line.sign(line.draft())
    world.save()
    return line


def test_three_lines_in_plain_words(cli: Cli, ada: ClientLine) -> None:
    said = cli("verify")
    assert said.code == 0, said.err
    lines = said.out.splitlines()
    assert lines[0] == "VERIFIED"
    assert lines[1] == "who        Lee Example, PhD, licensed psychologist (1 signed)"
    assert lines[2].startswith("when       2026-11-02 to 2026-11-02, by the signers' own clocks; not anchored")
    assert lines[3].startswith("unchanged  since each was signed; 4 commits from sha256:")
    assert lines[4].startswith("1 note, 1 signed; ")
    assert said.err == ""


def test_findings_one_a_line(cli: Cli, world: World, ada: ClientLine) -> None:
    ada.draft("Unsigned.", unsigned=True)
    world.save()
    said = cli("verify", "--cold")
    assert said.code == 1
    assert f"{ada.branch}: commit-signature: the commit is not signed (at {trailer(ada.commits[-1])[:19]})" in said.out
    assert "NOT VERIFIED" in said.out
    value = json.loads(cli("verify", "--json").out)
    assert (value["exit"], [one["rule"] for one in value["findings"]]) == (1, ["commit-signature"])


def test_unpinned_has_its_own_code(cli: Cli, world: World) -> None:
    world.client("ada")
    world.save(pin=False)
    said = cli("verify")
    assert (said.code, said.out.splitlines()[0]) == (11, "UNPINNED")


def test_excepted_has_its_own_code_and_is_printed(cli: Cli, world: World, ada: ClientLine) -> None:
    ada.draft("Unsigned.", unsigned=True)
    ada.excuse(ada.commits[-1], "commit-signature", "the agent was locked")
    world.save()
    said = cli("verify")
    assert said.code == 12
    assert "VERIFIED WITH EXCEPTIONS" in said.out
    assert "the agent was locked" in said.out


@pytest.mark.parametrize("how", ["path", "id", "part"])
def test_one_note(cli: Cli, ada: ClientLine, how: str) -> None:
    path = next(path for path in ada.texts if path.endswith(".sig")).removesuffix(".sig")
    id_ = path[-19:-3]
    said = cli("verify", {"path": f"chart/clients/{ada.id}/{path}", "id": id_, "part": id_[-8:]}[how])
    assert said.code == 0, said.err
    assert f"clients/{ada.id}/{path}" in said.out
    assert "ssh-keygen -Y verify -f ../../allowed_signers -I lee-example -n note@vaultcli.v1" in said.out


def test_one_client_by_its_handle(cli: Cli, ada: ClientLine) -> None:
    value = json.loads(cli("verify", "ada", "--json").out)
    assert (value["scope"], [line["line"] for line in value["lines"]]) == ("client", ["practice", ada.branch])
    assert cli("verify", "nobody").code == 3


def test_a_release(cli: Cli, world: World, ada: ClientLine, tmp_path: Path) -> None:
    bundle = tmp_path / "ada.bundle"
    world.git("bundle", "create", "-q", str(bundle), ada.branch, "practice")
    assert cli("verify", "--bundle", bundle).code == 11
    assert cli("verify", "--bundle", bundle, "--genesis", trailer(world.genesis)).code == 0
    assert cli("verify", "--bundle", bundle, "--genesis", world.genesis).code == 0
    assert cli("verify", "--bundle", bundle, "--genesis", "short").code == 2
    assert cli("verify", "--genesis", world.genesis).code == 2


def test_explaining(cli: Cli) -> None:
    assert "whoever signed" in cli("verify", "--explain").out
    for rule in RULES:
        assert cli("verify", "--explain", rule).out.startswith(f"{rule}: {RULES[rule].what}.")
    assert cli("verify", "--explain", "nothing").code == 2


def test_words_from_the_record_cannot_drive_the_terminal(cli: Cli, world: World, ada: ClientLine) -> None:
    (world.git_dir / "refs" / "tags").mkdir(exist_ok=True)
    (world.git_dir / "refs" / "tags" / "x\x1b[2J").write_text(ada.commits[-1] + "\n")
    said = cli("verify")
    assert said.code == 1
    assert "\x1b" not in said.out
