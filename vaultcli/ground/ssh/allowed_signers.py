"""`allowed_signers`: the list of keys that a stranger's `ssh-keygen -Y verify` and `git verify-commit` judge by.

OpenSSH reads this file generously: wildcards, several names a line, comments, lines without namespaces, a second line
that allows what the first one forbids. We write one canonical form and read nothing else, so that what a person sees in
the file is what the tools do with it. The form is in `docs/spec/signature.md`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from vaultcli.ground.errors import BadInput
from vaultcli.ground.patterns import pattern
from vaultcli.ground.ssh.sshsig import BadSignature, PublicKey

_PRINCIPAL = pattern(r"[A-Za-z0-9][A-Za-z0-9._@+-]{0,199}")
_NAMESPACE = pattern(r"git|\*@vaultcli\.v1|[a-z][a-z-]{0,63}@vaultcli\.v1")
_LINE = pattern(
    r'(?P<principal>[^ ]+) namespaces="(?P<namespaces>[^" ]+)"'
    r'(?:,valid-after="(?P<after>[^" ]+)")?(?:,valid-before="(?P<before>[^" ]+)")?'
    r" (?P<key>[^ ]+ [^ ]+)"
)
_TIME = pattern(r"(\d{4})(\d{2})(\d{2})(\d{2})(\d{2})(\d{2})Z", re.ASCII)


@dataclass(frozen=True)
class AllowedSigner:
    """One line: this key speaks for this principal, in these namespaces, between these times.

    Args:
        principal: a name without spaces and wildcards.
        namespaces: `git`, `note@vaultcli.v1` and the like, or `*@vaultcli.v1`; at least one, in the order of the file.
        key: the public key.
        valid_after: the first second that counts, as `20260101000000Z` (UTC); None for no limit.
        valid_before: the last second that counts, in the same form; None for no limit.
    """

    principal: str
    namespaces: tuple[str, ...]
    key: PublicKey
    valid_after: str | None = None
    valid_before: str | None = None

    @property
    def line(self) -> str:
        """The canonical line, without its line end."""
        options = [f'namespaces="{",".join(self.namespaces)}"']
        if self.valid_after is not None:
            options.append(f'valid-after="{self.valid_after}"')
        if self.valid_before is not None:
            options.append(f'valid-before="{self.valid_before}"')
        return f"{self.principal} {','.join(options)} {self.key.line}"


def render(signers: Sequence[AllowedSigner]) -> str:
    """The file, lines in the order given: lines are only ever added, so that a comparison shows what was added.

    Raises:
        BadInput: a signer that `parse` would not read back.
    """
    text = "".join(f"{signer.line}\n" for signer in signers)
    if parse(text) != list(signers):
        raise BadInput("a signer cannot be written as one line of allowed_signers")
    return text


def parse(text: str) -> list[AllowedSigner]:
    """The signers of a file that `render` could have written; the empty text has none.

    Raises:
        BadInput: anything else, with its line: a comment, a wildcard in a name, a key that has a line already.
    """
    if text and not text.endswith("\n"):
        raise BadInput("allowed_signers: the last line has no line end")
    signers: list[AllowedSigner] = []
    first: dict[PublicKey, int] = {}
    for number, line in enumerate(text.split("\n")[:-1], start=1):
        signer = _signer(line, f"allowed_signers:{number}")
        if signer.key in first:
            raise BadInput(f"allowed_signers:{number}: the key has a line already, line {first[signer.key]}")
        first[signer.key] = number
        signers.append(signer)
    return signers


def _signer(line: str, where: str) -> AllowedSigner:
    match = _LINE.fullmatch(line)
    if match is None:
        raise BadInput(f"{where}: not a line in canonical form", hint='PRINCIPAL namespaces="..." TYPE KEY')
    if not _PRINCIPAL.fullmatch(match["principal"]):
        raise BadInput(f"{where}: a principal is one name of letters, digits and . _ @ + -, without wildcards")
    namespaces = tuple(match["namespaces"].split(","))
    _check_namespaces(namespaces, where)
    _check_times(match["after"], match["before"], where)
    return AllowedSigner(match["principal"], namespaces, _key(match["key"], where), match["after"], match["before"])


def _check_namespaces(namespaces: tuple[str, ...], where: str) -> None:
    if not all(_NAMESPACE.fullmatch(namespace) for namespace in namespaces):
        raise BadInput(f"{where}: a namespace is git, *@vaultcli.v1 or NAME@vaultcli.v1")
    if len(set(namespaces)) != len(namespaces):
        raise BadInput(f"{where}: a namespace stands twice")


def _check_times(after: str | None, before: str | None, where: str) -> None:
    for text in filter(None, (after, before)):
        if not _is_time(text):
            raise BadInput(f"{where}: a time is YYYYMMDDHHMMSSZ, in UTC")
    if after and before and before <= after:
        raise BadInput(f"{where}: valid-before is not later than valid-after")


def _is_time(text: str) -> bool:
    """A second that exists, after 1970 and before 2100: OpenSSH counts with signed seconds and ignores overflow."""
    from datetime import UTC, datetime

    match = _TIME.fullmatch(text)
    if match is None:
        return False
    year, month, day, hour, minute, second = map(int, match.groups())
    try:
        datetime(year, month, day, hour, minute, second, tzinfo=UTC)
    except ValueError:
        return False
    return 1970 < year < 2100


def _key(text: str, where: str) -> PublicKey:
    try:
        return PublicKey.parse(text)
    except BadSignature as error:
        raise BadInput(f"{where}: {error}") from None
