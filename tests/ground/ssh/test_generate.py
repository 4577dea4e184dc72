"""Keys on paper: they sign like any other, and no disk ever holds them."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from vaultcli.ground.errors import KeyTrouble
from vaultcli.ground.ssh import generate, sshsig
from vaultcli.ground.ssh.generate import PaperSigner

PAGE = Path("page.txt")


@pytest.fixture
def memory(tmp_path, monkeypatch) -> Path:
    """Where private folders are made in this test."""
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    return tmp_path


def test_a_key_from_paper_signs_any_number_of_times(memory):
    text = generate.in_memory()
    with PaperSigner(text, PAGE) as signer:
        for message in (b"one", b"two"):
            assert sshsig.verify(signer.sign(message, "git"), message, "git").key == signer.public
    assert list(memory.iterdir()) == []


def test_no_file_holds_it_while_it_signs(memory):
    text = generate.in_memory()
    with PaperSigner(text, PAGE) as signer:
        signer.sign(b"one", "git")
        held = [path for path in memory.rglob("*") if path.is_file()]
        assert [path.name for path in held] == ["key.pub"]
        assert b"PRIVATE" not in held[0].read_bytes()
        assert subprocess.run(["grep", "-c", "PRIVATE", f"/proc/{os.getpid()}/cmdline"], capture_output=True).stdout == b"0\n"


def test_two_are_never_the_same():
    assert generate.in_memory() != generate.in_memory()


@pytest.mark.parametrize("text", [b"", b"x", generate.in_memory()[:120], generate.in_memory().replace(b"OPENSSH", b"RSA")])
def test_what_is_no_key_is_said(text):
    with pytest.raises(KeyTrouble):
        PaperSigner(text, PAGE)


def test_a_token_that_is_not_there(tmp_path):
    with pytest.raises(KeyTrouble, match="token"):
        generate.on_token(tmp_path / "key", "lee", lambda _: "")
    assert list(tmp_path.iterdir()) == []
