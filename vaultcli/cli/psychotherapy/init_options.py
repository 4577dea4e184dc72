"""What `vaultcli psychotherapy init` and `init --adopt` read from the same options: places, the identity, who writes."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from vaultcli.cli.door import Options


def place(path: Path) -> Path:
    """A path as the user named it, absolute, links left as they are."""
    return Path(os.path.abspath(path.expanduser()))  # noqa: PTH100 - resolve() would follow links that may change


def placed(path: Path | None) -> Path | None:
    """The same for an option that may be left out."""
    return None if path is None else place(path)


def identity(word: str | None) -> str:
    """The identity that an option names, its path absolute; a passphrase where there is none.

    Raises:
        click.UsageError: neither an SSH key nor a plugin's identity file.
    """
    kind, colon, path = (word or "").partition(":")
    if not word:
        return "clinician.age"
    if kind not in ("ssh", "plugin") or not path:
        raise click.UsageError("--identity is ssh:PATH or plugin:PATH")
    return f"{kind}{colon}{place(Path(path))}"


def originator(options: Options, given: dict[str, Any]) -> str:
    """How sealed files name who wrote them: the person whose machine it is, with credentials, as the chart has it."""
    if given["by"]:
        return str(given["by"]).strip()
    from vaultcli.cli.open_chart import open_chart

    with open_chart(options) as chart:
        person = chart.policy.practice.person(chart.vault.principal)
    if person is None:
        raise click.UsageError("the chart does not know you yet: --by TEXT")
    return ", ".join(filter(None, (person.name, person.credentials)))
