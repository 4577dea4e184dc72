"""Pages of sessions at the terminal: Markdown that is read by people, run by tests, and rewritten on request.

The syntax is described in `docs/contributing.md`. A page is parsed into blocks; each console block into steps; a step's
output is compared line by line with what the page expects, and the page is written anew with what really came.
"""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from tests import helpers, isolation

ANY_LINES = "..."
WILDCARDS = {
    "id": r"[0-9abcdefghjkmnpqrstvwxyz]{16}",
    "sha256": r"[0-9a-f]{64}",
    "commit": r"(?:sha(?:1|256):)?[0-9a-f]{7,64}",
    "fingerprint": r"SHA256:[A-Za-z0-9+/]{43}",
    "time": r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:[+-]\d\d:\d\d|Z)",
    "date": r"\d{4}-\d\d-\d\d",
    "num": r"\d+(?:\.\d+)?",
    "tmp": r"/[^\s\"']*?",
    "..": r".*?",
}
_MARK = re.compile(r"\[(\.\.|" + "|".join(name for name in WILDCARDS if name != "..") + r")(?::([a-z0-9-]+))?\]")
_ON_UPDATE = ("fingerprint", "sha256", "id")
"""What an update writes as wildcards by itself, longest first."""

_DIRECTIVE = re.compile(r"<!-- (clock|env|edit): (.+) -->$")
_FENCE = re.compile(r"```(console|file|edit)(?: (.+))?$")
_SHELL = re.compile(r"[|<>*?$;&`~(){}]")


class PageError(AssertionError):
    """A page that is not written as pages are."""


@dataclass
class Step:
    """One command of a console block: as typed, what it is fed, and what the page expects of it."""

    command: str
    typed: list[str] = field(default_factory=list)
    expected: list[str] = field(default_factory=list)
    code: int = 0
    script: list[tuple[str, str]] = field(default_factory=list)
    """Expected output and typed lines in their order, for a terminal: ("<", line), ("<.", key) or ("", line)."""


@dataclass
class World:
    """Where a page runs: its folder, environment, clock and editor, and the texts its named wildcards stand for."""

    folder: Path
    editor: helpers.FakeEditor
    clock: datetime
    env: dict[str, str] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)

    def environment(self) -> dict[str, str]:
        """What the next command gets over the present environment; the clock, plain git's too, goes on a minute."""
        now, self.clock = self.clock, self.clock + timedelta(minutes=1)
        return {"EDITOR": self.editor.command, **isolation.at(now), **self.env}

    def known(self, command: str) -> str:
        """The command with named wildcards replaced by the texts met before."""
        return _MARK.sub(lambda mark: self.names.get(_label(mark), mark[0]), command)


def _label(mark: re.Match[str]) -> str:
    return f"{mark[1]}:{mark[2]}"


def run(page: str, world: World) -> str:
    """Run a page and write it anew with what really came; equal to the page when everything was as expected.

    Raises:
        PageError: the page has no command, an unknown block, or edits that no editor came for.
    """
    written, steps = [], 0
    for kind, name, lines in _blocks(page):
        if kind == "console":
            parsed = _steps(lines)
            steps += len(parsed)
            for step in parsed:
                written += _play(step, world, terminal=name == "pty")
            continue
        if kind == "file":
            _write_file(world.folder / name, lines)
        elif kind == "edit":
            world.editor.will(*map(_edit, filter(None, lines)))
        elif kind == "text":
            _directives(lines, world)
        written += lines
    if not steps:
        raise PageError("the page has no command")
    if world.editor.unused:
        raise PageError(f"{world.editor.unused} edit blocks were not used in\n" + "\n".join(written))
    return "\n".join(written) + "\n"


def _blocks(page: str) -> Iterator[tuple[str, str, list[str]]]:
    """(kind, name, lines): fences of ours apart from the text around them; the fence lines count as text."""
    kind, name, lines = "text", "", []
    for line in page.splitlines():
        opening = _FENCE.match(line) if kind == "text" else None
        if opening:
            yield kind, name, [*lines, line]
            kind, name, lines = opening[1], opening[2] or "", []
        elif kind != "text" and line == "```":
            yield kind, name, lines
            kind, name, lines = "text", "", [line]
        else:
            lines.append(line)
    if kind != "text":
        raise PageError(f"a {kind} block is not closed")
    yield kind, name, lines


