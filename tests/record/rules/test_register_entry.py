"""The register entry is judged as strictly as a note, and a group's line holds nothing else."""

from __future__ import annotations

import pytest

from tests.record.world import ADA, BO, LEE, Client, World, ident, register, rules
from vaultcli.record.history.line import Line
from vaultcli.record.rules import admission
from vaultcli.record.rules.policy import GITATTRIBUTES

GROUP = "kind: group\nmembers: [5s1r5s1r5s1r5s1r]\n"


@pytest.fixture
def line() -> Client:
    return World.founded().line()


def opened(entry: bytes, client: str = ADA) -> tuple[Client, set[str]]:
    made = Client(World.founded(), Line(f"client/{client}"))
    return made, rules(made.commit("open", {"client.md": entry, ".gitattributes": GITATTRIBUTES}, ids=(client,)))


BAD = {
    "no text": b"\xff\xfe",
    "not UTF-8 below": register() + b"\xff",
    "a byte zero": register() + b"a\0",
    "nothing": b"",
    "no front matter": b"Ada.\n",
    "not closed": b"---\nname: Ada\n",
    "another line's id": register(BO),
    "no id": register().replace(b"id: ", b"ib: "),
    "no name": register().replace(b"Ada Example", b""),
    "a list for a name": register().replace(b"Ada Example", b"[Ada]"),
    "no handle": register().replace(b"handle: ada\n", b""),
    "a handle of other letters": register(handle="Ada B"),
    "another kind": register(more="kind: team\n"),
    "a list for a kind": register(more="kind: [group]\n"),
    "members without a group": register(more=f"members: [{BO}]\n"),
    "a day in words": register(more="born: in May\n"),
    "digits of another script": register(more="born: ٢٠٠١-05-30\n"),
    "a key twice": register(more="name: Bo\n"),
    "an anchor": register(more="slot: &a Tue\n"),
    "a tag": register(more="slot: !!str Tue\n"),
    "a carriage return alone": register(more="slot: Tue\rid: x\n"),
}


@pytest.mark.parametrize("way", BAD)
def test_an_entry_that_is_none(line: Client, way: str) -> None:
    assert rules(line.commit("register", {"client.md": BAD[way]}, ids=(ADA,))) == {"register"}
    assert line.world.read(line.line.entry) == register()
    assert opened(BAD[way])[1] == {"register"}


GOOD = ("kind:\n", "kind: couple\n", "members:\n", "born: 1990-05-30\n", "x: [a,\n  b]\n", "hold: 'from today'\n", "slot: ~\n")


@pytest.mark.parametrize("more", GOOD)
def test_an_entry_that_is_one(line: Client, more: str) -> None:
    assert line.commit("register", {"client.md": register(more=more) + b"Prefers texts.\n"}, ids=(ADA,)) == []
    assert line.line.entry == line.line.files["client.md"]


def test_a_client_stays_a_client_and_a_group_a_group(line: Client) -> None:
    assert rules(line.commit("register", {"client.md": register(more=GROUP)}, ids=(ADA,))) == {"register"}
    assert not line.line.group
    assert line.commit("register", {"client.md": register(more="kind: family\n")}, ids=(ADA,)) == []
    group, found = opened(register(more=GROUP))
    assert (found, group.line.group) == (set(), True)
    assert group.commit("register", {"client.md": register(more="kind: group\nmembers: []\n")}, ids=(ADA,)) == []
    assert rules(group.commit("register", {"client.md": register()}, ids=(ADA,))) == {"register"}
    # what got in all the same is not what the next one is compared with
    assert group.commit("register", {"client.md": register(more="kind: group\n")}, ids=(ADA,)) == []


def test_nothing_else_stands_on_a_groups_line() -> None:
    group, _ = opened(register(more=GROUP))
    stem = group.stem()
    assert rules(group.commit("draft", {f"notes/{stem}.md": b"---\n---\nx"})) == {"group"}
    assert rules(group.commit("sign", group.signed(f"notes/{group.stem()}.md", "x"))) == {"group"}
    put = {"client.md": register(more=GROUP + "slot: Tue\n"), f"notes/{group.stem()}.md": b"x"}
    assert rules(group.commit("register", put, ids=(ADA,))) == {"event", "group"}
    excuse = f"excuses: sha256:{group.line.oids[0]}\nfinding: event\nreason: a test\n"
    put = group.signed(f"exceptions/{ident(99)}.md", "", rows=excuse, person=LEE)
    assert group.commit("exception", put, "lee") == []


def test_the_line_before_is_judged_alike_when_it_is_read_again(line: Client) -> None:
    line.commit("register", {"client.md": b"x"}, ids=(ADA,))
    again = line.line.copy()
    assert (again.entry, again.kind, again.group) == (line.line.entry, "individual", False)
    assert admission.close(again, line.world.policies) == []
