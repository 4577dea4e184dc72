"""The text in a drawer's `identity.age` and in `epoch.age`: age identity files whose comments say what they open.

`docs/spec/psychotherapy/keys.md`, rules 2 and 3. A secret stands in these texts; no value here shows it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace

from vaultcli.ground import ids
from vaultcli.ground.age.ustar import padded
from vaultcli.ground.errors import BadInput

CLIENT, LOG = "client", "log"
_RECIPIENT = r"age1[02-9ac-hj-np-z]{58}"
_SECRET = r"AGE-SECRET-KEY-1[02-9AC-HJ-NP-Z]{58}"  # noqa: S105 - a pattern
_EPOCH = re.compile(
    rf"# vaultcli epoch, version 1\n# vault: ({ids.PATTERN})\n# epoch: ([1-9][0-9]*)\n# clinician: ([ -~]*)\n"
    rf"# recovery: ({_RECIPIENT}|)\n# public key: ({_RECIPIENT})\n({_SECRET})\n"
)
_DRAWER = re.compile(
    rf"# vaultcli drawer, version 1\n# vault: ({ids.PATTERN})\n# token: ({ids.PATTERN})\n# kind: ({CLIENT}|{LOG})\n"
    rf"# client: ({ids.PATTERN}|)\n# name: ([^\n]*)\n# made: ([0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}})\n# origin: ({ids.PATTERN})\n"
    rf"((?:# signer: m[{ids.ALPHABET}]{{8}} [!-~]+ [!-~]+\n)*)"
    rf"((?:# generation [1-9][0-9]*: {_RECIPIENT}\n{_SECRET}\n)+)\n*"
)
_GENERATION = re.compile(rf"# generation ([1-9][0-9]*): ({_RECIPIENT})\n({_SECRET})\n")


@dataclass(frozen=True)
class Key:
    """A recipient with its secret, which `repr` does not show."""

    recipient: str
    secret: str = field(repr=False)


@dataclass(frozen=True)
class Epoch:
    """What `epoch.age` holds.

    Args:
        vault: the repository's random id.
        number: of the epoch.
        key: its recipient and secret.
        clinician: the recipient (age or SSH) of the clinician that the file is sealed to.
        recovery: the recipient on the recovery page; empty where there is no page.
    """

    vault: str
    number: int
    key: Key
    clinician: str = ""
    recovery: str = ""

    @property
    def recipients(self) -> list[str]:
        """To whom the file is sealed, and nobody else."""
        return [one for one in (self.clinician, self.recovery) if one]

    @property
    def text(self) -> bytes:
        """The file's plaintext."""
        lines = ["# vaultcli epoch, version 1", f"# vault: {self.vault}", f"# epoch: {self.number}"]
        lines += (f"# clinician: {self.clinician}", f"# recovery: {self.recovery}")
        return "\n".join((*lines, f"# public key: {self.key.recipient}", self.key.secret, "")).encode()


def parse_epoch(raw: bytes) -> Epoch:
    """Read the plaintext of `epoch.age`.

    Raises:
        BadInput: it is none.
    """
    found = _EPOCH.fullmatch(raw.decode("utf-8", "replace"))
    if found is None:
        raise BadInput("epoch.age does not hold an epoch identity of version 1")
    return Epoch(found[1], int(found[2]), Key(found[5], found[6]), found[3], found[4])


@dataclass(frozen=True)
class Drawer:
    """What a drawer's `identity.age` holds.

    Args:
        vault: of the repository that it stands in.
        token: the drawer's name.
        kind: `client` or `log`.
        client: id in the chart's register; empty for a log or where unknown.
        name: the client's, for whoever opens this without the chart.
        made: ISO date.
        origin: the vault whose id the drawer's files carry.
        generations: oldest first; what is sealed goes to the last.
        signers: `PRINCIPAL TYPE KEY` of each key that may have signed its files; only where it was received from another vault.
    """

    vault: str
    token: str
    kind: str
    client: str
    name: str
    made: str
    origin: str
    generations: tuple[Key, ...]
    signers: tuple[str, ...] = ()

    @property
    def recipient(self) -> str:
        """To whom the next file is sealed."""
        return self.generations[-1].recipient

    @property
    def generation(self) -> int:
        """The newest generation's number."""
        return len(self.generations)

    @property
    def recipients(self) -> tuple[str, ...]:
        """Of all generations; what is pinned."""
        return tuple(one.recipient for one in self.generations)

    def with_generation(self, key: Key) -> Drawer:
        """The drawer with a new newest generation."""
        return replace(self, generations=(*self.generations, key))

    @property
    def text(self) -> bytes:
        """The file's plaintext, padded."""
        name = " ".join(self.name.split())
        lines = [
            "# vaultcli drawer, version 1",
            f"# vault: {self.vault}",
            f"# token: {self.token}",
            f"# kind: {self.kind}",
            f"# client: {self.client}",
            f"# name: {name}",
            f"# made: {self.made}",
            f"# origin: {self.origin}",
            *(f"# signer: {one}" for one in self.signers),
        ]
        for number, key in enumerate(self.generations, start=1):
            lines += [f"# generation {number}: {key.recipient}", key.secret]
        return padded(("\n".join(lines) + "\n").encode(), b"\n")


def parse(raw: bytes, token: str, vault: str) -> Drawer:
    """Read the plaintext of a drawer's identity.

    Args:
        raw: the plaintext.
        token: the folder that it came from.
        vault: the repository's vault.

    Raises:
        BadInput: it is none, not in its one form, or belongs elsewhere.
    """
    found = _DRAWER.fullmatch(raw.decode("utf-8", "replace"))
    if found is None:
        raise BadInput(f"{token}: not a drawer's identity of version 1")
    rows = _GENERATION.findall(found[9])
    signers = tuple(line.removeprefix("# signer: ") for line in found[8].splitlines())
    vault_, token_, kind, client, name, made, origin = found.groups()[:7]
    generations = tuple(Key(row[1], row[2]) for row in rows)
    drawer = Drawer(vault_, token_, kind, client, name, made, origin, generations, signers)
    if [int(row[0]) for row in rows] != list(range(1, len(rows) + 1)) or drawer.text != raw:
        raise BadInput(f"{token}: the drawer's identity is not in its one form")
    if (drawer.vault, drawer.token) != (vault, token):
        raise BadInput(f"{token}: holds the identity of another drawer or vault")
    return drawer