def _steps(lines: list[str]) -> list[Step]:
    steps: list[Step] = []
    for line in lines:
        if line.startswith("$ "):
            steps.append(Step(line[2:]))
            continue
        if not steps:
            raise PageError(f"output before the first command: {line}")
        step = steps[-1]
        if code := re.fullmatch(r"\? (\d+)", line):
            step.code = int(code[1])
        elif typed := re.match(r"(<\.?)(?: (.*))?$", line):
            step.typed.append(typed[2] or "")
            step.script.append((typed[1], typed[2] or ""))
        else:
            step.expected.append(line)
            step.script.append(("", line))
    return steps


def _write_file(path: Path, lines: list[str]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(line + "\n" for line in lines), encoding="utf-8")


def _edit(line: str) -> helpers.Step:
    verb, _, rest = line.partition(":")
    words = [part.strip(" ").replace("\\n", "\n") for part in rest.split(" => ")]
    match verb, words:
        case "replace", [old, new]:
            return helpers.replace(old, new)
        case "under", [heading, text]:
            return helpers.under(heading, text)
        case "append", [text]:
            return helpers.append(text + "\n")
        case "write", [text]:
            return helpers.write(text + "\n")
        case "fail", [code]:
            return helpers.fail(int(code))
        case "nothing", _:
            return ("nothing",)
    raise PageError(f"unknown edit: {line}")


def _directives(lines: list[str], world: World) -> None:
    edits: list[helpers.Step] = []
    for line in [*lines, ""]:
        found = _DIRECTIVE.match(line)
        if edits and not (found and found[1] == "edit"):
            world.editor.will(*edits)
            edits = []
        if found and found[1] == "clock":
            world.clock = datetime.fromisoformat(found[2])
        elif found and found[1] == "edit":
            edits.append(_edit(found[2]))
        elif found:
            _set(found[2], world)


def _set(assignment: str, world: World) -> None:
    name, _, value = assignment.partition("=")
    world.env[name] = os.path.expandvars(value)


def _play(step: Step, world: World, *, terminal: bool) -> list[str]:
    """Run a step; its lines as the page should have them."""
    command = world.known(step.command)
    output, code = _on_terminal(step, command, world) if terminal else _run(step, command, world)
    lines = [line.rstrip() for line in output.splitlines()]
    if terminal:
        shown = _with_typing(step, lines, world)
    else:
        shown = [f"< {line}".rstrip() for line in step.typed] + _as_expected(step.expected, lines, world)
    return [f"$ {step.command}", *shown, *([f"? {code}"] if code else [])]


def _run(step: Step, command: str, world: World) -> tuple[str, int]:
    stdin = "".join(line + "\n" for line in step.typed)
    if (moved := re.fullmatch(r"cd (\S+)", command)) is not None:
        world.folder = (world.folder / os.path.expanduser(moved[1])).resolve(strict=True)
        return "", 0
    if command.startswith("export "):
        _set(command.removeprefix("export "), world)
        return "", 0
    if command.startswith("vaultcli") and not _SHELL.search(command):
        args = shlex.split(command)[1:]
        done = helpers.run_here(args, stdin=stdin, env=world.environment(), cwd=world.folder, merge=True)
        return done.out, done.code
    ended = subprocess.run(
        ["sh", "-c", command],
        input=stdin.encode(),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        cwd=world.folder,
        env={**os.environ, **world.environment()},
        timeout=120,
    )
    return ended.stdout.decode("utf-8", "backslashreplace"), ended.returncode


def _on_terminal(step: Step, command: str, world: World) -> tuple[str, int]:
    """Run a command in a terminal of its own; typed lines are sent when the output line before them has come."""
    import pexpect

    child = pexpect.spawn(
        "sh",
        ["-c", command],
        cwd=str(world.folder),
        env={**os.environ, **world.environment(), "COLUMNS": "100", "NO_COLOR": "1"},
        encoding="utf-8",
        codec_errors="backslashreplace",
        timeout=90,
        dimensions=(40, 100),
    )
    output, before, before_kind = "", "", ""
    for kind, line in step.script:
        if not kind:
            before = line
            continue
        try:
            child.expect(_pattern(before.rstrip(), world).pattern if before and before != ANY_LINES else r"\S")
        except (pexpect.TIMEOUT, pexpect.EOF):
            break
        output += child.before + child.after
        if before_kind == "<." and kind == "<" and not line:
            time.sleep(1.0)  # a person who answers reads first: an Enter right behind a key belongs to the key
        before_kind = kind
        child.send(line if kind == "<." else line + "\r")
        before = ""
    try:
        child.expect(pexpect.EOF)
    except pexpect.TIMEOUT:
        output += child.before + "\n(waited 90 s for more input)"
        child.terminate(force=True)
        return _plain(output), 124
    child.close()
    code = child.exitstatus if child.exitstatus is not None else 128 + (child.signalstatus or 0)
    return _plain(output + child.before), code


