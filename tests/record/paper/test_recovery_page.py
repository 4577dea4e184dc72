"""The recovery page: what is printed can be typed back, and a slip is found by its line."""

from __future__ import annotations

import re
import subprocess

import pytest

from vaultcli.ground.errors import BadInput
from vaultcli.ground.ssh import generate
from vaultcli.record.paper import recovery_page
from vaultcli.record.paper.recovery_page import RecoveryPage

GENESIS = "sha256:" + "0123456789abcdef" * 4
PAGE = RecoveryPage("Riverside Counseling", "k3v9h2m4x7q0c5tz", GENESIS, "2026-11-22", generate.in_memory())
TEXT = recovery_page.render(PAGE)


def same(text: str) -> bool:
    read = recovery_page.parse(text)
    return (read.key, read.genesis, read.vault, read.practice) == (PAGE.key, PAGE.genesis, PAGE.vault, PAGE.practice)


def test_what_is_printed_is_read_back():
    assert same(TEXT)


def test_the_key_that_is_read_back_is_one_for_openssh(tmp_path):
    key = tmp_path / "key"
    key.write_bytes(recovery_page.parse(TEXT).private)
    key.chmod(0o600)
    said = subprocess.run(["ssh-keygen", "-y", "-f", key], capture_output=True, text=True, check=True).stdout
    assert said.split()[:2] == PAGE.key.line.split()


def test_a_stranger_gets_the_key_with_sed_alone(tmp_path):
    (tmp_path / "page").write_text(TEXT)
    script = (
        "(echo -----BEGIN OPENSSH PRIVATE KEY-----; sed -n 's/^K[0-9]*: *\\(.*\\)#....$/\\1/p' page | tr -d ' '; "
        "echo -----END OPENSSH PRIVATE KEY-----) >key; chmod 600 key; ssh-keygen -y -f key"
    )
    said = subprocess.run(["sh", "-c", script], cwd=tmp_path, capture_output=True, text=True, check=True).stdout
    assert said.split()[:2] == PAGE.key.line.split()


@pytest.mark.parametrize(
    "typed",
    [
        lambda text: text.replace("\n", "\r\n"),
        lambda text: text.replace(" ", "  "),
        lambda text: re.sub(r"(?m)^(K\d+:.*)$", lambda m: "  " + m[1].replace(" ", ""), text),
        lambda text: re.sub(r"(?m)(#[0-9a-f]{4})$", lambda m: m[1].upper(), text),
        lambda text: re.sub(r"(?m)^(G\d:)(.*)$", lambda m: m[1] + m[2].upper(), text),
        lambda text: "\n".join(reversed(text.splitlines())),
        lambda text: text.replace("Recovery key:", "Recovered quay"),
    ],
)
def test_white_space_case_of_digits_and_order_do_not_matter(typed):
    assert same(typed(TEXT))


def test_a_slip_is_found_by_its_line():
    lines = TEXT.splitlines()
    for number, line in enumerate(lines):
        if not re.match(r"[GK]\d", line):
            continue
        at = line.index(":") + 3
        wrong = line[:at] + ("x" if line[at] != "x" else "y") + line[at + 1 :]
        with pytest.raises(BadInput) as told:
            recovery_page.parse("\n".join([*lines[:number], wrong, *lines[number + 1 :]]), "page.txt")
        assert told.value.message == f"page.txt:{number + 1}: line {line.partition(':')[0]} does not fit its check"


def test_two_lines_exchanged_do_not_pass_for_each_other():
    swapped = TEXT.replace("K2:", "K_:").replace("K3:", "K2:").replace("K_:", "K3:")
    with pytest.raises(BadInput, match=r"line K3 does not fit|line K2 does not fit"):
        recovery_page.parse(swapped)


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        (lambda text: re.sub(r"(?m)^K2:.*\n", "", text), "line K2 is missing"),
        (lambda text: re.sub(r"(?m)^G\d:.*\n", "", text), "line G1 is missing"),
        (lambda text: re.sub(r"(?m)^K[78]:.*\n", "", text), "not whole"),
        (lambda text: re.sub(r"(?m)^(K2:.*) #....$", r"\1", text), "check at the end"),
        (lambda text: text.replace("Vault:", "Fault:"), "the line Vault is missing"),
        (lambda text: text.replace(PAGE.vault, "abc"), "not whole"),
        (lambda text: re.sub(r"SHA256:.*", "SHA256:" + "A" * 43, text), "not the one whose fingerprint"),
        (lambda text: text.replace("RECOVERY PAGE 1", "RECOVERY PAGE 2"), "not a recovery page"),
        (lambda _: "", "not a recovery page"),
    ],
)
def test_what_is_missing_is_named(typed, words):
    with pytest.raises(BadInput, match=words):
        recovery_page.parse(typed(TEXT))
