"""Plays the story of the frozen world with the real commands of vaultcli 0.1.0, packs what came of it, and judges it.

    python make.py ROOT OUT

ROOT is a folder that does not exist yet; the paths in the world begin with it (those of the kept world with /srv/frozen).
OUT gets `frozen-0.1.0.tar.xz` and `expected.json`. The Python that runs this has the 0.1.0 wheel installed; git,
ssh-keygen, age and libfaketime are on the machine.

`stage.py` has the machines and their clocks, `story.py` what happens. Every command is a process of its own with the HOME
of its machine. A machine's clock is the true time of the story plus its own error. libfaketime gives it to the process, so
that signed blocks say `clock: system`; to a machine whose clock is `set`, VAULTCLI_CLOCK does, so that they say
`clock: set`. Nothing but the program writes the record, but for one commit with plain git, which is part of the story.

Keys and ids are random: no two runs give the same bytes. So the packed world is kept, and this shows how it came about.
"""

from __future__ import annotations

import hashlib
import io
import json
import lzma
import re
import stat
import subprocess
import sys
import tarfile
from collections.abc import Iterable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

from stage import SECRETS, VAULTCLI, Machine
from story import Story

VERSION = "0.1.0"
NAME = f"frozen-{VERSION}"
ZONE = "America/New_York"
LOOKED_AT = "2026-11-23T15:00:00-05:00"
"""The clock of every judgment in `expected.json`: after the story's end."""
TOUCHED = int(datetime.fromisoformat("2026-11-17T12:00:00-05:00").timestamp())
"""The time of every file in the archive."""


# packing


def members(root: Path) -> Iterator[Path]:
    """Everything in the world, in one order for ever: equal files of different copies lie together and pack well."""
    there = [path for path in root.rglob("*") if stat.S_ISDIR(path.lstat().st_mode) or stat.S_ISREG(path.lstat().st_mode)]
    folders = sorted(path for path in there if path.is_dir())
    rest = sorted(set(there) - set(folders), key=lambda path: (path.name, path.stat().st_size, str(path)))
    yield from (*folders, *rest)


def pack(root: Path, archive: Path) -> None:
    """The world as one archive; owners and times say nothing, modes stay."""
    raw = io.BytesIO()
    with tarfile.open(fileobj=raw, mode="w", format=tarfile.USTAR_FORMAT) as tar:
        for path in members(root):
            info = tar.gettarinfo(path, f"{NAME}/{path.relative_to(root)}")
            info.uid = info.gid = 0
            info.uname = info.gname = ""
            info.mtime = TOUCHED
            with path.open("rb") if info.isreg() else io.BytesIO() as data:
                tar.addfile(info, data if info.isreg() else None)
    chain = [{"id": lzma.FILTER_LZMA2, "preset": 9 | lzma.PRESET_EXTREME, "dict_size": 1 << 26, "nice_len": 273}]
    archive.write_bytes(lzma.compress(raw.getvalue(), format=lzma.FORMAT_XZ, check=lzma.CHECK_CRC64, filters=chain))


# judging


