"""The grammar of commit messages."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vaultcli.ground import ids
from vaultcli.record import message
from vaultcli.record.message import Message

ID = "7n5tq2m8wkc4xe9r"
COMMIT = st.one_of(
    st.text("0123456789abcdef", min_size=64, max_size=64), st.text("0123456789abcdef", min_size=40, max_size=40)
).map(message.trailer)
IDS = st.lists(st.text(ids.ALPHABET, min_size=16, max_size=16), min_size=1, max_size=4).map(tuple)


@given(st.sampled_from([e for e in message.CLIENT_EVENTS if e != "settle"]), IDS, COMMIT)
def test_what_is_written_is_read_back(event: str, names: tuple[str, ...], policy: str):
    said = Message(event, names, policy)
    assert message.parse(said.text(), practice=False) == said
    assert message.trailer(message.oid_of(policy)) == policy


@given(IDS, COMMIT, COMMIT)
def test_settlements_and_practice(names: tuple[str, ...], policy: str, good: str):
    said = Message("settle", names[:1], policy, "SHA256:" + "a" * 43, good)
    assert message.parse(said.text(), practice=False) == said
    for own in (Message("genesis"), Message("policy"), Message("exception", names)):
        assert message.parse(own.text(), practice=True) == own


@given(st.text(max_size=200))
def test_nothing_else_is_read(text: str):
    for practice in (False, True):
        said = message.parse(text, practice=practice)
        assert said is None or said.text() == text


@pytest.mark.parametrize(
    "text",
    [
        "sign\n\nPolicy: {p}\n",
        "sign {i}  {i}\n\nPolicy: {p}\n",
        "Sign {i}\n\nPolicy: {p}\n",
        "sign {i}\nPolicy: {p}\n",
        "sign {i}\n\nPolicy: {p}\nPolicy: {p}\n",
        "sign {i}\n\nPolicy: sha1:{p}\n",
        "sign {i}\n\nPolicy: {p}\r\n",
        "settle {i}\n\nPolicy: {p}\n",
        "policy {i}\n\nPolicy: {p}\n",
        "sign {i}\n\nAda\n\nPolicy: {p}\n",
    ],
)
def test_refused(text: str):
    assert message.parse(text.format(i=ID, p="sha256:" + "0" * 64), practice=False) is None


@pytest.mark.parametrize("text", ["genesis", "policy " + ID + "\n", "exception\n", "sign " + ID + "\n"])
def test_refused_on_practice(text: str):
    assert message.parse(text, practice=True) is None
