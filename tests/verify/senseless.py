"""Well-signed commits without any sense: each event with each kind of change, by whoever has a machine, from a seed.

    world, line = made(folder, seed)        a good vault, and some commits on its lines that no program of ours would make

Whoever owns a machine's key can push such commits past every hook of their own. No reading command may end for them.
"""

from __future__ import annotations

import contextlib
from pathlib import Path
from random import Random

from tests.world import LEE, SAM, ClientLine, World, id_of, ident
from vaultcli.record.message import CLIENT_EVENTS

KINDS = ("correction", "addendum", "late-entry", "cosignature", "withdrawal", "attestation")
ENTRIES = (
    b"",
    b"\xff\xfe\0",
    b"---\n",
    b"no front matter\n",
    b"---\nname: [\n---\n",
    b"---\nname: X\nhandle: x\nid: 0000000000000000\n---\n",
    b"---\nname: X\nhandle: ada\nkind: group\nid: ID\n---\n",
    b"---\n- a\n---\n",
    b"---\nname: {a: b}\nhandle: [a]\nid: ID\n---\n",
    b"---\nname: X\nhandle: ada\nborn: tomorrow\nid: ID\n---\n",
    b"---\nname: X\nhandle: ada\nid: ID\n---\n\xff",
)
TEXTS = (
    b"",
    b"\xff\xfe\0",
    b"---\n",
    b"---\n---\n",
    b"no front matter",
    b"---\ndate: [2026]\ntime: {}\n---\nx\n",
    b"---\ntype: 7\nid: [x]\n---\n",
    b"---\n? signed\n: {version: 1}\n---\n",
    b"---\ncorrects: x\nadds-to: y\n---\n",
    b"\0" * 40,
    b"---\ndate: 2026-02-31\ntime: 25:00-26:00 Nowhere/Land\nformat: dap\n---\n## Data\n",
    b"---\ndate: 9999-12-31\ntime: 23:00-01:00 +14:00\n---\n",
    b"---\ntype: attachment\nbytes: x\nsha256: y\nstored: ../x\n---\n",
    b"---\n" + b"a: [" * 50 + b"\n---\n",
    b"---\na: &a [*a]\n---\n",
    b"\xef\xbb\xbf---\r\ndate: 2026-11-02\r\n---\r\n\xe2\x80\xa8",
)
NAMES = (
    *("notes/a\tb.md", "notes/a\nb.md", "notes/\x1b[31m.md", f"notes/{'n' * 120}.md", "notes/deep/er.md", "attachments/x.pdf"),
    *("notes/2026-13-01-progress-0000000000000001.md", "exceptions/x.md", "succession.toml", "practice.toml", "notes/é.md"),
    *("notes/-rf.md", "attachments/0000000000000009.pdf", "notes/.md", "notes/2026-11-02-attachment-0000000000000009.md"),
    *("client.md.sig", "x"),
)
ROWS = (
    b"",
    b"adds-to: " + b"0" * 64 + b"\n",
    b"covers: []\n",
    b"date: [x]\ntime: x\n",
    b"reason: [x]\n",
    b"type: plan\n",
    b"date: 9999-12-31\ntime: 23:00-01:00\n",
)


def made(folder: Path, seed: int, *, steps: int = 3) -> World:
    """A vault of two clients, one of them with senseless commits at its end; on disk, and pinned."""
    chance = Random(seed)
    world = World(folder, trainee=True)
    ada, bo = world.client("ada"), world.client("bo")
    _begin(ada)
    path, raw = bo.note("He came, too.")
    bo.sign(path, raw=raw)
    for _ in range(steps):
        _step(ada, chance)
    world.save(checkout=False)
    # what cannot be laid out in a folder is part of what is tried
    with world.repository as repository, contextlib.suppress(Exception):
        repository.recover()
    return world


def _begin(line: ClientLine) -> None:
    """A note of each kind."""
    path, raw = line.note("She came on time.")
    line.sign(path, raw=raw)
    line.correct(path, "She came late.")
    line.addendum(path, "A word more.")
    path, raw = line.note("Seen by Sam.")
    line.sign(path, raw=raw, by=SAM)
    line.cosign(path)
    line.attest(line.draft("Never signed."))
    line.draft("Not signed yet.")


def _step(line: ClientLine, chance: Random) -> None:
    """One commit that is well signed and makes no sense."""
    who = chance.choice((LEE, LEE, SAM))
    world = line.world
    parts: dict[str, object] = {"signing": world.sam_machine, "who": ident(SAM)} if who is SAM else {}
    if chance.random() < 0.15:
        parts["signing"] = world.lee
    if chance.random() < 0.1:
        parts["mode"] = chance.choice(("100755", "120000"))
    changes = dict(change for _ in range(chance.randint(0, 2)) for change in _change(line, chance))
    event = chance.choice(CLIENT_EVENTS)
    ids = tuple(sorted({id_of(path.removesuffix(".sig")) for path in changes if "-" in path})) or (line.id,)
    ids = ids if chance.random() < 0.7 and all(len(one) == 16 and one.isalnum() for one in ids) else (line.id,)
    message = line.message(event, *ids)
    if event == "settle":
        message = line.message(event, key=world.sam.public.fingerprint, last_good="sha256:" + line.commits[0])
    line.commit(event, changes, message=message, **parts)


def _change(line: ClientLine, chance: Random) -> list[tuple[str, bytes | None]]:
    there = sorted(world_files(line))
    signed = [path for path in there if path.endswith(".sig")]
    notes = [path for path in there if path.startswith("notes/") and path.endswith(".md")]
    text = chance.choice(TEXTS)
    kind = chance.randint(0, 9)
    if kind == 0:
        return [("client.md", chance.choice(ENTRIES).replace(b"ID", line.id.encode()))]
    if kind == 1:
        return [(chance.choice(there), None)]
    if kind == 2 and signed:
        gone = chance.choice(signed)
        return [(gone, None), (gone.removesuffix(".sig"), None)]
    if kind == 3:
        return [(chance.choice(NAMES), text)]
    if kind == 4 and signed:
        return [(chance.choice(signed), chance.choice((b"", b"x", b"-----BEGIN SSH SIGNATURE-----\n", b"\xff")))]
    if kind == 5:
        return [(chance.choice(notes), text)]
    if kind == 6:
        path, _ = line.note()
        return [(path, text)]
    if kind == 7:
        stem = chance.choice(notes).removesuffix(".md").partition(".")[0]
        return [(f"{stem}.{chance.choice(KINDS)}-{line.world.id()}.md", text)]
    path, raw = _signed(line, chance, notes)
    return list(raw.items())


def _signed(line: ClientLine, chance: Random, notes: list[str]) -> tuple[str, dict[str, bytes]]:
    """A file with a good block and a good signature, and with words that need not fit either."""
    rows = chance.choice(ROWS)
    if chance.random() < 0.5:
        path, _ = line.note()
    else:
        stem = chance.choice(notes).removesuffix(".md").partition(".")[0]
        path = f"{stem}.{chance.choice(KINDS)}-{line.world.id()}.md"
    raw = b"---\n" + rows + b"id: " + id_of(path).encode() + b"\n---\n" + chance.choice((b"", b"x", b"\0"))
    return path, line.signed(path, raw)


def world_files(line: ClientLine) -> list[str]:
    """The paths at the head of the line."""
    return list(line.world.branches[line.branch].files)