class Judge:
    """What 0.1.0 says of the world, at one clock."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.store: dict[str, dict[str, Any]] = {"notes": {}, "rows": {}, "signed": {}}

    def say(self, machine: Machine, *args: str | Path) -> tuple[int, str]:
        """Exit code and standard output of a command on that machine."""
        env = {**machine.env(), "VAULTCLI_TESTING": "1", "VAULTCLI_CLOCK": LOOKED_AT, "TZ": ZONE}
        env = {name: value for name, value in env.items() if "FAKE" not in name and name != "LD_PRELOAD"}
        words = [str(VAULTCLI), *map(str, args)]
        done = subprocess.run(words, env=env, cwd=machine.root, capture_output=True, timeout=300, check=False)
        return done.returncode, done.stdout.decode("utf-8", "backslashreplace")

    def json(self, machine: Machine, *args: str | Path) -> tuple[int, Any]:
        """Exit code and the JSON that a command prints, the world's folder in it written ROOT."""
        code, said = self.say(machine, *args, "--json")
        return code, json.loads(said.replace(str(self.root), "ROOT")) if said.strip() else None

    def vault(self, machine: Machine) -> dict[str, Any]:
        """One machine's vault: verdict, register, lists, exports, signed files."""
        code, verdict = self.json(machine, "verify", "--cold", "--chart")
        _, status = self.json(machine, "status")
        row: dict[str, Any] = {
            "verify": {"exit": code, "json": verdict},
            "diverged": [one["branch"] for vault in status["vaults"] for one in vault["diverged"]],
            "drafts": [one["path"] for vault in status["vaults"] for one in vault["drafts"]],
            "clients": {},
            "signed": self.signed(machine),
        }
        _, register = self.json(machine, "client", "list", "--closed")
        for client in register:
            handle = client["handle"]
            _, listed = self.json(machine, "list", handle)
            exported, text = self.say(machine, "export", handle, "--jsonl", "--stdout")
            row["clients"][handle] = {
                "entry": client,
                "list": self.kept("notes", listed["notes"]),
                "export": {
                    "exit": exported,
                    "sha256": digest(text.encode()),
                    "rows": self.kept("rows", map(json.loads, text.splitlines())),
                },
            }
        if (machine.root / "psychotherapy.toml").is_file():
            code, verdict = self.json(machine, "psychotherapy", "verify")
            row["psychotherapy"] = {"exit": code, "json": verdict}
        return row

    def kept(self, kind: str, values: Iterable[Any]) -> list[str]:
        """Names of values, each of which is kept once, as most machines say the same."""
        names = []
        for value in values:
            name = digest(json.dumps(value, sort_keys=True).encode())[:16]
            self.store[kind][name] = value
            names.append(name)
        return names

    def signed(self, machine: Machine) -> dict[str, str]:
        """Each signed file in the working folders and its SHA-256; what ssh-keygen has to be told of it is kept once."""
        found = {}
        for signature in sorted(machine.chart.glob("clients/*/*/*.md.sig")):
            file = signature.with_suffix("")
            raw = file.read_bytes()
            block = raw.decode().replace("\r\n", "\n").partition("\nsigned:\n")[2]
            said = dict(re.findall(r"^  ([a-z]+): (.*)$", block.partition("\n---\n")[0], re.MULTILINE))
            found[str(file.relative_to(machine.chart))] = digest(raw)
            self.store["signed"][digest(raw)] = {
                "sig": digest(signature.read_bytes()), "by": said["by"], "kind": said["kind"], "time": said["time"],
                "number": int(said["number"]), "key": _fingerprint(signature),
            }  # fmt: skip
        return found


def _fingerprint(signature: Path) -> str:
    """The key that made a signature, from its own bytes."""
    import base64

    raw = base64.b64decode("".join(signature.read_text().splitlines()[1:-1]))
    size = int.from_bytes(raw[10:14])
    return "SHA256:" + base64.b64encode(hashlib.sha256(raw[14 : 14 + size]).digest()).decode().rstrip("=")


def digest(raw: bytes) -> str:
    """As `sha256sum` prints it."""
    return hashlib.sha256(raw).hexdigest()


def expected(story: Story) -> dict[str, Any]:
    """Everything that a later version is compared with."""
    root, judge = story.stage.root, Judge(story.stage.root)
    told: dict[str, Any] = {
        "made-by": f"vaultcli {VERSION}",
        "clock": LOOKED_AT,
        "zone": ZONE,
        "root": str(root),
        "secrets": SECRETS,
        "ids": story.ids,
        "genesis": story.genesis,
        "vaults": {one.name: judge.vault(one) for one in story.machines},
        "files": {
            str(path.relative_to(root)): digest(path.read_bytes())
            for top in ("exports", "backups", "sealed-lines", "papers", "paper", "secrets")
            for path in sorted((root / top).rglob("*"))
            if path.is_file()
        },
    }
    told["genesis-psychotherapy"] = told["vaults"]["office"]["psychotherapy"]["json"]["genesis"]
    told["bundles"] = {}
    for bundle in sorted((root / "exports").glob("*.bundle")):
        code, verdict = judge.json(story.office, "verify", "--bundle", bundle, "--genesis", story.genesis)
        told["bundles"][str(bundle.relative_to(root))] = {"exit": code, "json": verdict}
    told["backups"] = {}
    for kind, more in (("open", ()), ("sealed", ("--identity", root / "paper" / "backup-identity.txt"))):
        code, said = judge.json(story.office, "restore", root / "backups" / kind, "--genesis", story.genesis, *more, "--try")
        told["backups"][kind] = {"exit": code, "json": said}
    return told | judge.store


def main(root: Path, out: Path) -> None:
    """Play, pack, judge."""
    story = Story(root)
    try:
        story.play()
    finally:
        (root / "story.txt").write_text("".join(story.stage.told), encoding="utf-8")
    pack(root, out / f"{NAME}.tar.xz")
    text = json.dumps(expected(story), indent=1, ensure_ascii=False, sort_keys=True)
    (out / "expected.json").write_text(f"{text}\n", encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]).absolute(), Path(sys.argv[2]).absolute())
