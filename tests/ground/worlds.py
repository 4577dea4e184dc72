"""What the tests of the ground share: a repository, a signer, a recorder."""

from __future__ import annotations

import datetime as dt
import subprocess
from collections.abc import Callable, Mapping
from pathlib import Path

from vaultcli.ground.git.plumbing import Ident
from vaultcli.ground.repository.repository import Layout, Repository

LEE = Ident("Lee Ng", "lee@clinic.test")
NOON = dt.datetime(2026, 3, 2, 12, 0, tzinfo=dt.timezone(dt.timedelta(hours=1)))
LINE = "client/aaaaaaaaaaaaaaaa"
PRACTICE = "practice"


def _place(branch: str) -> str | None:
    kind, _, name = branch.partition("/")
    return {"client": f"clients/{name}", "group": f"groups/{name}"}.get(kind)


LAYOUT = Layout(PRACTICE, _place, frozenset({"clients", "groups"}))


def dummy(payload: bytes) -> str:
    """A signature-shaped text that signs nothing."""
    return f"-----BEGIN SSH SIGNATURE-----\n{len(payload):08d}\n-----END SSH SIGNATURE-----\n"


def signer(folder: Path) -> tuple[Callable[[bytes], str], Path]:
    """A real key: the function that signs with it, and an allowed_signers file that names it."""
    key = folder / "key"
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "", "-f", key], check=True)
    allowed = folder / "allowed_signers"
    allowed.write_text(f"{LEE.email} {(folder / 'key.pub').read_text()}")

    def sign(payload: bytes) -> str:
        command = ["ssh-keygen", "-q", "-Y", "sign", "-n", "git", "-f", key]
        return subprocess.run(command, input=payload, check=True, capture_output=True).stdout.decode()

    return sign, allowed


def save(
    repo: Repository,
    changes: Mapping[str, bytes | None],
    *,
    line: str = LINE,
    sign: Callable[[bytes], str] = dummy,
    seen: Mapping[str, str | None] | None = None,
    message: str = "note recorded",
) -> str:
    """Record at the line's head."""
    return repo.record(
        line, changes, message=message, ident=LEE, when=NOON, sign=sign, expecting=repo.head(line), seen=seen
    )


def plain(folder: Path, *args: str, check: bool = True) -> str:
    """What the user's own git says."""
    done = subprocess.run(["git", "-C", folder, *args], check=check, capture_output=True, text=True)
    return done.stdout


def note(repo: Repository, path: str = "notes/a.md", line: str = LINE) -> Path:
    """Where a file of a line is on disk."""
    return repo.folder(line) / path


def whole(repo: Repository) -> None:
    """Nothing that git knows of is wrong."""
    assert repo.git.fsck() == []
