"""A client's line: one honest way, and one way to break each rule of `docs/spec/verify.md`, parts 3 and 4."""

from __future__ import annotations

import hashlib
from dataclasses import replace

import pytest

from tests.record.world import (
    ADA,
    BO,
    KIM,
    LEE,
    NOW,
    PRACTICE,
    REGISTER,
    RING,
    SAM,
    START,
    ZONE,
    Client,
    World,
    entry,
    ident,
    key,
    register,
    rules,
    seal,
)  # fmt: skip
from vaultcli.record import message
from vaultcli.record.history.line import Line
from vaultcli.record.rules import admission
from vaultcli.record.times import git_time


@pytest.fixture
def world() -> World:
    return World.founded()


@pytest.fixture
def line(world: World) -> Client:
    return world.line()


def fingerprint(name: str) -> str:
    return key(name).public.fingerprint


def revoke(world: World, name: str, good: str = "", signer: str = "lee") -> list[object]:
    ring = world.policies.head.keyring.with_revocation(
        fingerprint(name), revoked=git_time(world.clock, ZONE), reason="lost", last_good=good or world.head
    )
    return list(world.policy(ring, signer=signer))


def test_an_honest_life(world: World, line: Client):
    assert line.commit("register", {"client.md": register(handle="a")}, ids=(ADA,)) == []
    stem = line.stem()
    note = f"notes/{stem}.md"
    assert line.commit("draft", {note: b"---\n---\nfirst"}, "sam-machine") == []
    assert line.commit("draft", {note: b"---\n---\nsecond"}, "sam-machine") == []
    assert line.commit("sign", line.signed(note, "third", "sam", SAM), "sam-machine") == []
    first = line.sha(stem)
    correction = line.add(stem, "correction")
    put = line.signed(correction, "fourth", "sam", SAM, f"corrects: {first}\nreason: a slip\n")
    assert line.commit("amend", put, "sam-machine") == []
    second = hashlib.sha256(put[correction]).hexdigest()
    addendum = line.add(stem, "addendum")
    put = line.signed(addendum, "seen", rows=f"adds-to: {second}\n", meaning="contributor")
    assert line.commit("amend", put) == []
    third = hashlib.sha256(put[addendum]).hexdigest()
    put = line.signed(line.add(stem, "cosignature"), rows=f"covers: [{first}, {second}, {third}]\n")
    assert line.commit("cosign", put) == []
    put = line.signed(line.add(stem, "withdrawal"), rows=f"withdraws: {first}\nreason: duplicate\n", meaning="custodian")
    assert line.commit("withdraw", put) == []
    assert line.line.number == 5
    assert admission.close(line.line, world.policies) == []


def test_two_notes_in_one_commit_follow_one_another(line: Client):
    one, two = f"notes/{line.stem()}.md", f"notes/{line.stem()}.md"
    put = line.signed(one)
    first = hashlib.sha256(put[one]).hexdigest()
    assert line.commit("sign", put | line.signed(two, number=2, follows=(first,))) == []


def test_doubled_numbers_in_one_commit(line: Client):
    put = line.signed(f"notes/{line.stem()}.md") | line.signed(f"notes/{line.stem()}.md")
    assert rules(line.commit("sign", put)) == {"chain"}


def test_a_bad_number_does_not_move_the_chain(line: Client):
    assert rules(line.commit("sign", line.signed(f"notes/{line.stem()}.md", number=999_999_999))) == {"chain"}
    line.sign()


def test_two_corrections_in_one_commit_must_correct_one_another(line: Client):
    stem = line.sign()
    one, two = line.add(stem, "correction"), line.add(stem, "correction")
    rows = f"corrects: {line.sha(stem)}\n"
    put = line.signed(one, rows=rows)
    first = hashlib.sha256(put[one]).hexdigest()
    put |= line.signed(two, rows=rows, number=3, follows=(first,))
    assert rules(line.commit("amend", put)) == {"target"}


