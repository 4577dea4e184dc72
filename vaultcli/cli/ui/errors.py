"""The one place that turns errors into words and exit codes.

A `VaultError` and a wrong usage say what happened and what to try. Anything unforeseen is a fault of ours and says only
its type, our place and the versions: an exception's text may quote a note, as YAML errors do, so it is never shown.
"""

from __future__ import annotations

import errno
import os
import platform
import select
import sys
from types import TracebackType
from typing import TextIO

import click

from vaultcli.cli.ui import terminal
from vaultcli.ground.errors import BUG, INTERRUPTED, USAGE, DiskTrouble, GitTrouble, VaultError
from vaultcli.ground.version import __version__

PIPE_CLOSED = 141
"""What a shell reports of a program that SIGPIPE ended, as `git log | head` does."""

_DISK = {
    errno.ENOSPC: "the disk is full",
    errno.EDQUOT: "the disk quota is used up",
    errno.EROFS: "the disk is read-only",
    errno.EIO: "the disk reports a fault",
    errno.EACCES: "permission denied",
    errno.EPERM: "not permitted",
}


def tell(error: BaseException) -> int:
    """Say on standard error what went wrong.

    Args:
        error: whatever reached the door.

    Returns:
        The exit code of the process.
    """
    try:
        return _tell(error)
    except BrokenPipeError:
        # standard error is closed, too or alone
        code = getattr(error, "exit_code", GitTrouble.exit_code)
        gone = _quietly()
        return gone if _is_gone(sys.stdout) else code


def _is_gone(stream: TextIO) -> bool:
    """Whether who reads a pipe of ours has closed it; a pipe that breaks elsewhere is a program's that we started."""
    try:
        poll = select.poll()
        poll.register(stream.fileno(), 0)
        return any(event & select.POLLERR for _, event in poll.poll(0))
    except (OSError, ValueError):
        return True


def _tell(error: BaseException) -> int:
    match error:
        case VaultError():
            return _complain(error.message, error.hint, error.exit_code)
        case click.UsageError():
            return _usage(error)
        case click.ClickException():
            return _complain(_sentence(error.format_message()), "", USAGE)
        case KeyboardInterrupt() | click.Abort():
            return _complain("interrupted", "", INTERRUPTED)
        case BrokenPipeError() if _is_gone(sys.stdout):
            return _quietly()
        case BrokenPipeError():
            hint = "give it again; `vaultcli doctor` looks at git and the repository"
            return _complain("a program that vaultcli had started ended before its time", hint, GitTrouble.exit_code)
        case MemoryError():
            return _complain("out of memory", "close other programs and try again", DiskTrouble.exit_code)
        case OSError() if error.errno in _DISK:
            return _disk(error)
        case SystemExit():
            return error.code if isinstance(error.code, int) else int(error.code is not None)
        case _:
            return _bug(error)


def _complain(message: str, hint: str, code: int) -> int:
    _finish(sys.stdout)
    terminal.warn(f"{terminal.paint('vaultcli:', 'red', bold=True, err=True)} {terminal.escape(message)}")
    if hint:
        terminal.warn(f"{terminal.paint('hint:', 'cyan', err=True)} {terminal.escape(hint)}")
    return code


def _usage(error: click.UsageError) -> int:
    path = error.ctx.command_path if error.ctx else "vaultcli"
    return _complain(_sentence(error.format_message()), f"{path} --help", USAGE)


def _sentence(text: str) -> str:
    """The words of click in our manner: lower case, no full stop."""
    text = " ".join(text.split()).removesuffix(".")
    return text[:1].lower() + text[1:]


def _disk(error: OSError) -> int:
    name = error.filename
    place = f"{os.fsdecode(name)}: " if isinstance(name, str | bytes) else ""
    return _complain(place + _DISK[error.errno or 0], "nothing that was recorded is lost", DiskTrouble.exit_code)


def _quietly() -> int:
    """The reader went away: say no more."""
    for stream in (sys.stdout, sys.stderr):
        _finish(stream)
    return PIPE_CLOSED


def _finish(stream: TextIO) -> None:
    """Write out what a stream still holds; where that fails, keep the interpreter from trying again at its end."""
    try:
        stream.flush()
    except OSError:
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, stream.fileno())
        os.close(nowhere)


def _bug(error: BaseException) -> int:
    frames = _our_frames(error.__traceback__)
    place = frames[-1] if frames else "unknown place"
    versions = f"vaultcli {__version__}, Python {platform.python_version()}, {platform.system()}"
    message = f"fault in vaultcli: {type(error).__name__} at {place} ({versions})"
    code = _complain(message, "please report this line; it holds nothing of a note", BUG)
    if os.environ.get("VAULTCLI_TRACE"):
        for frame in frames:
            terminal.warn(f"  {frame}")
    return code


def _our_frames(trace: TracebackType | None) -> list[str]:
    """`module:line` of every frame of our own, outermost first; no values, no source."""
    places = []
    while trace is not None:
        module = trace.tb_frame.f_globals.get("__name__", "")
        if module.partition(".")[0] == "vaultcli":
            places.append(f"{module}:{trace.tb_lineno}")
        trace = trace.tb_next
    return places
