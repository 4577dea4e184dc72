"""Sealed notes for the benchmark: drawers with notes, made in a few commits, and what is measured on them."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path
from random import Random

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ed25519

from tests import sealed, sshsign, vaults
from tests.bench.timing import Row, Sample, in_turn, once, process
from tests.bench.words import Prose
from vaultcli.ground import age
from vaultcli.places.sealed import settings
from vaultcli.places.sealed.store import Store
from vaultcli.psychotherapy import drawers, keys, notes
from vaultcli.record.sealed import header
from vaultcli.record.sealed.paths import Sealed

BATCH = 30
"""Drawers in one commit."""
SAMPLED = 300
"""Files that the comparison opens; the time of all is reckoned from them."""
MANY = 5000
"""Notes from which the bar is held against the ratio."""
WORDS = 250
"""Of a note."""
WORD = "garden"
"""What is looked for: in some notes of each client."""


def make(top: Path, clients: int, count: int) -> Path:
    """A vault with so many drawers and notes in each, or the one made before; its folder."""
    root = top / f"sealed-{clients}x{count}"
    if (root / "done").exists():
        return root / "practice"
    shutil.rmtree(root, ignore_errors=True)
    world = sealed.make(root, vaults.make(root / "practice", clients=("ada",)))
    prose = Prose(Random(count))
    with world.store() as store, store.machine() as (entry, signer):
        quick = _in_memory(world.settings.keys / world.settings.machine_key)
        for first in range(0, clients, BATCH):
            changes: dict[str, bytes] = {}
            for number in range(first, min(first + BATCH, clients)):
                name = f"Client {number:04}"
                one = drawers.fresh(store, drawers.CLIENT, "", name, world.tick())
                changes |= drawers.sealed(store, one)
                known = keys.known_of(one)
                for day in range(count):
                    text = f"---\ndate: 2026-01-{1 + day % 28:02}\n---\n\n{prose.paragraph(WORDS)}".encode()
                    contents = {header.NOTE_FILE: text}
                    head = notes.head_of(known, header.NOTE, world.now, contents, by=world.settings.by, machine=entry)
                    plain = header.packed(head, quick.sign(head.raw, header.NAMESPACE), contents)
                    changes[Sealed(known.token, head.id).path] = age.seal(plain, [known.recipient])
            store.record(changes, world.now, by=signer)
    (root / "done").touch()
    return root / "practice"


def _in_memory(path: Path) -> sshsign.SigningKey:
    """A machine's key as one that signs without a process."""
    private = serialization.load_ssh_private_key(path.read_bytes(), None)
    assert isinstance(private, ed25519.Ed25519PrivateKey)
    return sshsign.ed25519_key(private.private_bytes_raw())


def searching(root: Path, vaultcli: Path, rounds: int) -> list[Row]:
    """A search of all sealed notes, beside what passage does: age and grep for each file."""
    known = settings.load(root)
    with Store(known) as store:
        tokens = store.drawers()
        files = [store.place(at.path) for token in tokens for at in store.files(token)]
        epoch = keys.Keys.unlock(store, lambda _: "")
        identity = root.parent / "identities.txt"
        drawn = Random(0).sample(files, min(SAMPLED, len(files)))
        identity.write_text("".join(f"{epoch.drawer(token).generations[-1].secret}\n" for token in tokens[:1]))
        # one identity opens all of the sample, as in a password store
        one = root.parent / "one"
        shutil.rmtree(one, ignore_errors=True)
        one.mkdir()
        recipient = epoch.drawer(tokens[0]).recipient
        for number, file in enumerate(drawn):
            at = file.relative_to(known.repository)
            (one / f"{number}.age").write_bytes(age.seal(epoch.open(at.parts[0], file.read_bytes()), [recipient]))
    ours = in_turn(rounds, process(vaultcli, "psychotherapy", "search", WORD, cwd=root, ok=(0, 1)))[0]
    loop = 'for file in "$1"/*.age; do found="$(age -d -i "$2" "$file" | grep -a -i "$3")"; done; true'
    took = once(lambda: subprocess.run(["bash", "-c", loop, "-", str(one), str(identity), WORD], check=True))
    theirs = Sample((took.median * len(files) / len(drawn),))
    ratio = theirs.median / ours.median
    what = f"`psychotherapy search WORD`, {len(files):,} sealed notes"
    against = f"age and grep for each file, as passage does it ({len(drawn)} files, reckoned up): {theirs}"
    # of a few notes the start of Python is most
    many = len(files) >= MANY
    return [Row(what, str(ours), against, ratio, "> 20 x" if many else "", ratio > 20 if many else None)]


