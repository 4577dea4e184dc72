"""The recovery page: the file, the text typed from paper, and what the code holds are one page; a slip is named by its line."""

from __future__ import annotations

import random
import re
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from vaultcli.ground.age import seal as age
from vaultcli.ground.errors import BadInput
from vaultcli.ground.ssh import generate
from vaultcli.record.sealed import recovery_page
from vaultcli.record.sealed.recovery_page import Page


@pytest.fixture(scope="module")
def sheet() -> Page:
    secret = age.generate()
    sealed = age.seal(b"x" * 300, [secret.recipient, age.generate().recipient])
    made = Page("q8t2m6x0k4w9c3rz", "sha256:" + "3f" * 32, "2026-11-22", 3, generate.in_memory(), secret.text, sealed)
    # OpenSSH's line ends in the private key are no part of the page
    found = recovery_page.parse(recovery_page.text(made))
    assert found.key == made.key
    assert replace(found, private=made.private) == made
    return found


def test_the_file_and_a_text_typed_from_it_are_the_page(sheet: Page) -> None:
    assert recovery_page.parse(recovery_page.render(sheet)) == sheet
    lines = recovery_page.text(sheet)
    assert recovery_page.parse(lines) == sheet
    spread = [line[:5] + " ".join(line[5:-5]) + "\t# " + line[-4:] if "#" in line else f"  {line}" for line in lines.splitlines()]
    assert recovery_page.parse("\n\n".join(spread)) == sheet
    shuffled = lines.splitlines()
    random.Random(1).shuffle(shuffled)
    assert recovery_page.parse("\n".join(shuffled)) == sheet
    genesis = re.sub(r"(?m)^G.*$", lambda line: line[0].upper(), lines)
    assert recovery_page.parse(genesis) == sheet


def test_what_the_code_holds_is_the_page(sheet: Page) -> None:
    assert recovery_page.parse(recovery_page._squeezed(recovery_page.text(sheet))) == sheet


@pytest.mark.skipif(shutil.which("zbarimg") is None, reason="zbarimg is not installed: the code was not read")
def test_a_reader_of_codes_reads_the_page(sheet: Page, tmp_path: Path) -> None:
    recovery_page.code(sheet).save(tmp_path / "code.png", scale=4, border=2)
    said = subprocess.run(["zbarimg", "-q", "--raw", "code.png"], cwd=tmp_path, check=True, capture_output=True)
    assert recovery_page.parse(said.stdout.decode()) == sheet


@pytest.mark.parametrize("label", ["G1", "K3", "A1", "E2"])
def test_a_slip_is_named_by_its_line(sheet: Page, label: str) -> None:
    lines = recovery_page.text(sheet).splitlines()
    at = next(number for number, line in enumerate(lines) if line.startswith(f"{label}:"))
    good = lines[at]
    place = len(label) + 4
    lines[at] = good[:place] + ("1" if good[place] != "1" else "2") + good[place + 1 :]
    with pytest.raises(BadInput, match=rf":{at + 1}: line {label} does not fit its check"):
        recovery_page.parse("\n".join(lines))
    with pytest.raises(BadInput, match=rf"line {label} is missing"):
        recovery_page.parse("\n".join([*lines[:at], *lines[at + 1 :]]))
    lines[at] = good.partition("#")[0]
    with pytest.raises(BadInput, match="is missing"):
        recovery_page.parse("\n".join(lines))


def test_no_secret_shows(sheet: Page) -> None:
    assert "SECRET" not in repr(sheet)
    assert "PRIVATE" not in repr(sheet)
    for other in ("", "VAULTCLI RECOVERY PAGE 1\n", recovery_page.text(sheet).replace("Epoch:", "Epok:")):
        with pytest.raises(BadInput):
            recovery_page.parse(other)


def test_the_commands_on_the_page_take_its_secrets_out(sheet: Page, tmp_path: Path) -> None:
    """The two lines with sed, as they are printed."""
    (tmp_path / "page.txt").write_text(recovery_page.render(sheet).replace("&gt;", ">"))
    commands = re.findall(r"(?m)^   (sed .*)$", recovery_page.render(sheet))
    assert len(commands) == 2
    for command in commands:
        subprocess.run(["sh", "-c", command], cwd=tmp_path, check=True)
    assert (tmp_path / "r.txt").read_text() == sheet.identity
    assert (tmp_path / "epoch.age").read_bytes() == sheet.sealed