COMMITS = {
    "merge": {"parents": None},
    "parent": {"parents": ("0" * 64,)},
    "commit-signature": {"key": None},
    "commit-key": {"key": key("stranger").public},
    "commit-headers": {"extra": (("encoding", "x"),)},
    "ident": {"author": ("Lee Example", "sam-demo")},
    "date-order": {"author_time": START - 1, "committer_time": START - 1},
    "date-future": {"author_time": NOW + 301, "committer_time": NOW + 301},
}


@pytest.mark.parametrize("rule", COMMITS)
def test_the_commit_itself(line: Client, rule: str):
    changes: dict[str, object] = dict(COMMITS[rule])
    if rule == "merge":
        changes["parents"] = (line.line.head, "1" * 64)
    assert rules(line.commit("draft", {f"notes/{line.stem()}.md": b"text"}, **changes)) == {rule}


@pytest.mark.parametrize(
    ("seconds", "zone"),
    [(10**18, "+0000"), (-5, "+0000"), (START, "-0000"), (START, "+1460"), (START, "+9999"), (START, "-1300")],
)
def test_times_that_no_clock_shows(line: Client, seconds: int, zone: str):
    moment = {"author_time": seconds, "committer_time": seconds, "author_zone": zone, "committer_zone": zone}
    found = line.commit("draft", {f"notes/{line.stem()}.md": b"text"}, **moment)
    assert "date-form" in rules(found)


def test_somebody_elses_name(line: Client):
    lee = (LEE.name, LEE.id)
    found = line.commit("draft", {f"notes/{line.stem()}.md": b"text"}, "sam-machine", author=lee, committer=lee)
    assert rules(found) == {"ident"}


@pytest.mark.parametrize("signer", ["lee", "recovery"])
def test_a_note_is_recorded_by_a_machine_key(line: Client, signer: str):
    assert rules(line.commit("draft", {f"notes/{line.stem()}.md": b"text"}, signer)) == {"commit-key"}


@pytest.mark.parametrize(
    "text",
    [
        "draft {id}\r\n\r\nPolicy: {policy}\r\n",
        "draft {id}\n\nPolicy: {policy}",
        "draft Ada {id}\n\nPolicy: {policy}\n",
        "draft {id}\n\nPolicy: {policy}\n\nCo-authored-by: x <y>\n",
        "draft {id}\n\nKey: SHA256:{k}\nLast-good: {policy}\nPolicy: {policy}\n",
        "policy\n",
        "open {id}\n\nPolicy: {policy}\n",
    ],
)
def test_messages_outside_the_grammar(world: World, line: Client, text: str):
    stem = line.stem()
    said = text.format(id=stem[-16:], policy=world.head, k="a" * 43)
    assert "message" in rules(line.commit("draft", {f"notes/{stem}.md": b"text"}, message=said))


def test_a_bad_message_hides_nothing_else(line: Client):
    stem = line.stem()
    put = line.signed(f"notes/{stem}.md", signer="sam")
    assert rules(line.commit("sign", put, "", message="sign\n")) == {"message", "commit-signature", "signer"}
    assert rules(line.commit("sign", {f"notes/{stem}.md": b"other"}, message="sign\n")) == {"message", "note-changed"}


def test_roles(line: Client):
    stem = line.sign()
    put = line.signed(line.add(stem, "cosignature"), signer="sam", person=SAM, rows=f"covers: [{line.sha(stem)}]\n")
    assert rules(line.commit("cosign", put, "sam-machine")) == {"role", "meaning"}


def test_policies_that_are_unknown_or_older(world: World, line: Client):
    old = world.head
    put = {f"notes/{line.stem()}.md": b"text"}
    assert rules(line.commit("draft", put, policy="sha256:" + "0" * 64)) == {"policy-unknown"}
    world.policy(people=replace(PRACTICE, name="Other"))
    line.sign()
    assert rules(line.commit("draft", {f"notes/{line.stem()}.md": b"t"}, policy=old)) == {"policy-order"}


