"""How git is called: one prefix, one environment, and what its failures mean.

The repository is treated as foreign on every call: what its configuration, attributes, hooks, replace refs or grafts
ask for is switched off by `PREFIX` and `environment`. `docs/spec/repository.md` lists what each setting stands against.
"""

from __future__ import annotations

import contextlib
import functools
import os
import re
from collections.abc import Mapping

from vaultcli.ground.errors import Conflict, DiskTrouble, GitTrouble

OLDEST = (2, 34)
"""The first git that signs and verifies with SSH keys."""

SETTINGS: Mapping[str, str] = {
    "core.fsmonitor": "false",
    "core.hooksPath": "/dev/null",
    "core.attributesFile": "/dev/null",
    "core.excludesFile": "/dev/null",
    "core.pager": "cat",
    "core.editor": "false",
    "core.sshCommand": "ssh",
    "core.askPass": "",
    "core.gitProxy": "",
    "core.commitGraph": "false",
    "core.multiPackIndex": "false",
    "core.autocrlf": "false",
    "core.bigFileThreshold": "1m",
    "core.safecrlf": "false",
    "core.untrackedCache": "false",
    "core.sparseCheckout": "false",
    "core.splitIndex": "false",
    "core.logAllRefUpdates": "true",
    "core.fsync": "all",
    "core.fsyncMethod": "fsync",
    "core.abbrev": "no",
    "credential.helper": "",
    "commit.gpgSign": "false",
    "gpg.format": "ssh",
    "gpg.program": "false",
    "gpg.ssh.program": "ssh-keygen",
    "gpg.ssh.allowedSignersFile": "/dev/null",
    "gpg.ssh.defaultKeyCommand": "",
    "log.mailmap": "false",
    "log.showSignature": "false",
    "protocol.allow": "never",
    "protocol.ext.allow": "never",
    "transfer.fsckObjects": "true",
    "gc.auto": "0",
    "maintenance.auto": "false",
    "fetch.recurseSubmodules": "false",
    "fetch.writeCommitGraph": "false",
    "push.recurseSubmodules": "no",
    "push.gpgSign": "false",
    "pack.writeReverseIndex": "false",
}
"""Settings that win over whatever a repository says of itself."""

PREFIX: tuple[str, ...] = (
    "git",
    "--no-replace-objects",
    "--literal-pathspecs",
    "--no-pager",
    *(word for name, value in SETTINGS.items() for word in ("-c", f"{name}={value}")),
)

TRANSPORTS: tuple[str, ...] = (
    "-c",
    "protocol.file.allow=always",
    "-c",
    "protocol.ssh.allow=always",
    "-c",
    "protocol.https.allow=always",
)
"""What fetch and push may use; `ext::` and the unauthenticated transports stay off."""

_DISK = {
    "No space left on device": "the disk is full",
    "Disk quota exceeded": "the disk quota is used up",
    "Input/output error": "the disk failed",
    "Read-only file system": "the disk is read-only",
    "Too many open files": "too many open files",
    "Permission denied": "not permitted",
}


def environment(extra: Mapping[str, str] | None = None) -> dict[str, str]:
    """Our process environment without anything that steers git, plus what keeps git quiet, local and deterministic."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    kept.update(
        GIT_CONFIG_NOSYSTEM="1",
        GIT_CONFIG_GLOBAL="/dev/null",
        GIT_ATTR_NOSYSTEM="1",
        GIT_NO_REPLACE_OBJECTS="1",
        GIT_NO_LAZY_FETCH="1",
        GIT_GRAFT_FILE="/dev/null",
        GIT_SHALLOW_FILE="",
        GIT_OPTIONAL_LOCKS="0",
        GIT_TERMINAL_PROMPT="0",
        GIT_COMMITTER_NAME="vaultcli",
        GIT_COMMITTER_EMAIL="vaultcli@localhost",
        LC_ALL="C",
        LANGUAGE="",
    )
    kept.update(extra or {})
    return kept


@functools.cache
def version() -> tuple[int, ...]:
    """The version of the git on the path, as numbers.

    Raises:
        GitTrouble: git is missing, or older than `OLDEST`.
    """
    import shutil
    import subprocess

    hint = f"install git {'.'.join(map(str, OLDEST))} or newer"
    if shutil.which("git") is None:
        raise GitTrouble("git is not installed", hint=hint)
    said = subprocess.run(["git", "--version"], capture_output=True, text=True, check=False, env=environment()).stdout
    match = re.search(r"(\d+)\.(\d+)(?:\.(\d+))?", said)
    numbers = tuple(int(part) for part in match.groups() if part) if match else ()
    if numbers < OLDEST:
        raise GitTrouble(f"git is too old: {said.strip() or 'no version'}", hint=hint)
    return numbers


def failure(command: str, code: int, err: bytes) -> GitTrouble | DiskTrouble | Conflict:
    """The error that a failed git command means, from what it said."""
    said = err.decode("utf-8", "replace").strip()
    for phrase, words in _DISK.items():
        if phrase in said:
            return DiskTrouble(f"git {command} failed: {words}")
    if ".lock': File exists" in said:
        lock = re.search(r"'([^'\n]+\.lock)': File exists", said)
        hint = f"if no other git is running, delete {lock.group(1)}" if lock else ""
        return Conflict("another git is at work in this repository", hint=hint)
    if command == "update-ref" and ("but expected" in said or "reference already exists" in said or "unable to resolve" in said):
        return Conflict("the line has moved since it was read")
    with contextlib.suppress(ValueError):
        if code < 0:
            return GitTrouble(f"git {command} was ended by signal {-code}")
    last = next((line for line in reversed(said.splitlines()) if not line.startswith("hint:")), "")
    version()
    return GitTrouble(f"git {command} failed: {last.removeprefix('fatal: ').removeprefix('error: ') or f'exit code {code}'}")
