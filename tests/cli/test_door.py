"""Exit codes and words for everything that can go wrong, prefixes, guesses and global options."""

from __future__ import annotations

import errno
import os
import signal
import subprocess
import sys
import types
from collections.abc import Callable

import click
import pytest

from tests.helpers import SCRIPTS, Result
from vaultcli.cli import (
    HIDDEN,
    OTHER,
    WRITE,
    Entry,
    door,
    lazygroup,
)
from vaultcli.ground import errors

Cli = Callable[..., Result]


@pytest.fixture
def command(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Registers throw-away commands: `command("sign", function)`."""
    module = types.ModuleType("vaultcli_test_commands")
    monkeypatch.setitem(sys.modules, module.__name__, module)

    def register(name: str, function: Callable[..., object], section: str = WRITE) -> None:
        attribute = name.replace("-", "_")
        object_ = function if isinstance(function, click.Command) else click.command(name)(function)
        setattr(module, attribute, object_)
        monkeypatch.setitem(door.root.entries, name, Entry(module.__name__, attribute, f"Does {name}.", section))

    return register


def raising(error: BaseException) -> Callable[[], None]:
    def function() -> None:
        raise error

    return function


def subclasses(kind: type) -> list[type]:
    return [kind, *(below for child in kind.__subclasses__() for below in subclasses(child))]


# an error that is made of other things than its words and a hint has its own test, whether its module is imported yet or not
KINDS = [kind for kind in subclasses(errors.VaultError) if kind.__init__ is errors.VaultError.__init__]


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_a_vault_error_is_told_with_its_hint_and_code(cli: Cli, command: Callable[..., None], kind: type) -> None:
    command("go", raising(kind("note.md:3: no such thing", hint="try another")))
    assert cli("go") == Result(kind.exit_code, "", "vaultcli: note.md:3: no such thing\nhint: try another\n")


def test_words_of_an_error_cannot_move_the_cursor(cli: Cli, command: Callable[..., None]) -> None:
    command("go", raising(errors.NotFound("no client \x1b[2J\u202eada")))
    assert cli("go").err == "vaultcli: no client <U+001B>[2J<U+202E>ada\n"


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (KeyboardInterrupt(), 130),
        (click.Abort(), 130),
        (MemoryError(), 9),
        (click.UsageError("Bad."), 2),
        (SystemExit(4), 4),
    ]
    + [(OSError(number, "x", "a.md"), 9) for number in (errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EIO, errno.EACCES)],
    ids=repr,
)
def test_codes_of_what_is_not_ours(cli: Cli, command: Callable[..., None], error: BaseException, code: int) -> None:
    command("go", raising(error))
    assert cli("go").code == code


def test_a_full_disk_names_the_file(cli: Cli, command: Callable[..., None]) -> None:
    command("go", raising(OSError(errno.ENOSPC, "No space left on device", "a.md")))
    assert cli("go").err == "vaultcli: a.md: the disk is full\nhint: nothing that was recorded is lost\n"


@pytest.mark.parametrize("error", [ValueError("Ada is anxious"), OSError(errno.ENOENT, "Ada"), KeyError("Ada"), RecursionError()])
def test_a_fault_says_where_and_never_what(cli: Cli, command: Callable[..., None], error: Exception) -> None:
    command("go", raising(error))
    result = cli("go", env={"VAULTCLI_TRACE": ""})
    assert result.code == 70
    assert result.err.startswith(f"vaultcli: fault in vaultcli: {type(error).__name__} at vaultcli.cli.lazygroup:")
    assert "Ada" not in result.err


def test_what_a_command_returns_is_the_exit_code(cli: Cli, command: Callable[..., None]) -> None:
    command("find", lambda: errors.FINDINGS)
    command("done", lambda: None)
    command("leave", lambda: click.get_current_context().exit(12))
    assert [cli(name).code for name in ("find", "done", "leave")] == [1, 0, 12]


def test_unique_prefixes_run_and_ambiguous_ones_list(cli: Cli, command: Callable[..., None]) -> None:
    for name in ("zip", "zip-all", "zoom"):
        command(name, lambda name=name: click.echo(name))
    assert cli("zo").out == "zoom\n"
    assert cli("zip").out == "zip\n"
    result = cli("z")
    assert (result.code, result.err) == (2, "vaultcli: “z” could be zip, zip-all or zoom\nhint: vaultcli --help\n")


def test_hidden_commands_run_by_their_whole_name_only(cli: Cli, command: Callable[..., None]) -> None:
    command("hook", lambda: click.echo("hooked"), HIDDEN)
    assert cli("hook").out == "hooked\n"
    assert cli("hoo").code == 2
    assert "hook" not in cli("--help").out


def test_help_without_a_command_and_sections(cli: Cli, command: Callable[..., None]) -> None:
    command("new", lambda: None, WRITE)
    result = cli()
    assert result.code == 0
    assert result == cli("--help") == cli("-h")
    assert result.out.index("Write:\n  new ") < result.out.index(f"{OTHER}:\n")


def test_nested_groups_are_lazy_and_print_their_help(cli: Cli, command: Callable[..., None]) -> None:
    nested = lazygroup.LazyGroup("client", {"add": Entry("no.such.module", "command", "Add a client.")}, help="The register.")
    command("client", nested)
    result = cli("client")
    assert result.code == 0
    assert "add  Add a client." in result.out
    assert cli("client", "ad").err.startswith("vaultcli: fault in vaultcli: ModuleNotFoundError")


def test_the_vault_option_reaches_the_command(cli: Cli, command: Callable[..., None]) -> None:
    @click.command("go")
    @door.pass_options
    def go(options: door.Options) -> None:
        click.echo(str(options.vault))

    command("go", go)
    assert cli("go").out == "None\n"
    assert cli("go", env={"VAULTCLI_VAULT": "/a"}).out == "/a\n"
    assert cli("--vault", "/b", "go", env={"VAULTCLI_VAULT": "/a"}).out == "/b\n"


def test_usage_errors_name_the_command_to_ask(cli: Cli) -> None:
    result = cli("completion", "--shel")
    assert result.code == 2
    assert result.err.startswith("vaultcli: no such option")
    assert result.err.endswith("hint: vaultcli completion --help\n")


def test_the_process_agrees_with_the_run_in_this_process(cli: Cli, process: Cli) -> None:
    for args in (["--version"], [], ["nonsense"], ["completion", "fish"]):
        assert cli(*args) == process(*args)


@pytest.mark.parametrize("unbuffered", ["", "1"])
@pytest.mark.parametrize("argument", ["--help", "--version"])
def test_a_reader_that_goes_away_is_no_fault(argument: str, unbuffered: str) -> None:
    code = f"import sys; sys.argv = ['', '{argument}']; sys.stdin.read(); from vaultcli.__main__ import main; main()"
    pipe = subprocess.PIPE
    env = {**os.environ, "PYTHONUNBUFFERED": unbuffered}
    with subprocess.Popen([sys.executable, "-c", code], stdin=pipe, stdout=pipe, stderr=pipe, env=env) as child:
        assert child.stdout is not None
        child.stdout.close()
        child.stdout = None
        assert child.communicate()[1] == b""
    assert child.returncode == 128 + signal.SIGPIPE


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="this system has no /dev/full")
@pytest.mark.parametrize("unbuffered", ["", "1"])
@pytest.mark.parametrize("argument", ["--help", "--version"])
def test_a_full_output_device_is_told(argument: str, unbuffered: str) -> None:
    with open("/dev/full", "w") as full:
        done = subprocess.run(
            [str(SCRIPTS / "vaultcli"), argument],
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONUNBUFFERED": unbuffered},
        )
    assert done.stderr == "vaultcli: the disk is full\nhint: nothing that was recorded is lost\n"
    assert done.returncode == 9


def test_output_that_was_not_flushed_is_told_too() -> None:
    code = """import sys, types, click; from vaultcli.cli import COMMANDS, Entry, door
sys.modules["probe"] = types.SimpleNamespace(command=click.command("go")(lambda: sys.stdout.write("x") and None))
COMMANDS["go"] = Entry("probe", "command", "Go.")
sys.exit(door.run(["go"]))"""
    with open("/dev/full", "w") as full:
        done = subprocess.run([sys.executable, "-c", code], stdout=full, stderr=subprocess.PIPE, text=True)
    assert (done.returncode, done.stderr.partition("\n")[0]) == (9, "vaultcli: the disk is full")


@pytest.mark.parametrize("place", [["show", b"\xff"], ["--vault", b"a\xe9", "list"], ["new", "ada", "-m", b"\xed\xa0\x80"]])
def test_bytes_that_are_no_text_are_refused_before_anything_is_done(place: list[str | bytes]) -> None:
    done = subprocess.run([str(SCRIPTS / "vaultcli"), *place], capture_output=True, text=True)
    assert done.returncode == 5
    assert "is not UTF-8: " in done.stderr
