"""A plain-text notes vault for clinicians, with git-backed, signed history.

    from vaultcli import Vault

    with Vault.open() as vault:
        for note in vault.notes("ada", since="2026-11-01"):
            print(note.date, note.state)

`docs/api.md` describes the public interface: what stands in `__all__` here, and nothing else. Importing the package
imports none of it; each name brings its module along when it is first used.
"""

TYPE_CHECKING = False  # the name that type checkers take for true; `typing` itself is not imported for it
if TYPE_CHECKING:
    from vaultcli.api.note import Addition, Match, Note, Passage, Signature
    from vaultcli.api.vault import Saved, Vault
    from vaultcli.ground.errors import (
        BadInput,
        Conflict,
        DiskTrouble,
        GitTrouble,
        KeyTrouble,
        NotFound,
        NotVerified,
        Refused,
        Unpinned,
        VaultError,
    )
    from vaultcli.ground.markdown import Section
    from vaultcli.ground.version import __version__
    from vaultcli.record.notes.attachment import Attachment
    from vaultcli.record.notes.client import Client
    from vaultcli.verify.note import NoteVerdict
    from vaultcli.verify.verdict import Verdict

_ROOMS = {
    "api.note": ("Addition", "Match", "Note", "Passage", "Signature"),
    "api.vault": ("Saved", "Vault"),
    "ground.errors": (
        "BadInput", "Conflict", "DiskTrouble", "GitTrouble", "KeyTrouble", "NotFound", "NotVerified", "Refused", "Unpinned",
        "VaultError",
    ),
    "ground.markdown": ("Section",),
    "ground.version": ("__version__",),
    "record.notes.attachment": ("Attachment",),
    "record.notes.client": ("Client",),
    "verify.note": ("NoteVerdict",),
    "verify.verdict": ("Verdict",),
}  # fmt: skip
_WHERE = {name: f"vaultcli.{room}" for room, names in _ROOMS.items() for name in names}

__all__ = [
    "Addition",
    "Attachment",
    "BadInput",
    "Client",
    "Conflict",
    "DiskTrouble",
    "GitTrouble",
    "KeyTrouble",
    "Match",
    "NotFound",
    "NotVerified",
    "Note",
    "NoteVerdict",
    "Passage",
    "Refused",
    "Saved",
    "Section",
    "Signature",
    "Unpinned",
    "Vault",
    "VaultError",
    "Verdict",
    "__version__",
]


def __getattr__(name: str) -> object:
    if name not in _WHERE:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    found: object = getattr(import_module(_WHERE[name]), name)
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    return sorted(__all__)
