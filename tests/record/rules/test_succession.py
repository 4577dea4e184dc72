"""A line that succeeds another: its statement, and its root."""

from __future__ import annotations

import hashlib
from dataclasses import replace

import pytest

from tests.record.world import ADA, REGISTER, ZONE, Client, World, ident, rules
from vaultcli.ground.errors import BadInput
from vaultcli.record import message
from vaultcli.record.history.line import Line
from vaultcli.record.rules import admission, succession
from vaultcli.record.rules.policy import GITATTRIBUTES
from vaultcli.record.rules.succession import Kept, LeftOut, Succession
from vaultcli.record.times import git_time

MADE = Succession(
    "misfiled-text", "a" * 64, ("sha256:" + "b" * 64, "sha256:" + "c" * 64),
    (Kept("client.md", "d" * 64, "sha256:" + "b" * 64, "2026-11-22T09:00:00-05:00", "lee-example"),),
    (LeftOut(ident(1), "e" * 64, 1), LeftOut(ident(2), "f" * 64, 0)),
)  # fmt: skip
TEXT = succession.render(MADE)

@pytest.mark.parametrize("made", [MADE, replace(MADE, kept=(), left_out=(), sealed="")])
def test_round_trip(made: Succession):
    assert succession.parse(succession.render(made)) == made


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("vaultcli = 1", "vaultcli = 2"),
        ("misfiled-text", "because"),
        ("a" * 64, "A" * 64),
        ("sha256:" + "c" * 64, "sha256:" + "b" * 64),
        ('"sha256:' + "c" * 64 + '"', "5"),
        ("sha256:" + "c" * 64, "HEAD"),
        ("2026-11-22T09:00:00-05:00", "2026-11-22T09:00:00"),
        ("2026-11-22T09:00:00-05:00", "2026-19-22T09:00:00-05:00"),
        ("lee-example", "Lee"),
        ("number = 0", "number = -1"),
        ("number = 0", "number = 1"),
        ("number = 0", "number = 0.0"),
        (ident(2), ident(1)),
        ("commits = [\n", "commits = [\n\n"),
        ("vaultcli = 1\n", "vaultcli = 1\nx = " + "[" * 20_000),
    ],
)
def test_refused(old: str, new: str):
    assert old in TEXT
    with pytest.raises(BadInput):
        succession.parse(TEXT.replace(old, new, 1))


@pytest.fixture
def old() -> Client:
    """A line with two signed notes, an unsigned one that was withdrawn, and a draft."""
    line = World.founded().line()
    line.sign()
    line.sign()
    stem = line.stem()
    line.commit("draft", {f"notes/{stem}.md": b"withdrawn"})
    rows = f"withdraws: {line.sha(stem)}\nreason: other\n"
    assert line.commit("withdraw", line.signed(line.add(stem, "withdrawal"), rows=rows)) == []
    line.commit("draft", {f"notes/{line.stem()}.md": b"draft"})
    return line


def root(old: Client, without: tuple[str, ...] = (), **changes: object) -> tuple[Client, dict[str, bytes], Succession]:
    """A successor that leaves those files out, not yet committed."""
    line, read = old.line, old.world.read
    files = {path: read(oid) for path, oid in line.files.items() if path != ".gitattributes" and path not in without}

    def kept(path: str, raw: bytes) -> Kept:
        seen = line.recorded.get(path.removesuffix(".sig"))
        first = message.trailer(seen.commit if seen else line.oids[0])
        moment = seen.time if seen else "2026-11-22T09:00:00-05:00"
        return Kept(path, hashlib.sha256(raw).hexdigest(), first, moment, "lee-example")

    gone = [path for path in without if not path.endswith(".sig")]
    left = tuple(
        LeftOut(path[:-3].rpartition("-")[2], hashlib.sha256(read(line.files[path])).hexdigest(), line.signed[path].block.number)
        for path in gone
    )
    said = Succession(
        "misfiled-text", "", tuple(map(message.trailer, line.oids)), tuple(kept(p, r) for p, r in files.items()), left
    )
    said = replace(said, **changes)
    put = files | {".gitattributes": GITATTRIBUTES, succession.PATH: succession.render(said).encode()}
    return Client(old.world, Line(line.branch), old.made), put, said


def succeed(new: Client, put: dict[str, bytes], signer: str = "lee") -> set[str]:
    return rules(new.commit("succeed", put, signer, ids=(ADA,)))


