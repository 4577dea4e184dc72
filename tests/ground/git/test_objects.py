"""Git's objects as values: what we parse is what git wrote, what we write is what git would write."""

from __future__ import annotations

import re
import subprocess

import pytest

from tests.ground.worlds import LEE, dummy, plain, signer
from vaultcli.ground.errors import GitTrouble
from vaultcli.ground.git import objects as gitobject
from vaultcli.ground.git.objects import (
    add_signature,
    format_commit,
    name_object,
    parse_commit,
)

OID = "a" * 64
PERSON = "Lee Ng <lee@clinic.test> 1772449200 +0100"
RAW = f"tree {OID}\nparent {'b' * 64}\nauthor {PERSON}\ncommitter {PERSON}\n\nnote recorded\n".encode()


def test_a_commit_of_stock_git_signed_by_stock_git(tmp_path):
    sign, _ = signer(tmp_path)
    del sign
    plain(tmp_path, "init", "-q", "--object-format=sha256", "r")
    settings = {"user.name": "Lee Ng", "user.email": LEE.email, "gpg.format": "ssh", "user.signingkey": str(tmp_path / "key")}
    for key, value in settings.items():
        plain(tmp_path / "r", "config", key, value)
    plain(tmp_path / "r", "commit", "-q", "--allow-empty", "-S", "-m", "first\n\nbody")
    oid = plain(tmp_path / "r", "rev-parse", "HEAD").strip()
    raw = subprocess.run(["git", "-C", tmp_path / "r", "cat-file", "commit", oid], capture_output=True, check=True).stdout
    commit = parse_commit(oid, raw)
    assert commit.author == LEE
    assert commit.message == "first\n\nbody\n"
    assert commit.signature.startswith("-----BEGIN SSH SIGNATURE-----\n")
    assert add_signature(commit.payload, commit.signature, "sha256") == raw
    assert name_object("commit", raw, "sha256") == oid
    (tmp_path / "sig").write_text(commit.signature)
    subprocess.run(
        ["ssh-keygen", "-Y", "check-novalidate", "-n", "git", "-s", tmp_path / "sig"],
        input=commit.payload,
        check=True,
        capture_output=True,
    )


@pytest.mark.parametrize("object_format", ["sha256", "sha1"])
def test_format_and_parse_are_inverse(object_format):
    width = 64 if object_format == "sha256" else 40
    payload = format_commit(
        tree="c" * width, parents=("d" * width, "e" * width), author=LEE, committer=LEE, seconds=-5, zone="-0330", message="ä\n"
    )
    raw = add_signature(payload, dummy(payload), object_format)
    commit = parse_commit("f" * width, raw)
    assert (commit.payload, commit.signature) == (payload, dummy(payload))
    assert (commit.author_time, commit.committer_zone, commit.parents[1]) == (-5, "-0330", "e" * width)


def test_headers_that_we_do_not_know_are_kept():
    raw = RAW.replace(b"\n\n", b"\nencoding latin1\ngpgsig other\n format\nmergetag object x\n type commit\n\n", 1)
    commit = parse_commit(OID, raw)
    assert commit.extra == (("encoding", "latin1"), ("gpgsig", "other\nformat"), ("mergetag", "object x\ntype commit"))
    assert commit.signature is None
    assert b"gpgsig" not in commit.payload
    assert b"mergetag object x\n type commit\n\n" in commit.payload


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"tree ", b"tree x"),
        (b"\n\n", b"\n"),
        (b"parent", b"author"),
        (b"committer", b"comitter"),
        (b"author Lee", b"author Lee <x> Lee"),
        (b"+0100\ncommitter", b"+1\ncommitter"),
        (b"1772449200 +0100\n\n", b"1772449200 +0100\nparent " + b"b" * 64 + b"\n\n"),
        (b"1772449200 +0100\n\n", b"1772449200 +0100\nauthor x <y> 1 +0000\n\n"),
        (b"1772449200 +0100\n\n", b"1772449200 +0100\ngpgsig-sha256 a\ngpgsig-sha256 b\n\n"),
        (b"note", b"no\0te"),
        (b"parent " + b"b" * 64, b"parent " + b"b" * 40),
        (b"tree", b" tree"),
    ],
)
def test_malformed_commits_are_refused(old, new):
    assert old in RAW
    parse_commit(OID, RAW)
    with pytest.raises(GitTrouble):
        parse_commit(OID, RAW.replace(old, new, 1))


@pytest.mark.parametrize("name", ["Lee\nNg", "Lee <x", "Lee\0"])
def test_names_that_would_break_a_commit_are_refused(name):
    from vaultcli.ground.git.plumbing import Ident

    with pytest.raises(GitTrouble):
        format_commit(tree=OID, parents=(), author=Ident(name, "x"), committer=LEE, seconds=0, zone="+0000", message="m")


def test_the_quick_way_and_the_general_one_read_every_commit_alike(monkeypatch):
    usual = add_signature(RAW, "-----BEGIN SSH SIGNATURE-----\nU1NI\n-----END SSH SIGNATURE-----\n", "sha256")
    spoilt = [usual, usual.replace(b"Lee Ng", "Zoë \udc80".encode("utf-8", "surrogateescape"))]
    assert gitobject._usual(64).match(usual)
    for at in range(len(usual)):
        others = (b"", b"\n", b" ", b"<", b"\0", b"\xb2", b"x", b"\n \n", b"\n\n")
        spoilt += [usual[:at] + other + usual[at + 1 :] for other in others]

    def read(raw: bytes) -> object:
        try:
            return parse_commit(OID, raw)
        except GitTrouble as error:
            return error.message

    quick = [read(raw) for raw in spoilt]
    assert quick[0].payload == RAW  # type: ignore[attr-defined]
    monkeypatch.setattr(gitobject, "_usual", lambda _: re.compile(b"(?!)"))
    assert quick == [read(raw) for raw in spoilt]
