"""The passphrase at a low cost, by which the tests save seconds (`tests/child/sitecustomize.py`), is age's own format."""

from __future__ import annotations

import shutil
import subprocess
import sys

import pexpect
import pyrage
import pytest

from tests.child import sitecustomize
from vaultcli.ground.age import header as ageheader
from vaultcli.ground.age import seal as age

WORDS = "correct horse, Müller"


def cost(raw: bytes) -> int:
    (stanza,) = ageheader.read(raw).recipients
    return int(stanza.arguments[1])


def test_it_is_in_force_here_and_in_every_process() -> None:
    assert cost(age.seal_with_passphrase(b"x", WORDS)) == 10
    code = f"import sys, pyrage; sys.stdout.buffer.write(pyrage.passphrase.encrypt(b'x', {WORDS!r}))"
    assert cost(subprocess.run([sys.executable, "-c", code], check=True, capture_output=True).stdout) == 10


@pytest.mark.parametrize("size", [0, 1, 90, 64 * 1024])
def test_age_opens_it(size: int) -> None:
    raw = sitecustomize.sealed(b"k" * size, WORDS)
    assert ageheader.read(raw).plaintext == size
    assert pyrage.passphrase.decrypt(raw, WORDS) == pyrage.passphrase.decrypt(sitecustomize.armour(raw), WORDS) == b"k" * size
    with pytest.raises(pyrage.DecryptError):
        pyrage.passphrase.decrypt(raw, "wrong")
    with pytest.raises(pyrage.DecryptError):
        pyrage.passphrase.decrypt(raw[:-1] + bytes([raw[-1] ^ 1]), WORDS)


def test_two_are_never_the_same() -> None:
    assert sitecustomize.sealed(b"x", WORDS) != sitecustomize.sealed(b"x", WORDS)


@pytest.mark.skipif(shutil.which("age") is None, reason="age is not installed: stock age was not tried")
def test_stock_age_opens_it(tmp_path) -> None:
    (tmp_path / "k.age").write_bytes(sitecustomize.sealed(b"AGE-SECRET", WORDS))
    child = pexpect.spawn("age", ["-d", "-o", str(tmp_path / "k"), str(tmp_path / "k.age")], encoding="utf-8")
    child.expect_exact("passphrase")
    child.sendline(WORDS)
    child.expect(pexpect.EOF)
    assert (tmp_path / "k").read_bytes() == b"AGE-SECRET"


def test_age_takes_its_own_cost_when_it_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VAULTCLI_TEST_DEAR", "1")
    assert cost(age.seal_with_passphrase(b"x", WORDS)) > 10
