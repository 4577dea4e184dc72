"""The recovery page: the text to print, with which a lost laptop is not the end of the record.

It is the only place where the recovery signer's private key is. Each line to be typed carries a check of its own, so
that a slip on the keyboard is found by its line. Format: `docs/spec/recovery-page.md`, version 1.
`record/sealed/recovery_page` is the psychotherapy notes' page: it holds an age identity and `epoch.age` besides.
"""

from __future__ import annotations

import binascii
import re
from dataclasses import dataclass
from pathlib import Path

from vaultcli.ground import ids
from vaultcli.ground.errors import BadInput, KeyTrouble
from vaultcli.ground.patterns import pattern
from vaultcli.ground.ssh import keyfiles
from vaultcli.ground.ssh.sshsig import PublicKey
from vaultcli.record import message as messages
from vaultcli.record.paper import checked_lines

TITLE = "VAULTCLI RECOVERY PAGE 1"
_BEGIN, _END = "-----BEGIN OPENSSH PRIVATE KEY-----", "-----END OPENSSH PRIVATE KEY-----"
_FIELD = pattern(r"\s*(Practice|Vault|Made|Algorithm|Key\s+lines|Recovery\s+key)\s*:\s*(.*?)\s*")

_STEPS = """\
WHAT THIS IS

This page holds the private key of the recovery signer of one notes vault. With it, and a copy of the vault, a new
computer is admitted when the old one is lost, and the old one's keys are ended. It opens no note and signs no note.
Print it, keep it where you keep your licence, delete the file. Whoever has it can let keys into this practice.

WHEN A COMPUTER IS LOST

1. Install vaultcli on another computer. Fetch a copy of the vault: a clone, a bundle, a backup.
2. Put this page into a file there: scan it, or type it. Spaces do not matter; each line is checked on its own.
3. vaultcli init NEWDIR --adopt COPY --genesis GENESIS --recovery-page PAGEFILE
   GENESIS is the id above, with its algorithm. It makes new keys and admits them.
4. In NEWDIR: vaultcli people list, then vaultcli people end WHO --key FINGERPRINT --reason lost
   for every key that was on the lost computer.
5. vaultcli verify. Delete the page's file again.

The private key is in OpenSSH's own form: the K lines, without label, spaces and check, between
"-----BEGIN OPENSSH PRIVATE KEY-----" and "-----END OPENSSH PRIVATE KEY-----".
"""


@dataclass(frozen=True)
class RecoveryPage:
    """What the page says.

    Args:
        practice: its name.
        vault: the vault's random id.
        genesis: the first commit, `sha256:HEX`.
        made: the day (ISO date).
        private: the private key's text in OpenSSH's form.
    """

    practice: str
    vault: str
    genesis: str
    made: str
    private: bytes

    @property
    def key(self) -> PublicKey:
        """The public half."""
        return keyfiles.public_key_in(self.private, Path("the recovery page"))


def render(page: RecoveryPage) -> str:
    """The page, to be printed."""
    algorithm, _, genesis = page.genesis.partition(":")
    body = "".join(line for line in page.private.decode("ascii").splitlines() if not line.startswith("-----"))
    head = (
        f"{TITLE}\n\nPractice:     {page.practice}\nVault:        {page.vault}\nMade:         {page.made}\n"
        f"Recovery key: {page.key.fingerprint}\n\n"
    )
    first = f"GENESIS: the id of the vault's first commit\n\nAlgorithm:    {algorithm}\n" + checked_lines.lines("G", genesis)
    key = f"\nPRIVATE KEY\n\nKey lines:    {checked_lines.count(body)}\n" + checked_lines.lines("K", body)
    return f"{head}{first}{key}\n{_STEPS}"


def parse(text: str, path: str = "the recovery page") -> RecoveryPage:
    """Read a page, also one that was typed from paper: white space does not matter, words around do not either.

    Raises:
        BadInput: it is no such page, or a line does not fit its check; the line is named.
    """
    if TITLE.replace(" ", "") not in re.sub(r"\s", "", text):
        raise BadInput(f"{path}: not a recovery page: the line {TITLE} is missing")
    said = (match for line in text.splitlines() if (match := _FIELD.fullmatch(line)))
    fields = {" ".join(match[1].split()): " ".join(match[2].split()) for match in said}
    rows = list(checked_lines.rows(text, "GK", path, lower="G"))
    for name in ("Practice", "Vault", "Made", "Algorithm", "Key lines"):
        if name not in fields:
            raise BadInput(f"{path}: the line {name} is missing")
    genesis = f"{fields['Algorithm']}:{checked_lines.joined(rows, 'G', path)}"
    body = checked_lines.joined(rows, "K", path)
    if fields["Key lines"] != str(checked_lines.count(body)):
        raise BadInput(f"{path}: the private key is not whole: it has {fields['Key lines']} lines, K1 to the last")
    wrapped = "".join(f"{body[at : at + 70]}\n" for at in range(0, len(body), 70))
    page = RecoveryPage(fields["Practice"], fields["Vault"], genesis, fields["Made"], f"{_BEGIN}\n{wrapped}{_END}\n".encode())
    if re.fullmatch(messages.COMMIT, genesis) is None or not ids.is_id(page.vault):
        raise BadInput(f"{path}: the vault's id or the genesis is not whole")
    try:
        fingerprint = page.key.fingerprint
    except (KeyTrouble, binascii.Error, ValueError):
        raise BadInput(f"{path}: the private key is not whole") from None
    if fields.get("Recovery key", fingerprint).replace(" ", "") != fingerprint:
        raise BadInput(f"{path}: the private key is not the one whose fingerprint the page names")
    return page
