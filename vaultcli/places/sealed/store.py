"""The repository of sealed files: what stands in it, and the one way to record in it.

Nothing here opens anything. Before a commit is made, what came since this machine's pin is judged, then the commit itself by the
same rules (`record/sealed/admission`); after it is durable the pin moves.
`places/chart/chart` is the chart's: a line for each client, of texts that are read as they are recorded.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from vaultcli.ground.errors import Conflict, GitTrouble, KeyTrouble, NotVerified, Refused
from vaultcli.ground.git.objects import Ident, name_object
from vaultcli.ground.repository.repository import Layout, Repair, Repository
from vaultcli.ground.ssh import sshsig
from vaultcli.ground.ssh.keyfiles import KeyFile
from vaultcli.ground.ssh.sign import Signer
from vaultcli.ground.ssh.sshsig import PublicKey
from vaultcli.places.sealed import history, pins, readme, remains
from vaultcli.places.sealed.pins import Pins
from vaultcli.places.sealed.settings import Settings
from vaultcli.record.finding import Finding
from vaultcli.record.history.commit import unmade
from vaultcli.record.sealed import admission, paths
from vaultcli.record.sealed.admission import BRANCH, IDENT, MESSAGE, PLAIN, ZONE, Facts, State
from vaultcli.record.sealed.paths import Sealed
from vaultcli.record.sealed.signers import Entry


def _place(_branch: str) -> str | None:
    return None


LAYOUT = Layout(main=BRANCH, place=_place, apart=frozenset())
"""One branch, at the top of the repository."""


class Store:
    """The sealed files of one vault; a context manager.

    Args:
        settings: where they are.
        tell: receives what was mended, as it happens.
        waiting: called once when another command holds the lock.
    """

    def __init__(
        self, settings: Settings, *, tell: Callable[[Repair], None] = lambda _: None, waiting: Callable[[], None] = lambda: None
    ) -> None:
        self.settings = settings
        if not settings.beginning and not (settings.repository / ".git").is_dir():
            what, hint = remains.trouble(settings)
            raise GitTrouble(what, hint=hint)
        self.repository = Repository.open(settings.repository, LAYOUT, tell=tell, waiting=waiting)
        self.repository.seek = self._seek
        self._files = history.Files(self.repository)
        self._state: tuple[str, State] | None = None
        self._places: tuple[State, dict[str, list[Sealed]]] | None = None
        self._expected: dict[str, tuple[str, ...]] = {}

    def __enter__(self) -> Store:
        return self

    def __exit__(self, *_: object) -> None:
        self.repository.keep_house()
        self.repository.close()

    def _seek(self, branch: str) -> str | None:
        from vaultcli.places.sealed import mend

        return mend.line(self.repository, branch)

    # what is there

    @property
    def head(self) -> str:
        """The newest commit.

        Raises:
            Conflict: there is none that can be read, or the repository was never finished.
        """
        found = self.repository.head(BRANCH)
        if found is None and self.settings.beginning:
            raise Conflict("the psychotherapy repository is not finished", hint="repeat `vaultcli psychotherapy init`")
        if found is None:
            what, hint = remains.trouble(self.settings)
            raise Conflict(what, hint=hint)
        return found

    @property
    def state(self) -> State:
        """What stands at the head."""
        head = self.head
        if self._state is None or self._state[0] != head:
            tree = self.repository.objects.commit(head).tree
            if self._state is None:
                # afterwards it is one folder for each note that was recorded
                self._files.ahead([tree])
            found = history.state_at(self.repository, head, self._files)
            self._state = head, replace(found, tree=self._files(tree).flat())
        return self._state[1]

    @property
    def vault(self) -> str:
        """The random id that sealed files carry."""
        return self.state.signers.vault

    @property
    def pins(self) -> Pins:
        """What this machine remembers of this copy."""
        return pins.find(self.repository.clone_id)

    def drawers(self) -> list[str]:
        """The tokens of every drawer that is not destroyed, sorted."""
        found = {token for token, places in self._by_drawer().items() if any(at.is_identity for at in places)}
        return sorted(found - self.state.epochs.destroyed)

    def files(self, token: str) -> list[Sealed]:
        """The sealed files of a drawer but its identity, by name."""
        return [at for at in self._by_drawer().get(token, ()) if not at.is_identity]

    def _by_drawer(self) -> dict[str, list[Sealed]]:
        """Every place at the head, by its drawer, sorted; read once, for there are thousands."""
        state = self.state
        if self._places is None or self._places[0] is not state:
            found: dict[str, list[Sealed]] = {}
            for at in filter(None, map(paths.parse, sorted(state.tree))):
                found.setdefault(at.token, []).append(at)
            self._places = state, {token: sorted(places) for token, places in found.items()}
        return self._places[1]

    def raw(self, path: str) -> bytes:
        """A file as recorded."""
        return self.repository.objects.blob(self.state.tree[path][1])

    def place(self, path: str) -> Path:
        """A file in the working folder."""
        return self.settings.repository / path

    # checking

    def doubts(self, now: datetime) -> list[Finding]:
        """What is wrong with what came since this machine's pin; nothing when the head is the pinned one."""
        known, head = self.pins, self.head
        if known.head == head:
            return []
        git = self.repository.git
        if self.repository.objects.find(known.head) is None or not git.is_ancestor(known.head, head):
            return [Finding(BRANCH, "rollback", "does not hold the newest commit that this machine has seen", branch=BRANCH)]
        fresh = git.rev_list(head, without=(known.head,))
        return history.check(self.repository, fresh, int(now.timestamp()), readme.TEXT)

    def refuse_doubts(self, now: datetime) -> None:
        """Stop before building on a history that does not hold.

        Raises:
            NotVerified: there are findings.
        """
        if found := self.doubts(now):
            said = "".join(f"\n  {one.text()}" for one in found[:5])
            raise NotVerified(
                f"the psychotherapy repository is not what this machine knows; nothing was written:{said}",
                hint="`vaultcli psychotherapy verify` says more",
            )

    # recording

    @contextmanager
    def machine(self) -> Iterator[tuple[Entry, Signer]]:
        """This machine's key: its entry among the signers, and what signs with it.

        Raises:
            KeyTrouble: it is not there, or not admitted.
        """
        with self.signer() as signer:
            entry = self.state.signers.by_key(signer.public)
            if entry is None or entry.revoked:
                hint = "`vaultcli keys list` shows the keys; `vaultcli keys admit`, on a machine that may, lets this one in"
                raise KeyTrouble("this machine's key is not admitted to the psychotherapy repository", hint=hint)
            yield entry, signer

    @contextmanager
    def signer(self) -> Iterator[Signer]:
        """What signs with this machine's key, admitted or not: a machine that waits to be let in still syncs.

        Raises:
            KeyTrouble: it is not there.
        """
        file = self.settings.keys / self.settings.machine_key
        if not file.is_file():
            raise KeyTrouble(f"this machine's key is not there: {file}", hint="is the key store mounted?")
        with Signer(KeyFile(file)) as signer:
            yield signer

    def record(self, changes: Mapping[str, bytes], now: datetime, *, by: Signer, other: str = "") -> str:
        """Record files, durably.

        Args:
            changes: path to new bytes.
            now: the clock; only its day is recorded.
            by: the key that signs the commit.
            other: the second parent of a merge.

        Returns:
            The new commit's bare id.

        Raises:
            Refused: the rules do not admit it; nothing was written.
            NotVerified: what stands there already does not hold; nothing was written.
        """
        with self.repository.lock():
            self.repository.recover(BRANCH)
            self.refuse_doubts(now)
            head, state = self.head, self.state
            when = day_of(now, state.time)
            facts = self._coming(changes, head, other, when, by.public)
            self._judge(facts, state, other, changes, now)
            oid = self.repository.record(
                BRANCH,
                changes,
                message=MESSAGE,
                ident=Ident(*IDENT),
                when=when,
                sign=lambda payload: by.sign(payload, "git"),
                expecting=head,
                extra_parents=(other,) if other else (),
            )
            moved = replace(self.pins, head=oid)
            if paths.EPOCHS in changes and not other:
                moved = replace(moved, epoch=(self.state.epochs.number, self.state.epochs.recipient))
            for token in [one for one in self._expected if paths.identity(one) in changes]:
                moved = moved.with_drawer(token, self._expected.pop(token))
            pins.put(moved)
            return oid

    def _coming(self, changes: Mapping[str, bytes], head: str, other: str, when: datetime, key: PublicKey) -> Facts:
        format_ = self.repository.object_format
        tree = dict(self.state.tree) | {path: (PLAIN, name_object("blob", raw, format_)) for path, raw in changes.items()}
        parents = (head, other) if other else (head,)
        return Facts(unmade(parents, IDENT, int(when.timestamp()), ZONE, MESSAGE), key, tree)

    def _judge(self, facts: Facts, state: State, other: str, changes: Mapping[str, bytes], now: datetime) -> None:
        format_ = self.repository.object_format
        blobs = {name_object("blob", raw, format_): raw for raw in changes.values()}
        parents = (state, history.state_at(self.repository, other)) if other else (state,)
        bases = history.bases_of(self.repository, facts.commit.parents)

        def read(oid: str) -> bytes:
            return blobs[oid] if oid in blobs else self.repository.objects.blob(oid)

        _, found = admission.admit(facts, parents, bases, read, sshsig.verify, int(now.timestamp()), readme.TEXT)
        if found:
            said = "; ".join(f"{one.path}: {one.message}" for one in found)
            raise Refused(f"the rules of the psychotherapy repository do not admit this: {said}")

    def expect_drawer(self, token: str, recipients: tuple[str, ...]) -> None:
        """Say to whom a drawer is sealed that is about to begin; pinned when it is recorded.

        A note that was begun and given up leaves no pin of a drawer that never was.
        """
        self._expected[token] = recipients

    def recipients(self, token: str) -> tuple[str, ...]:
        """To whom this machine knows a drawer to be sealed, oldest generation first; nothing where it does not know it."""
        return self.pins.drawers.get(token) or self._expected.get(token, ())

    def pin_drawer(self, token: str, recipients: tuple[str, ...]) -> None:
        """Remember to whom a drawer is sealed.

        Raises:
            Refused: it contradicts what is pinned.
        """
        known = self.pins
        if known.with_drawer(token, recipients) is known:
            return
        # read again in our turn: the agent pins as well, and must not put back an older head or epoch
        with self.repository.lock():
            known = self.pins
            moved = known.with_drawer(token, recipients)
            if moved is not known:
                pins.put(moved)


def day_of(now: datetime, parent: int = 0) -> datetime:
    """The day that a commit carries: midnight UTC, never before its parent's."""
    day = now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    return max(day, datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=parent))