@pytest.mark.parametrize(
    "path",
    [
        "notes/sub/2026-11-22-progress-0000000000000009.md",
        "notes/2026-11-22-Progress-0000000000000009.md",
        "notes/2026-02-30-progress-0000000000000009.md",
        "notes/2026-11-22-progress-0000000000000009.md.sig.sig",
        "exceptions/a/b.md",
        "exceptions/../client.md",
        "Client.md",
        "client.md.sig",
        "succession.toml",
        "readme.txt",
    ],
)
def test_paths(line: Client, path: str):
    assert "path" in rules(line.commit("draft", {path: b"text"}))


@pytest.mark.parametrize("mode", [0o120000, 0o100755, 0o160000])
def test_modes(line: Client, mode: int):
    made = line.commit("draft", {f"notes/{line.stem()}.md": b"text"})
    assert made == []
    from vaultcli.ground.git.tree import Change

    change = Change(f"notes/{line.stem()}.md", None, line.world.put(b"/etc/passwd"), mode)
    assert "path" in rules(line.commit("draft", {}, changes=(change,), ids=(ident(2),)))


def test_a_draft_that_is_renamed_away_has_vanished(line: Client):
    stem = line.stem()
    line.commit("draft", {f"notes/{stem}.md": b"text"})
    moved = stem.replace("progress", "contact")
    found = line.commit("draft", {f"notes/{stem}.md": None, f"notes/{moved}.md": b"text"})
    assert rules(found) == {"vanished", "id-used"}


def test_what_is_signed_never_changes(line: Client):
    stem = line.sign()
    note = f"notes/{stem}.md"
    assert rules(line.commit("draft", {note: b"other"})) == {"note-changed", "event", "message-ids"}
    assert "note-changed" in rules(line.commit("sign", line.signed(note, "other")))


def test_what_vanished_does_not_come_back_as_something_else(line: Client):
    note = f"notes/{line.sign()}.md"
    assert "vanished" in rules(line.commit("draft", {note: None, note + ".sig": None}))
    assert "note-changed" in rules(line.commit("sign", line.signed(note, "other")))


def test_attributes_are_pinned(line: Client):
    assert "pinned-file" in rules(line.commit("register", {".gitattributes": b"* text\n"}))


def test_an_opening_holds_the_register_and_the_attributes(world: World):
    client = Client(world, Line(f"client/{BO}"))
    assert rules(client.commit("open", {"client.md": register(BO)}, ids=(BO,))) == {"event", "pinned-file"}


@pytest.mark.parametrize("ids", [(BO,), (ADA, BO)])
def test_an_opening_names_its_client(world: World, ids: tuple[str, ...]):
    client = Client(world, Line(f"client/{ADA}"))
    put = {"client.md": REGISTER, ".gitattributes": b"* -text\n"}
    assert rules(client.commit("open", put, ids=ids)) == {"message-ids"}


def test_messages_name_what_they_touch(line: Client):
    stem = line.stem()
    own = stem[-16:]
    for ids in ((ident(77),), (own, own), (own, ident(77))):
        assert rules(line.commit("draft", {f"notes/{stem}.md": str(ids).encode()}, ids=ids)) == {"message-ids"}


def test_events_keep_to_their_files(line: Client):
    stem = line.stem()
    put = line.signed(f"notes/{stem}.md")
    assert rules(line.commit("register", put, ids=(ADA,))) == {"event"}
    other = line.signed(f"notes/{line.stem()}.md")
    assert rules(line.commit("draft", other)) == {"event"}
    alone = {path: raw for path, raw in line.signed(f"notes/{line.stem()}.md").items() if path.endswith(".sig")}
    assert rules(line.commit("sign", alone)) == {"event"}
    assert rules(line.commit("draft", {}, ids=(ident(1),))) == {"event", "message-ids"}


def test_a_draft_shows_no_signed_block(line: Client):
    path = f"notes/{line.stem()}.md"
    put = line.signed(path)
    assert rules(line.commit("draft", {path: put[path]})) == {"block"}


def test_an_addition_without_its_note(line: Client):
    path = f"notes/{line.stem()}.addendum-{ident(88)}.md"
    assert rules(line.commit("draft", {path: b"text"})) == {"target"}


