"""Every test lives in a world of its own: no settings, keys, agent, editor or clock of the person who runs it."""

from __future__ import annotations

import itertools
import os
import shutil
import signal
import tempfile
import time
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests import everyday, helpers, isolation, shelf
from tests.child import sitecustomize  # noqa: F401  what is different below a test is so in this process too
from tests.faults import shim
from vaultcli.ground.editor import ram

for number in (signal.SIGINT, signal.SIGQUIT, signal.SIGHUP):
    if signal.getsignal(number) is signal.SIG_IGN:
        # started in the background, where shells switch Ctrl-C off, or by nohup; the tests press it, and hang up
        signal.signal(number, signal.default_int_handler if number == signal.SIGINT else signal.SIG_DFL)

CLOCK = isolation.CLOCK
MEMORY = Path("/dev/shm")
ROOM = 2 << 30
"""Bytes free in memory from which on the tests' folders are made there: they sync every file, as vaultcli does."""
_NUMBERS = itertools.count()


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    """Take notice of the suite that is run, and choose where the tests' folders are, unless whoever runs them did."""
    everyday.begin(config.option.markexpr)
    chosen = config.option.basetemp or "PYTEST_DEBUG_TEMPROOT" in os.environ or hasattr(config, "workerinput")
    if not chosen and ram.file_system(MEMORY) == "tmpfs" and shutil.disk_usage(MEMORY).free > ROOM:
        os.environ["PYTEST_DEBUG_TEMPROOT"] = str(MEMORY)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let the long suite have the properties, with all their examples."""
    everyday.also_slow(items)


def pytest_xdist_auto_num_workers() -> int:
    """For `-n auto`: one more than there are processors, for many a test waits for an editor or for time to pass."""
    return len(os.sched_getaffinity(0)) + 1 if hasattr(os, "sched_getaffinity") else (os.cpu_count() or 1) + 1


@pytest.fixture(autouse=True, scope="session")
def outside(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Nothing of the machine is seen, whatever a fixture of a module or of the session starts; see `tests/isolation.py`."""
    path = [str(isolation.CHILD), *filter(None, [os.environ.get("PYTHONPATH")])]
    with pytest.MonkeyPatch.context() as patch:
        for name in isolation.forgotten(os.environ):
            patch.delenv(name)
        patch.setenv("PYTHONPATH", os.pathsep.join(path))
        patch.setenv("PATH", f"{helpers.SCRIPTS}{os.pathsep}{os.environ['PATH']}")
        for name, value in isolation.settings(tmp_path_factory.mktemp("settings")).items():
            patch.setenv(name, value)
        _enter(_new_home(tmp_path_factory), patch)
        isolation.guard()
        shelf.SHELF = shelf.Shelf(tmp_path_factory.mktemp("shelf"))
        yield
    time.tzset()


@pytest.fixture(autouse=True)
def isolated(outside: None, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """An empty home, no agent, no editor, New York time, a fixed clock, umask 022; plain git has an identity and that clock."""
    for name in isolation.forgotten(os.environ):
        if name not in isolation.SETTINGS:
            monkeypatch.delenv(name)
    home = _new_home(tmp_path_factory)
    _enter(home, monkeypatch)
    mask = os.umask(0o022)
    if shelf.SHELF:
        shelf.SHELF.next_test()
    yield
    os.umask(mask)
    monkeypatch.undo()
    time.tzset()
    shutil.rmtree(home, ignore_errors=True)


def _new_home(factory: pytest.TempPathFactory) -> Path:
    """An empty folder; numbered by ourselves, for pytest looks at all that there are before it gives another number."""
    home = factory.getbasetemp() / "homes" / str(next(_NUMBERS))
    home.mkdir(mode=0o700, parents=True)
    return home


def _enter(home: Path, patch: pytest.MonkeyPatch) -> None:
    world = {
        **isolation.home(home), **isolation.at(CLOCK),
        "TZ": "America/New_York", "LANG": "C.UTF-8", "TERM": "dumb", "VAULTCLI_TRACE": "1",
    }  # fmt: skip
    for name, value in world.items():
        patch.setenv(name, value)
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


@pytest.fixture(scope="session")
def fault_library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The library that lets file system calls go wrong, compiled once in each process of the tests."""
    if reason := shim.why_not():
        warnings.warn(f"FAULTS WERE NOT INJECTED: {reason}", stacklevel=1)
        pytest.skip(f"faults were not injected: {reason}")
    return shim.build(tmp_path_factory.mktemp("shim"))


@pytest.fixture
def on_disk() -> Iterator[Path]:
    """An empty folder with a short name where everybody's temporary files are: not in memory, unless all of it is."""
    folder = Path(tempfile.mkdtemp(prefix="test-"))
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder that is the working directory."""
    monkeypatch.chdir(tmp_path)
    return tmp_path
