"""The recovery page of the psychotherapy notes: one sheet that, with any copy of the repository, opens every note.

It holds the recovery signer's private key, the recovery age identity of this epoch, and `epoch.age` itself.
`docs/spec/psychotherapy/keys.md`, rule 6. A page is a small HTML file whose lines are the same text as when typed; `parse` reads
the file, a scan of the code on it, and a text typed from paper alike.
`record/paper/recovery_page` is the chart's page, which holds one key and is only ever typed; this one must bring `epoch.age`
along.
"""

from __future__ import annotations

import base64
import binascii
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from vaultcli.ground import ids
from vaultcli.ground.errors import BadInput, KeyTrouble
from vaultcli.ground.patterns import pattern
from vaultcli.ground.ssh import keyfiles
from vaultcli.ground.ssh.sshsig import PublicKey
from vaultcli.record import message as messages
from vaultcli.record.paper import checked_lines

if TYPE_CHECKING:
    from segno import QRCode

TITLE = "VAULTCLI PSYCHOTHERAPY RECOVERY PAGE 1"
_BEGIN, _END = "-----BEGIN OPENSSH PRIVATE KEY-----", "-----END OPENSSH PRIVATE KEY-----"
_FIELD = pattern(r"\s*(Vault|Made|Epoch|Algorithm|Recovery\s+key)\s*:\s*(.*?)\s*")
_LETTERS = "GKAE"
_SECRET = pattern(r"AGE-SECRET-KEY-1[02-9AC-HJ-NP-Z]{58}")

_STEPS = """\
WHAT THIS IS

With this page and a copy of the psychotherapy repository every psychotherapy note in it can be opened, by anybody. Keep it
where you keep your licence, apart from every copy of the repository; delete the file after printing. When vaultcli prints
a new page, burn this one; after a destruction, say that you did: vaultcli psychotherapy destroy --confirm "recovery page"

WHEN THE COMPUTER IS LOST

1. Fetch a copy of the repository. Put this page into a file: scan the code, or type it. Spaces do not matter; each line has
   its own check.
2. In the vault (vaultcli init makes one, or takes the chart over): vaultcli psychotherapy init --adopt COPY --page FILE
3. Delete the file. vaultcli keys revoke MACHINE --reason lost

WITHOUT VAULTCLI (in a RAM disk; age and tar are enough)

   sed -n 's/^A[0-9]*: *\\(.*\\)#....$/\\1/p' page.txt | tr -d ' \\n' > r.txt
   sed -n 's/^E[0-9]*: *\\(.*\\)#....$/\\1/p' page.txt | tr -d ' \\n' | base64 -d > epoch.age
   age -d -i r.txt epoch.age > e.txt
   age -d -i e.txt DRAWER/identity.age > d.txt
   age -d -i d.txt DRAWER/FILE.age | tar -xOf - note.md
"""


@dataclass(frozen=True)
class Page:
    """What the page says.

    Args:
        vault: the psychotherapy repository's random id.
        genesis: its first commit, `sha256:HEX`.
        made: ISO date.
        epoch: number of the epoch.
        private: the recovery signer's private key in OpenSSH's form, without passphrase.
        identity: the recovery age identity, `AGE-SECRET-KEY-1...`.
        sealed: the bytes of `epoch.age`.
    """

    vault: str
    genesis: str
    made: str
    epoch: int
    private: bytes = field(repr=False)
    identity: str = field(repr=False)
    sealed: bytes = field(repr=False)

    @property
    def key(self) -> PublicKey:
        """The recovery signer's public half."""
        return keyfiles.public_key_in(self.private, Path("the recovery page"))


def text(page: Page) -> str:
    """The lines of the page: what is typed, and what the code holds."""
    algorithm, _, genesis = page.genesis.partition(":")
    body = "".join(line for line in page.private.decode("ascii").splitlines() if not line.startswith("-----"))
    head = (
        f"{TITLE}\n\nVault:        {page.vault}\nMade:         {page.made}\nEpoch:        {page.epoch}\n"
        f"Algorithm:    {algorithm}\nRecovery key: {page.key.fingerprint}\n\n"
    )
    parts = (("G", genesis), ("K", body), ("A", page.identity), ("E", base64.b64encode(page.sealed).decode()))
    return head + "\n".join(checked_lines.lines(letter, rows) for letter, rows in parts)


def render(page: Page) -> str:
    """The page as a file to print from any browser: the lines, and a code that holds the same."""
    lines = text(page)
    picture = code(page).svg_inline(scale=1, border=2, omitsize=True)
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta http-equiv="Content-Security-Policy" content="default-src \'none\'; style-src \'unsafe-inline\'">\n'
        "<title>Recovery page</title>\n<style>\n@page { margin: 0 }\nbody { margin: 12mm }\n"
        "pre { font: 8pt/1.2 monospace; margin: 0 }\n"
        "svg { width: 84mm; height: 84mm; float: right }\n</style>\n</head>\n<body>\n"
        f"{picture}\n<pre>\n{lines}\n{_STEPS}</pre>\n</body>\n</html>\n"
    )


def code(page: Page) -> QRCode:
    """The code that holds the page's lines."""
    import segno

    return segno.make(_squeezed(text(page)), error="l", micro=False, boost_error=False)


def _squeezed(lines: str) -> str:
    """The same lines without blanks where none is needed, so that the code stays coarse enough for a telephone."""
    head, *rest = lines.splitlines()
    return "\n".join([head, *(line.replace(" ", "") for line in rest if line)])


def parse(typed: str, path: str = "the recovery page") -> Page:
    """Read a page: the file, a scan of its code, or a text typed from paper.

    Raises:
        BadInput: it is no such page, or a line does not fit its check; the line is named.
    """
    if TITLE.replace(" ", "") not in re.sub(r"\s", "", typed):
        raise BadInput(f"{path}: not a psychotherapy recovery page: the line {TITLE} is missing")
    said = (match for line in typed.splitlines() if (match := _FIELD.fullmatch(line)))
    fields = {" ".join(match[1].split()): " ".join(match[2].split()) for match in said}
    rows = list(checked_lines.rows(typed, _LETTERS, path, lower="G"))
    for name in ("Vault", "Made", "Epoch", "Algorithm"):
        if name not in fields:
            raise BadInput(f"{path}: the line {name} is missing")
    body = checked_lines.joined(rows, "K", path)
    wrapped = "".join(f"{body[at : at + 70]}\n" for at in range(0, len(body), 70))
    try:
        sealed = base64.b64decode(checked_lines.joined(rows, "E", path), validate=True)
    except binascii.Error:
        raise BadInput(f"{path}: the lines E are not whole") from None
    genesis = f"{fields['Algorithm']}:{checked_lines.joined(rows, 'G', path)}"
    identity = checked_lines.joined(rows, "A", path).upper()
    whole = re.fullmatch(messages.COMMIT, genesis) and ids.is_id(fields["Vault"]) and fields["Epoch"].isdecimal()
    if not whole or _SECRET.fullmatch(identity) is None:
        raise BadInput(f"{path}: the vault, the genesis, the epoch or the lines A are not whole")
    page = Page(
        fields["Vault"], genesis, fields["Made"], int(fields["Epoch"]), f"{_BEGIN}\n{wrapped}{_END}\n".encode(), identity, sealed
    )
    try:
        fingerprint = page.key.fingerprint
    except (KeyTrouble, binascii.Error, ValueError):
        raise BadInput(f"{path}: the private key is not whole") from None
    if fields.get("Recovery key", fingerprint).replace(" ", "") != fingerprint:
        raise BadInput(f"{path}: the private key is not the one whose fingerprint the page names")
    return page