def test_everything_kept(old: Client):
    new, put, _ = root(old)
    assert succeed(new, put) == set()
    assert (new.line.number, new.line.newest) == (old.line.number, old.line.newest)
    assert new.line.old_oids == tuple(old.line.oids)
    assert new.line.frozen == old.line.frozen
    new.made = 50
    new.sign()
    assert admission.close(new.line, new.world.policies) == []


def test_a_note_left_out_leaves_a_named_place_in_the_chain(old: Client):
    first = next(path for path, one in old.line.signed.items() if one.block.number == 1)
    new, put, _ = root(old, (first, first + ".sig"))
    assert succeed(new, put) == set()
    assert first not in new.line.files
    silent, put, _ = root(old, (first, first + ".sig"), left_out=())
    assert succeed(silent, put) == {"chain"}


def test_who_and_where(old: Client):
    new, put, _ = root(old)
    assert succeed(new, put, "lee-machine") == {"policy-role"}
    assert "message" in rules(old.commit("succeed", put, "lee", ids=(ADA,)))


def test_a_revoked_keys_notes_may_be_kept(old: Client):
    world = old.world
    ring = world.policies.head.keyring.with_revocation(
        old.line.signed[next(iter(old.line.signed))].fingerprint,
        revoked=git_time(world.clock, ZONE), reason="lost", last_good=world.head,
    )  # fmt: skip
    assert world.policy(ring, signer="recovery") == []
    new, put, _ = root(old)
    assert succeed(new, put, "recovery") == set()


@pytest.mark.parametrize(
    ("rule", "change"),
    [
        ("succession", {"client.md": REGISTER + b"x"}),
        ("succession", {"extra.md": b"x"}),
        ("succession", {succession.PATH: b"x"}),
        ("succession", {succession.PATH: None}),
        ("pinned-file", {".gitattributes": None}),
        ("pinned-file", {".gitattributes": b"* text\n"}),
    ],
)
def test_what_the_root_holds(old: Client, rule: str, change: dict[str, bytes | None]):
    new, put, _ = root(old)
    both: dict[str, bytes | None] = {**put, **change}
    assert rule in succeed(new, {path: raw for path, raw in both.items() if raw is not None})


def test_a_kept_file_has_a_place_on_a_line(old: Client):
    new, put, said = root(old)
    raw = b"x"
    kept = (*said.kept, replace(said.kept[0], path="../x.md", sha256=hashlib.sha256(raw).hexdigest()))
    put |= {"../x.md": raw, succession.PATH: succession.render(replace(said, kept=kept)).encode()}
    assert "path" in succeed(new, put)


def test_a_kept_signature_still_has_to_be_good(old: Client):
    new, put, said = root(old)
    path = next(p for p in put if p.endswith(".sig"))
    other = next(p for p in put if p.endswith(".sig") and p != path)
    put[path] = put[other]
    digest = hashlib.sha256(put[path]).hexdigest()
    kept = tuple(replace(one, sha256=digest) if one.path == path else one for one in said.kept)
    put[succession.PATH] = succession.render(replace(said, kept=kept)).encode()
    assert succeed(new, put) >= {"note-signature"}


def test_what_is_signed_stays_so_on_the_new_line(old: Client):
    new, put, _ = root(old)
    succeed(new, put)
    path = next(iter(new.line.signed))
    assert "note-changed" in rules(new.commit("draft", {path: b"other"}))
    assert "vanished" in rules(new.commit("draft", {path: None}))


def test_the_root_names_its_client(old: Client):
    new, put, _ = root(old)
    assert rules(new.commit("succeed", put, "lee", ids=(ident(9),))) == {"message-ids"}


def test_two_kept_files_do_not_share_an_id(old: Client):
    new, put, said = root(old)
    path = next(p for p in put if p.startswith("notes/") and p + ".sig" not in put and not p.endswith(".sig"))
    twin = path.replace("progress", "contact")
    digest = hashlib.sha256(b"x").hexdigest()
    kept = (*said.kept, replace(said.kept[1], path=twin, sha256=digest))
    put |= {twin: b"x", succession.PATH: succession.render(replace(said, kept=kept)).encode()}
    assert succeed(new, put) == {"id-used"}


def test_a_kept_draft_shows_no_signed_block(old: Client):
    path = next(iter(old.line.signed))
    new, put, said = root(old)
    del put[path + ".sig"]
    kept = tuple(one for one in said.kept if one.path != path + ".sig")
    put[succession.PATH] = succession.render(replace(said, kept=kept)).encode()
    assert succeed(new, put) >= {"block", "chain"}
