"""What a repository's own configuration may say.

git reads `.git/config` on every call, and several dozen keys in it run programs or change what git believes. `PREFIX`
in `command.py` switches off those that we know; this list refuses the rest, because a repository that carries them was
not made by us and whoever uses plain git in it would run them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from vaultcli.ground import files
from vaultcli.ground.errors import GitTrouble, VaultError
from vaultcli.ground.patterns import pattern

OURS: dict[str, str] = {
    "core.repositoryFormatVersion": "1",
    "extensions.preciousObjects": "true",
    "core.fsync": "all",
    "core.fsyncMethod": "fsync",
    "core.logAllRefUpdates": "true",
    "core.autocrlf": "false",
    "core.fileMode": "true",
    "core.sharedRepository": "0600",
    "gc.auto": "0",
    "gc.packRefs": "false",
    "maintenance.auto": "false",
    "receive.denyNonFastForwards": "true",
    "receive.denyDeletes": "true",
    "receive.denyCurrentBranch": "refuse",
    "receive.fsckObjects": "true",
    "transfer.fsckObjects": "true",
    "fetch.fsckObjects": "true",
}
"""What a new repository is configured with: durable, its owner's alone, never pruned by itself, nothing rewritten by a push."""

_HARMLESS = pattern(
    r"core\.(repositoryformatversion|filemode|bare|logallrefupdates|ignorecase|precomposeunicode|symlinks|fsync|fsyncmethod|autocrlf|eol"
    r"|abbrev|quotepath|compression|hidedotfiles|hookspath|sharedrepository)"
    r"|extensions\.(objectformat|preciousobjects)"
    r"|(user|author|committer)\.(name|email|signingkey|useconfigonly)|(commit|tag)\.gpgsign"
    r"|gpg\.format|gpg\.ssh\.allowedsignersfile"
    r"|gc\.(auto|packrefs|autodetach)|maintenance\.auto"
    r"|receive\.(denynonfastforwards|denydeletes|denycurrentbranch|fsckobjects)|(transfer|fetch)\.fsckobjects"
    r"|remote\..+\.(url|pushurl|fetch|tagopt|prune)|branch\..+\.(remote|merge|rebase|description)|remote\.pushdefault"
    r"|(color|column|advice|init|pull|push|rerere|status|log)\.[a-z.]+"
    r"|vaultcli\..+"
)
_DANGEROUS = pattern(
    r"include\..*|includeif\..*|alias\..*|pager\..*|filter\..*|merge\..*|mergetool\..*|difftool\..*|diff\..*|textconv\..*|tar\..*"
    r"|credential.*|url\..*|protocol\..*|fsck\..*|.*\.fsck\..*|mailmap\..*|browser\..*|man\..*|web\..*|trailer\..*|submodule\..*"
    r"|sequence\..*|interactive\..*|uploadpack\..*|uploadarchive\..*|instaweb\..*|sendemail\..*|http\..*|ssh\..*|bundle\..*"
    r"|extensions\..*|gpg\..*|safe\..*|hook\..*|trace2\..*|guitool\..*|gui\..*"
    r"|core\.(fsmonitor|pager|editor|sshcommand|askpass|gitproxy|alternaterefscommand|worktree|attributesfile|excludesfile"
    r"|notesref|commitgraph|multipackindex|sparsecheckout|splitindex|untrackedcache|protect.*|usereplacerefs)"
    r"|remote\..+\.(uploadpack|receivepack|vcs|proxy|promisor|partialclonefilter|mirror)|log\.(mailmap|showsignature)"
    r"|receive\..*|transfer\..*|fetch\..*|push\.gpgsign|receive-pack\..*"
)

_LIMIT = 64 * 1024
_SECTION = pattern(r"\[([A-Za-z]+)(?: \"([A-Za-z0-9./_-]+)\")?\]")
_PAIR = pattern(r"\t([A-Za-z][A-Za-z0-9]*) = ([A-Za-z0-9/+~](?:[A-Za-z0-9/+~*.,:@_=-]| (?=[^ ]))*)")