BLOCKS = {
    "line": ("place", {"line": f"client/{BO}"}),
    "genesis": ("place", {"genesis": "sha256:" + "0" * 64}),
    "id": ("place", {"id": ident(99)}),
    "name": ("signer-name", {"name": "Lee Exampl"}),
    "credentials": ("signer-name", {"credentials": "MD"}),
    "meaning": ("author", {"meaning": "contributor"}),
    "custodian": ("author", {"meaning": "cosigner"}),
    "cosigner": ("cosigner", {"cosigner": "kim-demo"}),
    "number": ("chain", {"number": 2}),
    "follows": ("chain", {"follows": ("0" * 64,)}),
    "after": ("time", {"time": git_time(NOW, ZONE), "recorded": git_time(NOW, ZONE)}),
    "recorded": ("recorded", {"recorded": git_time(START, ZONE)}),
}


@pytest.mark.parametrize("name", BLOCKS)
def test_the_block(line: Client, name: str):
    rule, changes = BLOCKS[name]
    assert rule in rules(line.commit("sign", line.signed(f"notes/{line.stem()}.md", **changes)))


def test_a_signature_is_not_dated_before_what_it_follows(line: Client):
    line.sign()
    early = git_time(START - 1000, ZONE)
    assert rules(line.commit("sign", line.signed(f"notes/{line.stem()}.md", time=early, recorded=early))) == {"time"}


def test_signatures(line: Client):
    path = f"notes/{line.stem()}.md"
    said = line.block(path)
    for signer, rule in (("kim", "signer"), ("lee-machine", "signer"), ("stranger", "signer"), ("recovery", "signer")):
        fresh = line.line.copy()
        judged = Client(line.world, fresh, line.made)
        assert rule in rules(judged.commit("sign", seal(path, said, signer=signer))), signer
    assert rules(line.commit("sign", seal(path, said, namespace="cosignature@vaultcli.v1"))) == {"note-signature"}
    changed = line.signed(f"notes/{line.stem()}.md")
    text, armour = changed
    changed[text] += b"!"
    assert rules(line.commit("sign", changed)) == {"note-signature"}
    assert line.line.number == 0
    assert rules(line.commit("draft", {text: b"and now?"})) >= {"note-changed"}
    assert armour in line.line.files


def test_a_forged_withdrawal_ends_nothing(line: Client):
    stem = line.sign()
    put = line.signed(line.add(stem, "withdrawal"), signer="stranger", rows=f"withdraws: {line.sha(stem)}\nreason: other\n")
    assert rules(line.commit("withdraw", put)) == {"signer"}
    assert line.line.withdrawn(stem) is None


def test_the_author_is_whoever_recorded_first(line: Client):
    stem = line.stem()
    line.commit("draft", {f"notes/{stem}.md": b"text"}, "sam-machine")
    assert rules(line.commit("sign", line.signed(f"notes/{stem}.md"))) == {"author"}
    other = line.signed(f"notes/{line.stem()}.md", signer="kim", person=KIM)
    assert rules(line.commit("sign", other, "lee-machine")) == {"author"}


def test_nobody_co_signs_for_themselves(line: Client):
    stem = line.sign()
    put = line.signed(line.add(stem, "cosignature"), rows=f"covers: [{line.sha(stem)}]\n")
    assert rules(line.commit("cosign", put)) == {"meaning"}


@pytest.mark.parametrize("covers", ["{0}", "[]", "[{0}, {0}]", "[{1}]", "[{0}, {1}]"])
def test_a_cosignature_covers_exactly_what_is_there(line: Client, covers: str):
    stem = line.stem()
    assert line.commit("sign", line.signed(f"notes/{stem}.md", "", "sam", SAM), "sam-machine") == []
    rows = f"covers: {covers.format(line.sha(stem), '0' * 64)}\n"
    assert rules(line.commit("cosign", line.signed(line.add(stem, "cosignature"), rows=rows))) <= {"covers", "target"} != set()
    assert line.line.number == 2


