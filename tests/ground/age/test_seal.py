"""Sealing and opening: what is refused before any key is tried, what comes out whole or not at all."""

from __future__ import annotations

import base64
import hashlib
import shutil
import subprocess
import time
from pathlib import Path

import pyrage
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vaultcli.ground.age import header as ageheader
from vaultcli.ground.age import seal as age
from vaultcli.ground.errors import BadInput, KeyTrouble, VaultError

stock = pytest.mark.skipif(shutil.which("age") is None, reason="age is not installed: stock age was not tried")


def scrypt_file(factor: str, salt: bytes = bytes(16)) -> bytes:
    """A file whose header asks for that work factor; its key opens nothing."""
    stanza = f"-> scrypt {base64.b64encode(salt).decode().rstrip('=')} {factor}\n{'A' * 43}\n"
    return ageheader.MAGIC + stanza.encode() + b"--- " + b"A" * 43 + b"\n" + bytes(32 + 16)


@settings(max_examples=30)
@given(st.binary(max_size=200_000))
def test_what_is_sealed_opens_to_the_same_and_says_its_length(data: bytes) -> None:
    secret = age.generate()
    sealed = age.seal(data, [secret.recipient])
    assert ageheader.read(sealed).plaintext == len(data)
    assert age.open_(sealed, [secret.identity]) == data


@pytest.mark.parametrize("size", [0, 1, 65535, 65536, 65537, 131072])
def test_the_length_is_right_at_the_edges_of_chunks(size: int) -> None:
    sealed = age.seal(bytes(size), [age.generate().recipient])
    assert ageheader.read(sealed).plaintext == size


def test_a_flipped_bit_anywhere_gives_no_plaintext() -> None:
    secret = age.generate()
    sealed = age.seal(b"She spoke of the river.", [secret.recipient])
    for at in range(len(sealed)):
        broken = bytearray(sealed)
        broken[at] ^= 1
        with pytest.raises(VaultError) as caught:
            age.open_(bytes(broken), [secret.identity])
        assert "river" not in str(caught.value)


def test_a_truncated_file_gives_no_plaintext() -> None:
    secret = age.generate()
    sealed = age.seal(b"x" * 70_000, [secret.recipient])
    for length in (0, 10, 100, 200, len(sealed) - 1, len(sealed) - 16, 66_000):
        with pytest.raises(VaultError):
            age.open_(sealed[:length], [secret.identity])


def test_another_key_is_told_apart_from_damage() -> None:
    sealed = age.seal(b"x", [age.generate().recipient])
    with pytest.raises(KeyTrouble):
        age.open_(sealed, [age.generate().identity])


@pytest.mark.parametrize("factor", ["21", "23", "30", "64", "99"])
def test_a_work_factor_that_costs_gigabytes_is_refused_at_once(factor: str) -> None:
    began = time.process_time()
    with pytest.raises(BadInput, match="work factor"):
        age.open_with_passphrase(scrypt_file(factor), "x")
    assert time.process_time() - began < 0.05


def test_a_weak_work_factor_is_asked_for_again_and_the_best_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine that is held up for a moment seems slow to pyrage, which then asks for little work."""
    for factors, taken in ((["13", "19"], "19"), (["13", "21", "20"], "20"), (["16", "13", "17", "15"], "17")):
        made = list(map(scrypt_file, factors))
        monkeypatch.setattr(pyrage.passphrase, "encrypt", lambda *_, made=made: made.pop(0))
        assert ageheader.read(age.seal_with_passphrase(b"x", "words")).stanzas[0].arguments[1] == taken
        assert not made


def test_what_a_machine_that_is_held_up_does_not_open_is_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(pyrage.DecryptError) as refused:
        pyrage.passphrase.decrypt(scrypt_file("60"), "words")  # what pyrage says, of more than any machine is good for
    answers: list[Exception | bytes] = [refused.value, refused.value, b"plain"]

    def decrypt(*_: object) -> bytes:
        answer = answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    monkeypatch.setattr(pyrage.passphrase, "decrypt", decrypt)
    assert age.open_with_passphrase(scrypt_file("18"), "words") == b"plain"
    answers[:] = [refused.value] * 4
    with pytest.raises(KeyTrouble, match="too busy"):
        age.open_with_passphrase(scrypt_file("18"), "words")


@pytest.mark.parametrize("factor", ["0", "01", "-1", "1e1", "", "100"])
def test_a_malformed_work_factor_is_refused(factor: str) -> None:
    with pytest.raises(BadInput):
        ageheader.read(scrypt_file(factor))


def test_a_passphrase_beside_a_recipient_is_refused() -> None:
    stanza = b"-> scrypt " + b"A" * 22 + b" 10\n" + b"A" * 43 + b"\n"
    raw = ageheader.MAGIC + stanza * 2 + b"--- " + b"A" * 43 + b"\n" + bytes(32)
    with pytest.raises(BadInput):
        ageheader.read(raw)


@pytest.mark.parametrize(
    "raw",
    [b"", b"age-encryption.org/v1", b"age-encryption.org/v2\n", b"hello", ageheader.MAGIC, ageheader.MAGIC + b"x" * 40_000],
)
def test_what_is_no_age_file_is_refused(raw: bytes) -> None:
    with pytest.raises(BadInput):
        ageheader.read(raw)


@given(st.binary(max_size=400))
def test_the_header_reader_meets_any_bytes(raw: bytes) -> None:
    for text in (raw, ageheader.MAGIC + raw, ageheader.ARMOUR + raw):
        try:
            ageheader.read(text)
        except BadInput:
            continue


def test_a_passphrase_is_the_same_however_it_was_composed() -> None:
    sealed = age.seal_with_passphrase(b"x", "cafe\u0301 au lait")
    assert age.open_with_passphrase(sealed, "caf\u00e9 au lait") == b"x"


def test_a_wrong_passphrase_is_key_trouble() -> None:
    with pytest.raises(KeyTrouble):
        age.open_with_passphrase(scrypt_file("10"), "cafe au lait")


def test_an_unusable_recipient_means_that_nothing_is_sealed() -> None:
    good = age.generate().recipient
    other = good[:-1] + ("p" if good.endswith("q") else "q")
    for bad in ("", "age1abc", "ssh-ed25519 AAAA", "ssh-dss x", other):
        with pytest.raises(BadInput):
            age.seal(b"x", [good, bad])
    with pytest.raises(BadInput):
        age.seal(b"x", [])


def test_no_secret_is_shown() -> None:
    secret = age.generate()
    assert secret.text not in repr(secret) + repr(secret.identity)


@stock
def test_stock_age_and_we_open_each_others_files(tmp_path: Path) -> None:
    secret = age.generate()
    key, plain, theirs = tmp_path / "key", tmp_path / "plain", tmp_path / "theirs"
    key.write_text(secret.text + "\n")
    plain.write_bytes(hashlib.sha256(b"x").digest() * 5000)
    subprocess.run(["age", "-r", secret.recipient, "-o", theirs, plain], check=True)
    assert age.open_(theirs.read_bytes(), [secret.identity]) == plain.read_bytes()
    ours = tmp_path / "ours"
    ours.write_bytes(age.seal(plain.read_bytes(), [secret.recipient]))
    opened = subprocess.run(["age", "-d", "-i", key, ours], check=True, capture_output=True).stdout
    assert opened == plain.read_bytes()
