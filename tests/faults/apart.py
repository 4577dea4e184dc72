"""What must hold of the psychotherapy notes after a fault in a command that works on them; asked by `commands.py`."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Mapping
from pathlib import Path

from tests.faults.preloaded import Preloaded
from tests.faults.shim import Outcome

ADA, BO = "Ada and the river", "Bo and the bridge"
WORDS = "She spoke of the lighthouse"
TEXTS = "texts"
"""Exists where two clients have a text each from the beginning."""
_CLEAR = (ADA, BO, WORDS)


def untrue(python: Preloaded, world: Path, env: Mapping[str, str], outcome: Outcome) -> list[str]:
    """What a command said that it sealed, and does not open."""
    wrong = [f"a traceback: {outcome.err.strip()}"] if "Traceback" in outcome.err or outcome.code == 70 else []
    for id_ in re.findall(r"^sealed \S+ (\S{16})", outcome.out, re.MULTILINE):
        code, out, err = python.run(("psychotherapy", "show", id_), cwd=world / "vault", env=env, stdin="")
        if code or WORDS not in out:
            wrong.append(f"said to be sealed, and does not open: exit code {code}: {err.strip()}")
    return wrong


def sound(python: Preloaded, world: Path, env: Mapping[str, str]) -> list[str]:
    """Whether all verifies opened, what was there before opens, and nothing lies anywhere in the clear."""
    if not (world / "vault/psychotherapy.toml").exists():
        return []
    code, out, err = python.run(("psychotherapy", "verify", "--unlocked"), cwd=world / "vault", env=env, stdin="")
    wrong = [f"verify: exit code {code}: {out.strip()} {err.strip()}"] if code else []
    if _has_texts(world):
        code, out, _ = python.run(("psychotherapy", "show", "bo"), cwd=world / "vault", env=env, stdin="")
        wrong += [] if BO in out else [f"what was there before does not open: exit code {code}"]
    return wrong + [f"in the clear: {path}" for path in _in_the_clear(world)]


def taken_in(world: Path) -> list[str]:
    """Whether the text of stock age was taken in once, and its file is gone."""
    wrong = ["the taken file stays"] if list(world.rglob("today.age")) else []
    rows = [line for line in _texts(world) if WORDS in line]
    return wrong if len(rows) == 1 else [*wrong, f"it was taken in {len(rows)} times"]


def handed(world: Path) -> list[str]:
    """Whether the hand-over file is whole: whoever has the key opens it."""
    from vaultcli.ground.age import seal as age
    from vaultcli.ground.errors import VaultError

    try:
        age.open_((world / "share.age").read_bytes(), [age.ssh_identity((world / "id2").read_bytes())])
    except (VaultError, OSError) as error:
        return [f"the hand-over file does not open: {error}"]
    # what a kill leaves beside it is sealed to the same person, and goes when something is written there after a minute
    return []


def destroyed(world: Path) -> list[str]:
    """Whether nothing that is left opens the destroyed notes, and a signed certificate stands."""
    from tests.psychotherapy import handing
    from vaultcli.ground.age import seal as age
    from vaultcli.psychotherapy.keys import recovery_page

    page = recovery_page.read(world / "paper/new.html")
    raws = [raw for raw in handing.blobs(_repository(world)) if raw.startswith(b"age-")]
    raws += [path.read_bytes() for top in ("sealed-keys", "stick", "home") for path in (world / top).rglob("*.age")]
    identities = [age.ssh_identity((world / "id").read_bytes()), *handing.secrets_in(page.identity.encode())]
    found = handing.opened([*raws, page.sealed], identities)
    wrong = ["destroyed notes still open"] if handing.tells(found, ADA) else []
    wrong += [] if handing.tells(found, BO) else ["the other client's notes do not open"]
    return wrong if (world / "paper/c.toml.sig").is_file() else [*wrong, "there is no certificate"]


def _repository(world: Path) -> Path:
    found = re.search(r'^repository = "(.*)"$', (world / "vault/psychotherapy.toml").read_text(), re.MULTILINE)
    return (world / "vault" / found[1]).resolve() if found else world


def _texts(world: Path) -> list[str]:
    """Every note's text, as this machine's keys open it."""
    from vaultcli.places.sealed import settings
    from vaultcli.places.sealed.store import Store
    from vaultcli.psychotherapy.notes import files as notes
    from vaultcli.psychotherapy.unlock.keys import Keys

    with Store(settings.load(world / "vault")) as store:
        keys = Keys.unlock(store, lambda _: "")
        drawers = [one for one in keys.drawers().values() if one.kind == "client"]
        return [
            notes.read(store, keys, known, at).contents.text.decode() for known in drawers for at in store.files(known.token)
        ]


def _has_texts(world: Path) -> bool:
    return (world / TEXTS).exists()


def _in_the_clear(world: Path) -> list[str]:
    """Files and objects that hold a note's words."""
    raws = [word.encode() for word in _CLEAR]
    found = []
    for path in world.rglob("*"):
        # what the editor is told to type stands in a script of the sweep's own
        if path.is_file() and not path.is_symlink() and path.name not in ("typing", "typed"):
            raw = path.read_bytes()
            found += [str(path.relative_to(world))] if any(word in raw for word in raws) else []
    command = ["git", "cat-file", "--batch-all-objects", "--batch", "--unordered"]
    said = subprocess.run(command, cwd=_repository(world), capture_output=True, check=False).stdout
    return [*found, "an object"] if any(word in said for word in raws) else found