@pytest.mark.parametrize("rows", ["", '"adds-to": {}\n', "adds-to : {}\n", "adds-to: {}0\n"])
def test_the_line_that_names_the_target(line: Client, rows: str):
    stem = line.sign()
    put = line.signed(line.add(stem, "addendum"), rows=rows.format(line.sha(stem), line.sha(stem)))
    assert rules(line.commit("amend", put)) == {"target"}


def test_nothing_is_added_to_an_unsigned_or_withdrawn_or_foreign_note(world: World, line: Client):
    draft = line.stem()
    line.commit("draft", {f"notes/{draft}.md": b"text"})
    put = line.signed(line.add(draft, "correction"), rows=f"corrects: {line.sha(draft)}\n")
    assert rules(line.commit("amend", put)) == {"target"}
    other = world.line(BO)
    foreign = other.sign()
    put = line.signed(f"notes/{foreign}.addendum-{ident(70)}.md", rows=f"adds-to: {other.sha(foreign)}\n")
    assert "target" in rules(line.commit("amend", put))
    stem = line.sign()
    rows = f"withdraws: {line.sha(stem)}\nreason: duplicate\n"
    assert line.commit("withdraw", line.signed(line.add(stem, "withdrawal"), rows=rows)) == []
    put = line.signed(line.add(stem, "correction"), rows=f"corrects: {line.sha(stem)}\n")
    assert rules(line.commit("amend", put)) == {"target"}


FIXING = [("attest", "attestation", "attests"), ("withdraw", "withdrawal", "withdraws")]


@pytest.mark.parametrize(("event", "kind", "row"), FIXING)
def test_an_attested_or_withdrawn_draft_is_fixed(line: Client, event: str, kind: str, row: str):
    stem = line.stem()
    line.commit("draft", {f"notes/{stem}.md": b"text"})
    wrong = line.line.copy()
    rows = "{}: {}\nreason: other\n"
    bad = Client(line.world, wrong, line.made)
    put = bad.signed(bad.add(stem, kind), rows=rows.format(row, "0" * 64))
    assert rules(bad.commit(event, put)) == {"target"}
    put = line.signed(line.add(stem, kind), rows=rows.format(row, line.sha(stem)))
    assert line.commit(event, put) == []
    assert "note-changed" in rules(line.commit("draft", {f"notes/{stem}.md": b"other"}))
    assert "note-changed" in rules(line.commit("sign", line.signed(f"notes/{stem}.md")))


def test_a_stolen_machine_key_on_a_new_line_with_an_old_policy(world: World):
    old = world.head
    assert revoke(world, "lee-machine") == []
    thief = Client(world, Line(f"client/{BO}"))
    assert thief.commit("open", {"client.md": register(BO), ".gitattributes": b"* -text\n"}, ids=(BO,), policy=old) == []
    assert rules(admission.close(thief.line, world.policies)) == {"unsettled"}


def settle(line: Client, good: str, signer: str = "recovery", name: str = "lee-machine", **changes: object) -> set[str]:
    said = message.Message("settle", (ADA,), line.world.head, fingerprint(name), message.trailer(good)).text()
    return rules(line.commit("settle", {}, signer, message=said, **changes))


def test_a_revoked_key_counts_up_to_its_last_good_commit(world: World, line: Client):
    line.sign()
    good, old = line.line.head, world.head
    line.sign()
    assert revoke(world, "lee-machine") == []
    assert rules(admission.close(line.line, world.policies)) == {"unsettled"}
    assert settle(line, good) == set()
    found = admission.close(line.line, world.policies)
    assert [(f.rule, f.commit) for f in found] == [("revoked-key", message.trailer(line.line.oids[2]))]
    assert rules(line.commit("draft", {f"notes/{line.stem()}.md": b"t"})) == {"revoked-key"}
    assert "policy-order" in rules(line.commit("draft", {f"notes/{line.stem()}.md": b"t"}, policy=old))


def test_settling_can_only_go_back(world: World, line: Client):
    line.sign()
    root = line.line.oids[0]
    revoke(world, "lee-machine")
    assert settle(line, root) == set()
    assert settle(line, line.line.oids[1]) == set()
    assert rules(admission.close(line.line, world.policies)) == {"revoked-key"}


