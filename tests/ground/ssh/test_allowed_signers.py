"""The signer list: one form written and read, and what `ssh-keygen` and git do with it."""

from __future__ import annotations

import dataclasses
import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests import sshsign
from vaultcli.ground.errors import BadInput
from vaultcli.ground.ssh.allowed_signers import (
    AllowedSigner,
    parse,
    render,
)

ANY = "*@vaultcli.v1"
LEE = sshsign.ed25519_key(b"l" * 32)
MACHINE = sshsign.ed25519_key(b"m" * 32)
LINE = f'lee namespaces="git,{ANY}" {LEE.public.line}\n'
BEFORE = LINE.replace(" ssh-", ',valid-before="20270101000000Z" ssh-')


def signer(**changes: object) -> AllowedSigner:
    return dataclasses.replace(AllowedSigner("lee", ("git", ANY), LEE.public), **changes)


def stock_accepts(
    folder: Path, text: str, namespace: str = "note@vaultcli.v1", at: str = "", name: str = "lee"
) -> bool:
    """Whether `ssh-keygen -Y verify` takes a signature of LEE by this list."""
    (folder / "signers").write_text(text)
    (folder / "sig").write_text(LEE.sign(b"text", namespace))
    command = ["ssh-keygen", "-Y", "verify", "-f", "signers", "-I", name, "-n", namespace, "-s", "sig"]
    command += ["-O", f"verify-time={at}"] if at else []
    return subprocess.run(command, input=b"text", cwd=folder, capture_output=True).returncode == 0


def test_the_form():
    machine = AllowedSigner("lee-laptop", ("git",), MACHINE.public, "20260101000000Z", "20270101000000Z")
    text = render([signer(), machine])
    assert text == LINE + (
        'lee-laptop namespaces="git",valid-after="20260101000000Z",valid-before="20270101000000Z" '
        f"{MACHINE.public.line}\n"
    )
    assert parse(text) == [signer(), machine]
    assert parse("") == []


@pytest.mark.parametrize(
    ("text", "where"),
    [
        (LINE[:-1], "no line end"),
        (LINE.replace("\n", "\r\n"), ":1: not a public key line"),
        (LINE + "\n", ":2: not a line"),
        ("# the practice\n" + LINE, ":1: not a line"),
        (LINE.replace("lee ", "lee,kim "), ":1: a principal"),
        (LINE.replace("lee ", "*@example.org "), ":1: a principal"),
        (LINE.replace("lee ", "le? "), ":1: a principal"),
        (LINE.replace("lee ", "!lee "), ":1: a principal"),
        (LINE.replace("lee ", '"lee" '), ":1: a principal"),
        (LINE.replace("lee ", "lée "), ":1: a principal"),
        (LINE.replace("lee ", "lee  "), ":1: not a line"),
        (" " + LINE, ":1: not a line"),
        (LINE.replace("\n", " comment\n"), ":1: not a line"),
        (f"lee {LEE.public.line}\n", ":1: not a line"),
        (LINE.replace("namespaces", "Namespaces"), ":1: not a line"),
        (LINE.replace("namespaces", "cert-authority,namespaces"), ":1: not a line"),
        (LINE.replace('namespaces="', 'namespaces=""'), ":1: not a line"),
        (LINE.replace("git,", "*,"), ":1: a namespace is"),
        (LINE.replace("git,", "!git,"), ":1: a namespace is"),
        (LINE.replace("git,", "file,"), ":1: a namespace is"),
        (LINE.replace("git,", ","), ":1: a namespace is"),
        (LINE.replace("git,", "git,git,"), ":1: a namespace stands twice"),
        (BEFORE.replace("0Z", "0"), ":1: a time is"),
        (BEFORE.replace("20270101", "20270230"), ":1: a time is"),
        (BEFORE.replace("20270101", "19700101"), ":1: a time is"),
        (BEFORE.replace("20270101", "29990101"), ":1: a time is"),
        (BEFORE.replace("20270101000000Z", "20270101"), ":1: a time is"),
        (BEFORE.replace("valid-before", "valid-until"), ":1: not a line"),
        (BEFORE.replace(",valid-before", ',valid-after="20270101000000Z",valid-before'), ":1: valid-before is not"),
        (LINE.replace("ssh-ed25519 ", "ssh-rsa "), ":1: the key's type"),
        (LINE + LINE.replace("lee ", "kim "), ":2: the key has a line already, line 1"),
        (LINE + LINE, ":2: the key has a line already, line 1"),
    ],
)
def test_other_forms_are_refused(text, where):
    with pytest.raises(BadInput, match="allowed_signers") as caught:
        parse(text)
    assert where in caught.value.message


@pytest.mark.parametrize(
    "changes",
    [
        {"principal": "a b"},
        {"principal": "*"},
        {"namespaces": ()},
        {"namespaces": ("git,file",)},
        {"valid_before": "x"},
    ],
)
def test_what_cannot_be_read_back_is_not_written(changes):
    with pytest.raises(BadInput):
        render([signer(**changes)])


