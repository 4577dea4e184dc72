"""The synthetic practice of the benchmarks is one that verifies, and that the commands can work in."""

from __future__ import annotations

import subprocess
from datetime import datetime
from pathlib import Path

from tests import shelf
from tests.bench import drawers
from tests.bench.generate import Generated, generate
from tests.bench.pack import difference
from tests.sshsign import ed25519_key
from vaultcli.ground.repository.repository import Repository
from vaultcli.places.chart.chart import LAYOUT, Chart
from vaultcli.places.sealed.store import Store
from vaultcli.psychotherapy.notes import lookup
from vaultcli.psychotherapy.repository import verify, verify_opened
from vaultcli.psychotherapy.unlock import keys
from vaultcli.verify import vault

NOW = datetime.fromisoformat("2026-11-23T15:00:00-05:00")


@shelf.made_once
def made(tmp_path: Path) -> Generated:
    return generate(tmp_path / "made", clients=6, notes=60)


def test_a_practice_of_360_notes_is_whole(made: Generated) -> None:
    verdict = vault.verify(made.vault.chart, now=NOW, cold=True)
    assert list(verdict.findings) == []
    assert verdict.word == "verified"
    counts = verdict.tally.counts
    assert counts.signed + counts.withdrawn == 360
    assert verdict.unreachable == 0
    assert (counts.edited, counts.unrecorded) == (0, 0)


def test_every_kind_of_event_occurs(made: Generated) -> None:
    with Repository.open(made.vault.chart, LAYOUT) as repository:
        words = {one.message.split()[0] for branch in repository.lines() for one in repository.history(branch)}
    assert words >= {"genesis", "policy", "open", "register", "draft", "sign", "amend", "cosign", "withdraw"}


def test_plain_git_and_ssh_find_it_good(made: Generated) -> None:
    chart = made.vault.chart
    folder = next(path for path in sorted((chart / "clients").iterdir()))
    run = {"check": True, "capture_output": True}
    signers = f"gpg.ssh.allowedSignersFile={chart}/allowed_signers"
    subprocess.run(["git", "-C", folder, "-c", signers, "verify-commit", "HEAD"], **run)
    subprocess.run(["git", "-C", chart, "fsck", "--strict"], **run)
    assert subprocess.run(["git", "-C", folder, "status", "--porcelain"], **run).stdout == b""
    note = next((folder / "notes").glob("*-progress-????????????????.md"))
    who = next(row.split()[-1] for row in note.read_text().splitlines() if row.startswith("  by: "))
    words = ["ssh-keygen", "-Y", "verify", "-f", chart / "allowed_signers", "-I", who, "-n", "note@vaultcli.v1"]
    subprocess.run([*words, "-s", f"{note}.sig"], input=note.read_bytes(), **run)


def test_the_commands_own_floor_works_in_it(made: Generated) -> None:
    with Chart(made.vault) as chart:
        assert [one.handle for one in chart.clients() if one.id == made.clients[one.handle]] == [
            one.handle for one in chart.clients()
        ]
        with chart.recorder() as by:
            assert by.key == ed25519_key(_seed("lee-machine")).public


def test_the_same_seed_gives_the_same_record(tmp_path: Path) -> None:
    heads = []
    for name in ("one", "two"):
        made = generate(tmp_path / name, clients=2, notes=3, seed=7)
        with Repository.open(made.vault.chart, LAYOUT) as repository:
            heads.append(repository.lines())
    assert heads[0] == heads[1]


def test_the_psychotherapy_notes_are_whole_and_every_one_opens(tmp_path: Path) -> None:
    known = drawers.make(tmp_path / "made", clients=4, each=6)
    verdict = verify.verify(known, now=NOW)
    assert verdict.findings == ()
    assert (verdict.counts.drawers, verdict.counts.files, verdict.counts.commits) == (4, 24, 25)
    with Store(known) as store:
        opener = keys.Keys.unlock(store, lambda _: "")
        opened = verify_opened.check(store, opener, verdict.versions)
        assert (opened.files, opened.closed, opened.unsigned, opened.findings) == (24, 0, 0, ())
        assert sorted(len(lookup.contents(store, opener, one).entries) for one in opener.drawers().values()) == [6, 6, 6, 6]


def test_plain_git_and_age_read_the_psychotherapy_notes(tmp_path: Path) -> None:
    known = drawers.make(tmp_path / "made", clients=2, each=3)
    run = {"check": True, "capture_output": True}
    signers = f"gpg.ssh.allowedSignersFile={known.repository}/allowed_signers"
    git = ["git", "-C", str(known.repository), "-c", signers]
    subprocess.run([*git, "fsck", "--strict"], **run)
    subprocess.run([*git, "verify-commit", "HEAD", "HEAD~1", "HEAD~4"], **run)
    assert subprocess.run([*git, "status", "--porcelain"], **run).stdout == b""

    def age(identity: Path, sealed: Path, to: Path) -> Path:
        to.write_bytes(subprocess.run(["age", "-d", "-i", identity, sealed], **run).stdout)
        return to

    epoch = age(known.keys / drawers.IDENTITY, known.epoch, tmp_path / "epoch.txt")
    for place in known.repository.glob("*/identity.age"):
        identity = age(epoch, place, tmp_path / "drawer.txt")
        for file in place.parent.glob("*.age"):
            archive = age(identity, file, tmp_path / "archive") if file != place else None
            if archive:
                said = subprocess.run(["tar", "-xOf", archive, "note.md"], **run).stdout
                assert len(said.split()) > drawers.WORDS


def test_a_difference_says_how_to_make_one_text_from_another() -> None:
    base, data = b"a" * 70_000 + b"tail", b"a" * 70_000 + b"x" * 300 + b"tail"
    assert _apply(base, difference(base, data)) == data
    assert _apply(data, difference(data, base)) == base
    assert _apply(b"", difference(b"", b"new")) == b"new"


def _seed(name: str) -> bytes:
    import hashlib

    return hashlib.sha256(f"1 {name}".encode()).digest()


def _apply(base: bytes, delta: bytes) -> bytes:
    """Git's rule for differences, written from its page."""
    at = 0

    def number() -> int:
        nonlocal at
        value = shift = 0
        while True:
            byte = delta[at]
            at += 1
            value |= (byte & 0x7F) << shift
            shift += 7
            if byte < 0x80:
                return value

    assert number() == len(base)
    size, out = number(), b""
    while at < len(delta):
        op = delta[at]
        at += 1
        if op < 0x80:
            out += delta[at : at + op]
            at += op
            continue
        values = [0, 0]
        for bit in range(7):
            if op >> bit & 1:
                values[bit > 3] |= delta[at] << 8 * (bit if bit < 4 else bit - 4)
                at += 1
        out += base[values[0] : values[0] + values[1]]
    assert len(out) == size
    return out