@dataclass(frozen=True)
class Settings:
    """A repository's own configuration: lower-case key to its last value, and the keys that we do not know."""

    values: dict[str, str]
    unknown: tuple[str, ...]

    @property
    def object_format(self) -> str:
        """`sha256` or `sha1`."""
        return self.values.get("extensions.objectformat", "sha1")


def read_settings(directory: Path) -> Settings:
    """The configuration of a git directory, includes not followed.

    Raises:
        GitTrouble: a key in it could run a program, redirect git, or silence a check; it is named.
    """
    values = _plain(directory / "config") or listed(directory / "config")
    unknown = []
    for key in values:
        if _HARMLESS.fullmatch(key.lower()) and not _is_program(key, values[key]):
            continue
        if _DANGEROUS.fullmatch(key.lower()) or _is_program(key, values[key]):
            raise GitTrouble(
                f"the git configuration of {directory.parent} sets {key}, which can run a program or mislead git",
                hint="a vault from elsewhere is adopted by init --adopt, never used in place",
            )
        unknown.append(key)
    return Settings({key.lower(): value for key, value in values.items()}, tuple(sorted(unknown)))


def _plain(file: Path) -> dict[str, str] | None:
    """The keys of a file that has nothing but plain sections and `name = value`; None where only git should read it.

    That is what git itself writes for us: no quotes, escapes, comments, continued lines or sections in the old form.
    """
    values, section = {}, ""
    try:
        rows = files.read(file, _LIMIT).decode("ascii").split("\n")
    except (VaultError, UnicodeDecodeError):
        return None
    for row in rows:
        head, pair = _SECTION.fullmatch(row), _PAIR.fullmatch(row)
        if head is not None:
            section = head[1].lower() + (f".{head[2]}" if head[2] else "")
        elif pair is not None and section:
            values[f"{section}.{pair[1].lower()}"] = pair[2]
        elif row:
            return None
    return values


def write_ours(file: Path, *, object_format: str, clone: str) -> None:
    """Write a configuration as a new repository of ours has it, durably, in the place of one that is lost.

    Args:
        file: `config` in the git directory.
        object_format: `sha256` or `sha1`.
        clone: the copy's id; empty for a folder of ours that is no copy.
    """
    values = {
        "core.bare": "false",
        **OURS,
        **({"extensions.objectFormat": "sha256"} if object_format == "sha256" else {}),
        **({"vaultcli.clone": clone} if clone else {}),
    }
    sections: dict[str, list[str]] = {}
    for key, value in values.items():
        section, _, name = key.partition(".")
        sections.setdefault(section, []).append(f"\t{name} = {value}\n")
    text = "".join(f"[{section}]\n{''.join(rows)}" for section, rows in sections.items())
    files.put(file, text.encode())
    files.fsync_dir(file.parent)


def unjudged(file: Path) -> dict[str, str]:
    """As `listed`, and nothing where git cannot read it: for who only looks."""
    try:
        return listed(file)
    except GitTrouble:
        return {}


def listed(file: Path) -> dict[str, str]:
    """The keys of a configuration file as git reads it, with their last values; includes not followed, nothing judged.

    Raises:
        GitTrouble: git cannot read it.
    """
    from vaultcli.ground.git.plumbing import Git

    out = Git(Path("/")).run("config", "--no-includes", "--file", str(file.absolute()), "--list", "-z")
    pairs = [entry.partition("\n") for entry in out.decode("utf-8", "surrogateescape").split("\0") if entry]
    return {key: value for key, _, value in pairs}


def _is_program(key: str, value: str) -> bool:
    """Whether a harmless key has a value that runs something: `ext::` URLs, a URL that ssh takes for an option."""
    is_url = key.lower().endswith(("url",))
    return is_url and (re.match(r"[a-z0-9+.-]+::", value) is not None or value.startswith("-") or "://-" in value)
