"""What git's hooks call in the psychotherapy repository."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from vaultcli.cli.record.hook import answer, hook
from vaultcli.cli.ui import clock
from vaultcli.ground import errors


@hook("sealed-reference-transaction")
def reference_transaction(where: Path, words: tuple[str, ...]) -> int:
    """Judge the refs that git is about to move."""
    if words[:1] != ("prepared",):
        return errors.OK
    from vaultcli.psychotherapy.repository import hook_checks

    return answer(hook_checks.transaction(where.resolve(), sys.stdin.read(), _now(), os.environ))


@hook("sealed-pre-receive")
def pre_receive(where: Path, words: tuple[str, ...]) -> int:
    """Judge a push that has arrived."""
    from vaultcli.psychotherapy.repository import hook_checks

    return answer(hook_checks.received(where.resolve(), sys.stdin.read(), _now(), os.environ))


@hook("sealed-pre-commit")
def pre_commit(where: Path, words: tuple[str, ...]) -> int:
    """Look at what is staged."""
    from vaultcli.psychotherapy.repository import hook_checks

    directory = where.resolve()
    index = os.environ.get("GIT_INDEX_FILE", "")
    return answer(hook_checks.staged(directory, Path(index).absolute() if index else directory / "index"))


def _now() -> int:
    return int(clock.now().timestamp())