def _plain(output: str) -> str:
    """Terminal output as lines of text: no escape sequences, a carriage return within a line starts it over."""
    text = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", output).replace("\r\n", "\n")
    return "\n".join(line.rpartition("\r")[2] for line in text.split("\n"))


def _with_typing(step: Step, lines: list[str], world: World) -> list[str]:
    """Lines of a terminal session, with the page's `<` lines after the lines they followed."""
    shown = _as_expected(step.expected, lines, world)
    if shown == step.expected:
        return [f"{kind} {line}".rstrip() if kind else line for kind, line in step.script]
    place, result, rest = 0, [], list(shown)
    for kind, line in step.script:
        if kind:
            result.append(f"{kind} {line}".rstrip())
        elif line in rest:
            place = rest.index(line) + 1
            result += rest[:place]
            rest = rest[place:]
    return result + rest


def _pattern(line: str, world: World) -> re.Pattern[str]:
    """The regular expression of an expected line; a name met twice in it must be the same text twice."""
    parts, place, groups = [], 0, set()
    for mark in _MARK.finditer(line):
        parts.append(re.escape(line[place : mark.start()]))
        parts.append(_group(mark, world, groups))
        place = mark.end()
    return re.compile("".join(parts) + re.escape(line[place:]))


def _group(mark: re.Match[str], world: World, groups: set[str]) -> str:
    if mark[2] is None:
        return f"(?:{WILDCARDS[mark[1]]})"
    known, group = world.names.get(_label(mark)), f"{mark[1]}__{mark[2].replace('-', '_')}"
    if known is not None:
        return re.escape(known)
    if group in groups:
        return f"(?P={group})"
    groups.add(group)
    return f"(?P<{group}>{WILDCARDS[mark[1]]})"


def _matches(expected: str, line: str, world: World) -> bool:
    found = _pattern(expected, world).fullmatch(line)
    if found is None:
        return False
    for mark in _MARK.finditer(expected):
        if mark[2] and _label(mark) not in world.names:
            world.names[_label(mark)] = found[f"{mark[1]}__{mark[2].replace('-', '_')}"]
    return True


def _as_expected(expected: list[str], lines: list[str], world: World) -> list[str]:
    """The real lines; wherever the page's line fits, the page's line, so that an update keeps its wildcards."""
    shown, place, index = [], 0, 0
    while index < len(expected) or place < len(lines):
        if index < len(expected) and expected[index] == ANY_LINES:
            after = expected[index + 1] if index + 1 < len(expected) else None
            end = _next(after, lines, place, world) if after is not None else len(lines)
            shown.append(ANY_LINES)
            place, index = end, index + 1
        elif place == len(lines):
            break
        elif index < len(expected) and (fit := _next(lines[place], expected, index, world, swapped=True)) < len(
            expected
        ):
            shown.append(expected[fit].rstrip())
            place, index = place + 1, fit + 1
        else:
            shown.append(_generalised(lines[place]))
            place += 1
    return shown


def _next(wanted: str, lines: list[str], start: int, world: World, *, swapped: bool = False) -> int:
    """The first index from start whose line fits, else the length; `...` ends a search among expected lines."""
    for index in range(start, len(lines)):
        if swapped and lines[index] == ANY_LINES:
            return len(lines)
        if _matches(*((lines[index].rstrip(), wanted) if swapped else (wanted.rstrip(), lines[index])), world):
            return index
    return len(lines)


def _generalised(line: str) -> str:
    for name in _ON_UPDATE:
        line = re.sub(rf"(?<![0-9A-Za-z]){WILDCARDS[name]}(?![0-9A-Za-z])", f"[{name}]", line)
    return line