@pytest.mark.parametrize(
    ("namespaces", "accepted"),
    [
        (("git", ANY), {"git", "note@vaultcli.v1", "signer@vaultcli.v1", "@vaultcli.v1"}),
        (("git",), {"git"}),
        (("git", "signer@vaultcli.v1", "exception@vaultcli.v1"), {"git", "signer@vaultcli.v1"}),
    ],
    ids=["personal", "machine", "recovery"],
)
def test_stock_openssh_takes_the_namespaces_of_a_line_and_no_other(tmp_path, namespaces, accepted):
    """What `docs/spec/signers.md` lets each kind of key sign is what a stranger's `ssh-keygen` lets it sign."""
    text = render([signer(namespaces=namespaces)])
    asked = ("git", "note@vaultcli.v1", "signer@vaultcli.v1", "note@vaultcli.v12", "xgit", "file", "@vaultcli.v1")
    assert {namespace for namespace in asked if stock_accepts(tmp_path, text, namespace)} == accepted


@pytest.mark.parametrize("zone", ["UTC", "America/New_York", "Pacific/Kiritimati"])
def test_times_are_utc_and_inclusive(tmp_path, monkeypatch, zone):
    monkeypatch.setenv("TZ", zone)
    text = render([signer(valid_after="20260101000000Z", valid_before="20270101000000Z")])
    assert not stock_accepts(tmp_path, text, at="20251231235959Z")
    assert stock_accepts(tmp_path, text, at="20260101000000Z")
    assert stock_accepts(tmp_path, text, at="20270101000000Z")
    assert not stock_accepts(tmp_path, text, at="20270101000001Z")


@pytest.mark.parametrize(
    "text",
    [
        LINE.replace("lee ", "* "),
        LINE.replace("lee ", "kim,lee "),
        f"lee {LEE.public.line}\n",
        "# the practice\n\n" + LINE,
        LINE.replace("\n", "\r\n"),
        BEFORE.replace("2027", "2001") + LINE,
        "nothing of the kind\n" + LINE,
    ],
)
def test_what_stock_takes_and_we_do_not(tmp_path, text):
    assert stock_accepts(tmp_path, text)
    with pytest.raises(BadInput):
        parse(text)


@pytest.mark.parametrize(("before", "code"), [(None, 0), ("20990101000000Z", 0), ("20250101000000Z", 1)])
def test_git_judges_by_it(tmp_path, before, code):
    """A SHA-256 repository, a key with our namespaces: git's verdict follows the committer's date."""
    LEE.write(tmp_path / "key")
    (tmp_path / "signers").write_text(render([signer(valid_before=before)]))
    settings = {
        "gpg.format": "ssh",
        "gpg.ssh.allowedSignersFile": str(tmp_path / "signers"),
        "user.signingKey": str(tmp_path / "key"),
        "user.name": "Lee",
        "user.email": "lee",
    }
    git = ["git", "-C", str(tmp_path / "repository")]
    for name, value in settings.items():
        git += ["-c", f"{name}={value}"]
    subprocess.run(["git", "init", "-q", "--object-format=sha256", str(tmp_path / "repository")], check=True)
    subprocess.run([*git, "commit", "-qS", "--allow-empty", "-m", "x"], check=True)
    done = subprocess.run([*git, "verify-commit", "HEAD"], capture_output=True, text=True)
    assert done.returncode == code
    assert "Good " in done.stderr
    raw = subprocess.run([*git, "cat-file", "commit", "HEAD"], capture_output=True).stdout
    head, _, message = raw.partition(b"\n\n")
    lines = head.split(b"\n")
    at = next(i for i, line in enumerate(lines) if line.startswith(b"gpgsig-sha256 "))
    armored = b"".join(line.removeprefix(b"gpgsig-sha256")[1:] + b"\n" for line in lines[at:])
    from vaultcli.ground.ssh import sshsig

    assert sshsig.verify(armored, b"\n".join(lines[:at]) + b"\n\n" + message, "git").key == LEE.public


@given(
    st.lists(
        st.builds(
            AllowedSigner,
            st.from_regex(r"[A-Za-z0-9][A-Za-z0-9._@+-]{0,30}", fullmatch=True),
            st.lists(st.sampled_from(["git", ANY, "note@vaultcli.v1"]), min_size=1, unique=True).map(tuple),
            st.binary(min_size=32, max_size=32).map(lambda seed: sshsign.ed25519_key(seed).public),
            st.none() | st.just("20260101000000Z"),
            st.none() | st.just("20270101000000Z"),
        ),
        max_size=5,
        unique_by=lambda item: item.key,
    )
)
def test_there_and_back(signers):
    assert parse(render(signers)) == signers
