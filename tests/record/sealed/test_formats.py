"""The texts of the sealed repository: one form each, read back to the same, and every other form refused."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vaultcli.ground import ids
from vaultcli.ground.age import seal as age
from vaultcli.ground.age import ustar
from vaultcli.ground.age.ustar import Member
from vaultcli.ground.errors import BadInput
from vaultcli.record.sealed import drawer, epochs, header, logline, paths
from vaultcli.record.sealed.drawer import Drawer, Epoch, Key
from vaultcli.record.sealed.header import Header
from vaultcli.record.sealed.logline import Event

VAULT, TOKEN, ID = "q8t2m6x0k4w9c3rz", "4r0q2m8wkc4xe9r7", "7n5tq2m8wkc4xe9r"
TIME = "2026-11-22T14:58:03-05:00"
SIGNATURE = "-----BEGIN SSH SIGNATURE-----\nAAAA\n-----END SSH SIGNATURE-----\n"
SECRET = age.generate()
OTHER = age.generate()


def note(text: bytes = b"The river again.\n", **changes: object) -> tuple[Header, dict[str, bytes]]:
    files = {header.NOTE_FILE: text}
    made = Header(VAULT, TOKEN, ID, header.NOTE, 1, TIME, "Lee Example, PhD", "m5k2x8q0c", files=(header.file("note.md", text),))
    return replace(made, **changes), files  # type: ignore[arg-type]


def a_drawer(**changes: object) -> Drawer:
    key = Key(SECRET.recipient, SECRET.text)
    made = Drawer(VAULT, TOKEN, drawer.CLIENT, "9d4x0k7c2mq8t6wz", "Ada Example", "2026-11-22", VAULT, (key,))
    return replace(made, **changes)  # type: ignore[arg-type]


# sealed files


@given(st.binary(max_size=9000))
def test_a_sealed_file_comes_back_whole(text: bytes) -> None:
    head, files = note(text)
    raw = header.packed(head, SIGNATURE, files)
    found = header.unpacked(raw)
    assert (found.header, found.signature, found.text) == (head, SIGNATURE, text)
    assert len(raw) % ustar.STEP == 0


def test_every_kind_has_its_files() -> None:
    content = b"%PDF-1.7\r\n\x00"
    files = {"note.md": b"", "content": content}
    listed = (header.file("note.md", b""), header.file("content", content, "scan 3.pdf"))
    made, _ = note(kind=header.ATTACHMENT, to="0c1x8k5vd2mhq7tz", files=listed)
    assert header.unpacked(header.packed(made, SIGNATURE, files)).files == files
    log = Event(1, "show", TIME, TOKEN, (ID,)).line.encode()
    made, _ = note(kind=header.LOG, number=1, files=(header.file("log.jsonl", log),))
    assert header.unpacked(header.packed(made, SIGNATURE, {"log.jsonl": log})).header.number == 1


@pytest.mark.parametrize(
    "change",
    [
        {"vault": "x"}, {"token": TOKEN.upper()}, {"id": ""}, {"kind": "letter"}, {"kind": header.LOG}, {"kind": header.ADDITION},
        {"to": "0c1x8k5vd2mhq7tz"}, {"number": 1}, {"number": -1}, {"generation": 0}, {"written": "yesterday"},
        {"machine": "lee"}, {"previous": ("x",)}, {"previous": ("a" * 64,) * 3}, {"files": ()},
    ],
)  # fmt: skip
def test_a_header_that_contradicts_its_format_is_refused(change: dict[str, object]) -> None:
    head, _ = note(**change)
    with pytest.raises(BadInput):
        header.parse(head.raw)


@pytest.mark.parametrize(
    ("was", "now"),
    [
        (b"vaultcli-sealed = 1", b"vaultcli-sealed = 2"), (b"vaultcli-sealed = 1", b"vaultcli-sealed = true"),
        (b"generation = 1", b"generation = 01"), (b"generation = 1", b"generation = 1.0"), (b'kind = "note"', b"kind = 'note'"),
        (b"previous = []", b"previous = [ ]"), (b"\n\n[[file]]", b"\n[[file]]"), (b"by = ", b"extra = 1\nby = "),
        (b"[[file]]\n", b"[[file]]\nmode = 1\n"), (b"bytes = 17", b"bytes = 18"), (b"vault = ", b"# a comment\nvault = "),
    ],
)  # fmt: skip
def test_a_header_in_another_form_is_refused(was: bytes, now: bytes) -> None:
    head, files = note()
    raw = head.raw.replace(was, now)
    assert raw != head.raw
    with pytest.raises(BadInput):
        header.unpacked(ustar.pack([Member("header.toml", raw), Member("note.md", files["note.md"])]))


def test_other_members_than_the_header_lists_are_refused() -> None:
    head, files = note(machine="", by="")
    good = [Member("header.toml", head.raw), Member("note.md", files["note.md"])]
    assert header.unpacked(ustar.pack(good)).signature == ""
    for members in (
        good[:1],
        good[::-1],
        [*good, Member("more", b"")],
        [good[0], Member("note.md", b"The River again.\n")],
        [good[0], Member("header.toml.sig", SIGNATURE.encode()), good[1]],
    ):
        with pytest.raises(BadInput):
            header.unpacked(ustar.pack(members))


def test_a_header_that_names_a_machine_needs_its_signature() -> None:
    head, files = note()
    with pytest.raises(BadInput, match="signed"):
        header.unpacked(ustar.pack([Member("header.toml", head.raw), Member("note.md", files["note.md"])]))


def test_what_is_too_long_is_refused_before_it_is_sealed() -> None:
    with pytest.raises(BadInput, match="bytes long"):
        header.file("note.md", bytes((1 << 20) + 1))
    with pytest.raises(BadInput, match="25,000,001"):
        header.file("content", bytes(25_000_001))


# identities


def test_a_drawer_comes_back_and_hides_its_secrets() -> None:
    one = a_drawer().with_generation(Key(OTHER.recipient, OTHER.text))
    assert drawer.parse(one.text, TOKEN, VAULT) == one
    assert one.recipient == OTHER.recipient
    assert "SECRET" not in repr(one)
    assert len(one.text) == ustar.STEP
    assert len(age.identities(one.text.decode())) == 2


@given(st.text(max_size=60))
def test_any_name_stands_in_a_drawer_on_one_line(name: str) -> None:
    one = a_drawer(name=" ".join(name.split()))
    try:
        found = drawer.parse(one.text, TOKEN, VAULT)
    except (BadInput, UnicodeEncodeError):
        return
    assert found == one


@pytest.mark.parametrize(
    ("was", "now"),
    [
        (b"version 1", b"version 2"), (b"# kind: client", b"# kind: letter"),
        (TOKEN.encode(), ID.encode()), (VAULT.encode(), ID.encode()),
        (b"# generation 1", b"# generation 2"), (b"# made: 2026-11-22\n", b""), (b"# name", b"# Name"), (b"\n\n", b"\n"),
        (b"\n\n", b"\n# more\n"),
    ],
)  # fmt: skip
def test_a_drawer_in_another_form_or_place_is_refused(was: bytes, now: bytes) -> None:
    raw = a_drawer().text.replace(was, now, 1)
    assert raw != a_drawer().text
    with pytest.raises(BadInput):
        drawer.parse(raw, TOKEN, VAULT)


def test_an_epoch_comes_back_and_hides_its_secret() -> None:
    one = Epoch(VAULT, 3, Key(SECRET.recipient, SECRET.text))
    assert drawer.parse_epoch(one.text) == one
    assert "SECRET" not in repr(one)
    spelt = (one.text.replace(b"epoch: 3", b"epoch: 03"), one.text.replace(b"# vault", b"#vault"))
    for raw in (b"", one.text[:-5], one.text + b"x", *spelt):
        with pytest.raises(BadInput):
            drawer.parse_epoch(raw)


# epochs


def test_epochs_come_back_and_only_grow() -> None:
    one = epochs.Epochs((epochs.Epoch(SECRET.recipient, "2026-11-22"),))
    two = one.with_epoch(epochs.Epoch(OTHER.recipient, "2027-02-01", (TOKEN,)))
    assert epochs.parse(two.raw) == two
    assert two.follows(one)
    assert not one.follows(two)
    assert (two.number, two.recipient, two.destroyed) == (2, OTHER.recipient, frozenset({TOKEN}))


@pytest.mark.parametrize(
    ("was", "now"),
    [
        (b"number = 1", b"number = 2"), (b"age1", b"age2"), (b"2026-11-22", b"2026-11"), (b"[[epoch]]", b"[[epochs]]"),
        (b'destroyed = ["', b'destroyed = ["x'), (b"vaultcli-psychotherapy = 1", b"vaultcli-psychotherapy = 9"),
    ],
)  # fmt: skip
def test_epochs_in_another_form_are_refused(was: bytes, now: bytes) -> None:
    raw = epochs.Epochs((epochs.Epoch(SECRET.recipient, "2026-11-22", (TOKEN,)),)).raw
    assert was in raw
    with pytest.raises(BadInput):
        epochs.parse(raw.replace(was, now, 1))


# the access log


EVENTS = st.builds(
    Event,
    st.integers(1, 10**6),
    st.sampled_from(logline.EVENTS),
    st.just(TIME),
    st.sampled_from(["", TOKEN]),
    st.lists(st.just(ID), max_size=2).map(tuple),
    st.text(st.characters(blacklist_categories=("Cs", "Cc", "Zl", "Zp")), max_size=20),
)


@given(st.lists(EVENTS, max_size=6))
def test_log_lines_come_back(events: list[Event]) -> None:
    assert logline.parse(logline.render(events)) == events


@pytest.mark.parametrize(
    "line",
    ["", "{}", "[]", "[" * 9999, '{"n":1}', '{"event":"look","ids":[],"n":1,"time":"2026-11-22T14:58:03-05:00","token":""}'],
)
def test_a_line_that_is_none_is_named_by_its_number(line: str) -> None:
    good = Event(1, "show", TIME).line
    with pytest.raises(BadInput, match=r"log\.jsonl:2"):
        logline.parse((good + line + "\n").encode())


# places


def test_paths_name_drawers_and_files_and_nothing_else() -> None:
    for path in (f"{TOKEN}/identity.age", f"{TOKEN}/{ID}.age", f"{TOKEN}/{ID}.0a1b2c3d.age"):
        found = paths.parse(path)
        assert found is not None
        assert found.path == path
    for path in (
        "README.md", TOKEN, f"{TOKEN}/", f"{TOKEN}/{ID}", f"{TOKEN}/{ID}.md", f"{TOKEN}/Identity.age",
        f"{TOKEN}/{ID}.0A1B2C3D.age",
        f"{TOKEN}/{TOKEN}/{ID}.age", f"../{ID}.age", f"{TOKEN}/identity.0a1b2c3d.age", f"{TOKEN}/{ID}.age\n", ids.new() + ".age",
    ):  # fmt: skip
        assert paths.parse(path) is None, path
