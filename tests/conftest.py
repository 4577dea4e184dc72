"""Every test lives in a world of its own: no settings, keys, agent, editor or clock of the person who runs it."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests import helpers

if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    # started in the background, where shells switch Ctrl-C off; the tests press it
    signal.signal(signal.SIGINT, signal.default_int_handler)

CLOCK = "2026-11-23T15:00:00-05:00"
"""When every command of a test runs, unless the test says otherwise: a Monday afternoon in New York."""

_FORGOTTEN = ("GIT_", "SSH_", "VAULTCLI_", "XDG_", "LC_", "GPG_", "AGE_")
_ALSO = {"EDITOR", "VISUAL", "NO_COLOR", "FORCE_COLOR", "COLUMNS", "LINES", "LANGUAGE", "PAGER", "MAIL", "EMAIL"}
_ALSO |= {"PYTHONUNBUFFERED"}


@pytest.fixture(autouse=True)
def isolated(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """An empty home, no git or ssh settings, no agent, no editor, New York time, a fixed clock, umask 022."""
    for name in os.environ:
        if name.startswith(_FORGOTTEN) or name in _ALSO:
            monkeypatch.delenv(name)
    home = tmp_path_factory.mktemp("home")
    world = {
        "HOME": str(home),
        "XDG_CONFIG_HOME": str(home / ".config"),
        "XDG_DATA_HOME": str(home / ".local/share"),
        "XDG_STATE_HOME": str(home / ".local/state"),
        "XDG_CACHE_HOME": str(home / ".cache"),
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_TERMINAL_PROMPT": "0",
        "TZ": "America/New_York",
        "LANG": "C.UTF-8",
        "TERM": "dumb",
        "PATH": f"{helpers.SCRIPTS}{os.pathsep}{os.environ['PATH']}",
        "VAULTCLI_TESTING": "1",
        "VAULTCLI_CLOCK": CLOCK,
        "VAULTCLI_TRACE": "1",
    }
    for name, value in world.items():
        monkeypatch.setenv(name, value)
    time.tzset()
    mask = os.umask(0o022)
    yield
    os.umask(mask)
    monkeypatch.undo()
    time.tzset()


@pytest.fixture
def cli() -> Callable[..., helpers.Result]:
    """`cli("new", "ada", stdin="...", env={...}, cwd=folder)`: vaultcli in this process, see `helpers.run_here`."""

    def run(*args: str | os.PathLike[str], **settings: object) -> helpers.Result:
        return helpers.run_here([os.fspath(arg) for arg in args], **settings)  # type: ignore[arg-type]

    return run


@pytest.fixture
def process() -> Callable[..., helpers.Result]:
    """The same as `cli`, but as a real process: slower by about 0.1 s."""

    def run(*args: str | os.PathLike[str], **settings: object) -> helpers.Result:
        return helpers.run_process([os.fspath(arg) for arg in args], **settings)  # type: ignore[arg-type]

    return run


@pytest.fixture
def editor(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> helpers.FakeEditor:
    """A `FakeEditor` that EDITOR names: `editor.will(helpers.under("## Data", "Came on time."))`."""
    fake = helpers.FakeEditor(tmp_path_factory.mktemp("editor"))
    monkeypatch.setenv("EDITOR", fake.command)
    return fake


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder that is the working directory."""
    monkeypatch.chdir(tmp_path)
    return tmp_path