def test_who_may_settle_what(world: World, line: Client):
    good = line.line.head
    assert settle(line, good) == {"settle"}
    revoke(world, "lee-machine")
    assert settle(line, "0" * 64) == {"settle"}
    assert settle(line, good, "kim-machine") == {"policy-role"}
    assert "settle" in settle(line, good, "lee-machine")


def test_a_stolen_personal_key_is_bound_by_the_commit_that_carried_it(world: World, line: Client):
    line.sign()
    good = line.line.head
    line.sign()
    assert revoke(world, "lee", signer="recovery") == []
    assert rules(admission.close(line.line, world.policies)) == {"unsettled"}
    assert settle(line, good, name="lee") == set()
    assert rules(admission.close(line.line, world.policies)) == {"revoked-key"}


def test_somebody_who_has_ended_signs_nothing(world: World, line: Client):
    ring = world.policies.head.keyring
    for name in ("kim", "kim-machine"):
        ring = ring.with_revocation(fingerprint(name), revoked=git_time(START, ZONE), reason="left", last_good=world.head)
    ended = replace(PRACTICE, people=(LEE, SAM, replace(KIM, until="2027-01-01")))
    assert world.policy(ring, ended) == []
    found = line.commit("sign", line.signed(f"notes/{line.stem()}.md", signer="kim", person=KIM), "kim-machine")
    assert rules(found) == {"revoked-key", "role", "meaning"}


def test_exceptions(world: World, line: Client):
    assert rules(line.commit("draft", {f"notes/{line.stem()}.md": b"t"}, author=("L", "l"))) == {"ident"}
    bad = message.trailer(line.line.head)
    path = f"exceptions/{ident(50)}.md"
    rows = f"excuses: {bad}\nfinding: ident\nreason: plain git was used\n"
    for put, signer, rule in (
        (line.signed(path, rows=rows), "lee-machine", "policy-role"),
        (line.signed(path, signer="kim", person=KIM, rows=rows), "lee", "policy-role"),
        (line.signed(path, signer="recovery", rows=rows), "lee", "signer"),
        (line.signed(path, rows=rows, meaning="author"), "lee", "meaning"),
        (line.signed(path, rows=rows.replace(bad, "sha256:" + "0" * 64)), "lee", "target"),
        (line.signed(path, rows=rows.replace("finding: ident\n", "")), "lee", "target"),
    ):
        assert rule in rules(Client(world, line.line.copy()).commit("exception", put, signer))
    recovery = replace(LEE, id="recovery", name="Recovery signer", credentials="")
    for signer, person in (("lee", LEE), ("recovery", recovery)):
        there = Client(world, line.line.copy())
        assert there.commit("exception", line.signed(path, signer=signer, person=person, rows=rows), signer) == []


def test_the_second_key_of_a_person_counts_too(world: World, line: Client):
    ring = RING.with_entry(entry("lee-2", "lee-example", "personal", "lee"))
    assert world.policy(ring) == []
    assert line.commit("sign", line.signed(f"notes/{line.stem()}.md", signer="lee-2")) == []


def test_a_vault_with_short_ids():
    def short(text: str) -> str:
        return hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest()

    world = World()
    assert world.policy(RING, PRACTICE, oid=short("genesis")) == []
    client = Client(world, Line(f"client/{ADA}"))
    put = {"client.md": REGISTER, ".gitattributes": b"* -text\n"}
    assert client.commit("open", put, ids=(ADA,), oid=short("open")) == []
    assert client.commit("sign", client.signed(f"notes/{client.stem()}.md"), oid=short("sign")) == []
    assert world.head.startswith("sha1:")


def test_nothing_rides_along(line: Client):
    note = f"notes/{line.stem()}.md"
    assert rules(line.commit("register", {"client.md": register(handle="a"), note: b"text"}, ids=(ADA,))) == {"event"}
    assert rules(line.commit("sign", {f"notes/{line.stem()}.md": b"text"})) == {"event"}
