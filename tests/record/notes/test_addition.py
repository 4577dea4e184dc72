"""The line of an addition that names what it is about."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vaultcli.record.notes import addition
from vaultcli.record.notes.addition import Target

A, B, COMMIT = "a" * 64, "b" * 64, "sha256:" + "c" * 64


def raw(rows: str, end: str = "\n") -> bytes:
    return f"---{end}id: x{end}{rows}signed:{end}  reason: inside{end}---{end}reason: in the body{end}".encode()


@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize(
    ("kind", "rows", "target"),
    [
        ("correction", f"corrects: {A}\nreason: a slip of the pen\n", Target((A,), reason="a slip of the pen")),
        ("addendum", f"adds-to: {A}\n", Target((A,))),
        ("late-entry", f"adds-to: {A}\n", Target((A,))),
        ("attestation", f"attests: {A}\n", Target((A,))),
        ("cosignature", f"covers: [{A}, {B}]\n", Target((A, B))),
        ("withdrawal", f"withdraws: {A}\nreason: wrong-client\n", Target((A,), reason="wrong-client")),
        ("exception", f"excuses: {COMMIT}\nfinding: date-order\nreason: clock\n", Target((), COMMIT, "date-order", "clock")),
    ],
)
def test_read(kind: str, rows: str, target: Target, end: str):
    assert addition.target(kind, raw(rows.replace("\n", end), end)) == target


@pytest.mark.parametrize(
    ("kind", "rows"),
    [
        ("correction", ""),
        ("correction", f"adds-to: {A}\n"),
        ("correction", f"corrects: {A}\ncorrects: {A}\n"),
        ("correction", f'corrects: {A}\n"corrects": {B}\n'),
        ("correction", f"corrects : {A}\n"),
        ("correction", f"corrects: '{A}'\n"),
        ("correction", f"corrects: {A[:-1]}\n"),
        ("correction", f"corrects: {A.upper()}\n"),
        ("correction", f" corrects: {A}\n"),
        ("cosignature", f"covers: {A}\n"),
        ("cosignature", "covers: []\n"),
        ("cosignature", f"covers: [{A},{B}]\n"),
        ("withdrawal", f"withdraws: {A}\n"),
        ("withdrawal", f"withdraws: {A}\nreason: because\n"),
        ("exception", f"excuses: {COMMIT}\nfinding: date-order\n"),
        ("exception", f"excuses: {COMMIT}\nreason: clock\n"),
        ("exception", f"excuses: {COMMIT}\nfinding: Date Order\nreason: clock\n"),
        ("exception", f"excuses: {COMMIT[:-1]}\nfinding: date-order\nreason: clock\n"),
    ],
)
def test_refused(kind: str, rows: str):
    assert addition.target(kind, raw(rows)) is None


def test_no_front_matter():
    assert addition.target("correction", f"corrects: {A}\n".encode()) is None
    assert addition.target("correction", f"---\ncorrects: {A}\n".encode()) is None


@given(st.binary(max_size=300), st.sampled_from(sorted(addition.FIELD)))
def test_anything_is_read_or_refused(text: bytes, kind: str):
    addition.target(kind, b"---\n" + text + b"\n---\n")


@pytest.mark.parametrize("text", [b"reason: " + b" x" * 30_000, b"reason:" + b" " * 60_000 + b"x", b"reason: a\n" * 6_000])
def test_hostile_lines_take_no_time(text: bytes):
    started = time.process_time()
    addition.target("correction", b"---\n" + text + b"\n---\n" + b"\n" * 5_000_000)
    assert time.process_time() - started < 0.5
