"""What commands need of the keys, and no more: who has a drawer, and the plaintext of one of its files.

`Keys` answers in this process, after one passphrase; the agent's client (`agent.py`) answers without it and never gives an
identity away. What needs an identity itself (sharing, rotating, destroying) takes `Keys`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple, Protocol

from vaultcli.ground.errors import NotFound


class Known(NamedTuple):
    """A drawer without its secrets: enough to find it and to write into it.

    Attributes:
        token: its name.
        kind: `client` or `log`.
        client: id in the chart's register; empty where unknown, and for a log.
        name: the client's, as the drawer has it.
        origin: the vault that its files name.
        generation: the newest.
        recipient: of that generation.
        signers: `PRINCIPAL TYPE KEY` of each key that may have signed its files, where it was received from another vault.
    """

    token: str
    kind: str
    client: str
    name: str
    origin: str
    generation: int
    recipient: str
    signers: Sequence[str] = ()

    @property
    def received(self) -> bool:
        """Whether another vault handed it over: it is read, never written."""
        return bool(self.signers)


class Opener(Protocol):
    """Opens what it is asked to."""

    def drawers(self) -> Mapping[str, Known]:
        """Every drawer that is not destroyed, by token."""

    def open(self, token: str, raw: bytes) -> bytes:
        """The plaintext of one sealed file of a drawer.

        Raises:
            KeyTrouble: the drawer's identity does not open it.
            BadInput: it is damaged.
        """


def drawer(opener: Opener, token: str) -> Known:
    """The drawer of a token.

    Raises:
        NotFound: there is none, or it was destroyed.
    """
    found = opener.drawers().get(token)
    if found is None:
        raise NotFound(f"there is no drawer {token}")
    return found
