"""Which working files of a chart's line are final: on disk they may not say anything else than in the record."""

from __future__ import annotations

from collections.abc import Mapping

from vaultcli.record.history.line import Line
from vaultcli.record.notes import attachment
from vaultcli.record.practice import keyring
from vaultcli.record.rules.policy import PINNED


def signed_paths(line: Line) -> set[str]:
    """The files of a client's line whose bytes are final: signed, attested or withdrawn, attached, and every signature."""
    final = {*line.signed, *line.frozen}
    fixed = {path for path in line.files if path in final or path.endswith(".sig") or attachment.id_of(path)}
    return fixed | {".gitattributes"} & line.files.keys()


def policy_paths(recorded: Mapping[str, str]) -> set[str]:
    """The files of the practice line that strangers verify with."""
    return {keyring.PATH, keyring.ALLOWED_PATH, *PINNED} & recorded.keys()
