"""Commits signed by every type of key that OpenSSH makes: our verdict and that of `git verify-commit`."""

from __future__ import annotations

import subprocess

import pytest

from tests import sshsign
from tests.helpers import store_object
from vaultcli.ground.git.objects import (
    Ident,
    add_signature,
    format_commit,
)
from vaultcli.ground.git.plumbing import Git
from vaultcli.ground.repository.repository import Layout, Repository
from vaultcli.ground.ssh import allowed_signers
from vaultcli.ground.ssh.allowed_signers import AllowedSigner
from vaultcli.places.chart import replay
from vaultcli.verify import commits

KEYS = {
    "ed25519": lambda: sshsign.ed25519_key(b"a" * 32),
    "ecdsa-256": lambda: sshsign.ecdsa_key("nistp256"),
    "ecdsa-384": lambda: sshsign.ecdsa_key("nistp384"),
    "ecdsa-521": lambda: sshsign.ecdsa_key("nistp521"),
    "rsa-sha2-512": lambda: sshsign.rsa_key(2048),
    "rsa-sha2-256": lambda: sshsign.rsa_key(2048, "rsa-sha2-256"),
    "token-ed25519": sshsign.ed25519_token,
    "token-ecdsa": sshsign.ecdsa_token,
}


def commit_of(git: Git, key: sshsign.SigningKey, *, spoilt: bool) -> str:
    payload = format_commit(
        tree=store_object(git, b"", "tree"),
        parents=(),
        author=Ident("Lee Example", "lee-example"),
        committer=Ident("Lee Example", "lee-example"),
        seconds=1_790_000_000,
        zone="-0500",
        message="genesis\n",
    )
    armour = key.sign(payload, "git")
    said = payload.replace(b"genesis", b"genesiz") if spoilt else payload
    return store_object(git, add_signature(said, armour, git.object_format), "commit")


@pytest.mark.parametrize("object_format", ["sha256", "sha1"])
@pytest.mark.parametrize("name", KEYS)
def test_git_and_we_agree_on_good_and_spoilt_commits(tmp_path, name, object_format):
    Repository.create(tmp_path / "r", Layout(main="practice"), object_format=object_format).close()
    git, key = Git(tmp_path / "r" / ".git", object_format=object_format), KEYS[name]()
    listed = tmp_path / "allowed_signers"
    listed.write_text(allowed_signers.render([AllowedSigner("lee-example", ("git",), key.public)]))
    for spoilt in (False, True):
        oid = commit_of(git, key, spoilt=spoilt)
        read = commits.read(oid, git.run("cat-file", "commit", oid))
        assert not isinstance(read, str)
        found, problem = replay.checked(read)
        stock = ["git", "-C", tmp_path / "r", "-c", f"gpg.ssh.allowedSignersFile={listed}", "verify-commit", oid]
        code = subprocess.run(stock, capture_output=True).returncode
        if spoilt:
            assert (found, code == 0) == (None, False), name
            assert problem
        else:
            assert (found, code) == (key.public, 0), (name, problem)


def test_git_takes_an_untouched_token_and_we_do_not(tmp_path):
    """The spec lists this difference: the flags of a token are shown by stock tools only on request."""
    Repository.create(tmp_path / "r", Layout(main="practice")).close()
    git, key = Git(tmp_path / "r" / ".git"), sshsign.ed25519_token(flags=0)
    listed = tmp_path / "allowed_signers"
    listed.write_text(allowed_signers.render([AllowedSigner("lee-example", ("git",), key.public)]))
    oid = commit_of(git, key, spoilt=False)
    read = commits.read(oid, git.run("cat-file", "commit", oid))
    assert not isinstance(read, str)
    assert replay.checked(read)[0] is None
    stock = ["git", "-C", tmp_path / "r", "-c", f"gpg.ssh.allowedSignersFile={listed}", "verify-commit", oid]
    assert subprocess.run(stock, capture_output=True).returncode == 0
