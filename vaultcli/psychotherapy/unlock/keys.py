"""The secrets of the sealed notes in this process: the epoch identity and, through it, every drawer's.

`docs/spec/psychotherapy/keys.md`. A `Keys` lives as long as one command. Every recipient that is computed here is held
against its pin before anything is written with it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from vaultcli.ground import files
from vaultcli.ground.age import seal as age
from vaultcli.ground.age.seal import Identity
from vaultcli.ground.errors import BadInput, Conflict, KeyTrouble
from vaultcli.places.sealed.store import Store
from vaultcli.psychotherapy.unlock import epoch_switch
from vaultcli.psychotherapy.unlock.clinician import Ask, clinician
from vaultcli.psychotherapy.unlock.epoch import open_epoch
from vaultcli.psychotherapy.unlock.opener import Known
from vaultcli.record.sealed import drawer as drawer_text
from vaultcli.record.sealed import paths
from vaultcli.record.sealed.drawer import Drawer, Epoch


class Keys:
    """The epoch identity and what it opens.

    Args:
        store: the sealed files.
        epoch: what `epoch.age` holds.

    Raises:
        Conflict: it is of another epoch than the one in force.
        KeyTrouble: it is another vault's.
    """

    def __init__(self, store: Store, epoch: Epoch) -> None:
        self.store = store
        self.epoch = epoch
        self._identity = age.identity(epoch.key.secret)
        self._opened: dict[str, tuple[str, Drawer]] = {}
        self._identities: dict[str, list[Identity]] = {}
        check_epoch(store, epoch)

    @classmethod
    def unlock(cls, store: Store, ask: Ask, tell: Callable[[str], None] = lambda _: None) -> Keys:
        """The keys, by way of the clinician's identity and this machine's `epoch.age`."""
        path = store.settings.epoch
        if not path.is_file() and not epoch_switch.waiting(store.settings):
            hint = "`vaultcli keys receive FILE` brings one, `vaultcli psychotherapy init --adopt` makes all anew from the page"
            raise KeyTrouble(f"epoch.age is not there: {path}", hint=hint)
        identities = clinician(store.settings, ask, tell)
        epoch_switch.settle(store, lambda raw: open_epoch(raw, identities))
        return cls(store, open_epoch(files.read(path), identities))

    def drawer(self, token: str) -> Drawer:
        """A drawer with its secrets.

        Raises:
            KeyTrouble: the epoch does not open it.
            BadInput: it is damaged, or another drawer's.
            Refused: its recipients contradict the pins.
        """
        path = paths.identity(token)
        blob = self.store.state.tree[path][1]
        known = self._opened.get(token)
        if known is None or known[0] != blob:
            found = drawer_text.parse(age.open_(self.store.raw(path), [self._identity]), token, self.store.vault)
            identities = [age.identity(one.secret) for one in reversed(found.generations)]
            if [one.recipient for one in reversed(identities)] != [one.recipient for one in found.generations]:
                raise BadInput(f"{token}: the drawer names another recipient than its identity has")
            self.store.pin_drawer(token, found.recipients)
            self._opened[token] = known = blob, found
            self._identities[token] = identities
        return known[1]

    def drawers(self) -> Mapping[str, Known]:
        """Every drawer that is not destroyed, by token; but those that `unready` names."""
        tokens, tree = self.store.drawers(), self.store.state.tree
        self.store.repository.objects.ahead(tree[paths.identity(one)][1] for one in tokens if one not in self._opened)
        passed = set(self.unready())
        return {token: known_of(self.drawer(token)) for token in tokens if token not in passed}

    def unready(self) -> list[str]:
        """The drawers that another machine began under an older epoch and has not sealed over yet, or that nobody can open.

        `docs/spec/psychotherapy/destruction.md`, rule 10: one that was ever open here is never passed over.
        """
        pinned = self.store.pins.drawers
        return [token for token in self.store.drawers() if token not in pinned and not self._opens(token)]

    def _opens(self, token: str) -> bool:
        try:
            self.drawer(token)
        except (KeyTrouble, BadInput):
            return False
        return True

    def open(self, token: str, raw: bytes) -> bytes:
        """The plaintext of one sealed file of a drawer."""
        self.drawer(token)
        return age.open_(raw, self._identities[token])


def known_of(drawer: Drawer) -> Known:
    """A drawer without its secrets."""
    return Known(
        drawer.token, drawer.kind, drawer.client, drawer.name, drawer.origin, drawer.generation, drawer.recipient, drawer.signers
    )


def check_epoch(store: Store, epoch: Epoch) -> None:
    """Whether an opened `epoch.age` is the one in force.

    Raises:
        Conflict: it is of another epoch.
        KeyTrouble: it is another vault's.
    """
    current = store.state.epochs
    if epoch.vault != store.vault:
        raise KeyTrouble("epoch.age belongs to another vault")
    if epoch.number < current.number:
        raise Conflict(
            f"epoch {current.number} is in force, and this machine's epoch.age is of epoch {epoch.number}",
            hint="bring the new one from where it was made: `vaultcli keys receive FILE`",
        )
    if epoch.number > current.number or epoch.key.recipient != current.recipient:
        raise Conflict("epoch.age is not of the epoch that this repository is in", hint="`vaultcli sync` brings the rest")
