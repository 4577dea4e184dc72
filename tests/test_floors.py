"""The floors hold, and the check that says so sees what it should."""

from __future__ import annotations

from pathlib import Path

import pytest

import vaultcli
from tests.floors import FLOORS, SETS, circles, crowded, graph, siblings, sources, violations

PACKAGE = Path(vaultcli.__file__).parent
SOURCES = sorted(path for path in PACKAGE.rglob("*.py") if "_data" not in path.parts)


def test_the_package_keeps_to_its_floors() -> None:
    found = []
    for path in SOURCES:
        parts = path.relative_to(PACKAGE).with_suffix("").parts
        package = parts[-1] == "__init__"
        module = ".".join(parts[:-1] if package else parts)
        source = path.read_text(encoding="utf-8")
        found += [f"{path.relative_to(PACKAGE.parent)}:{what}" for what in violations(module, source, package=package)]
    assert found == []


def read() -> dict[str, tuple[str, bool]]:
    return {name: (path.read_text(encoding="utf-8"), path.name == "__init__.py") for name, path in sources(PACKAGE).items()}


def test_no_modules_import_each_other() -> None:
    assert circles(graph(read())) == []


def test_no_folders_import_each_other() -> None:
    assert {parent: found for parent, arrows in siblings(read()).items() if (found := circles(arrows))} == {}


def test_no_folder_is_crowded() -> None:
    assert crowded(SOURCES, PACKAGE) == []
    assert set(SETS) <= {path.parent.relative_to(PACKAGE).as_posix() for path in SOURCES}


def test_circles_are_seen() -> None:
    """Through functions, types and packages; and a straight line is none."""
    later = "def f():\n    from vaultcli.record import b"
    typed = "if TYPE_CHECKING:\n    from vaultcli.record.a import A"
    house = {"": ("", True), "record": ("", True), "record.a": (later, False), "record.b": (typed, False)}
    assert circles(graph(house)) == [["record.a", "record.b"]]
    assert circles(graph(house | {"record.b": ("import os", False)})) == []
    through = {"": ("", True), "record": ("from vaultcli.record.a import A", True), "record.a": ("import vaultcli.record", False)}
    assert circles(graph(through)) == [["record", "record.a"]]
    rooms = {
        "": ("", True), "work": ("", True), "work.x": ("", True), "work.y": ("", True),
        "work.x.a": ("from vaultcli.work.y import b", False), "work.y.b": ("", False),
        "work.y.c": ("from vaultcli.work.x import d", False), "work.x.d": ("", False),
    }  # fmt: skip
    assert circles(graph(rooms)) == []
    assert circles(siblings(rooms)["work"]) == [["x", "y"]]


def test_a_crowd_is_seen() -> None:
    paths = [PACKAGE / "record" / "many" / f"m{at}.py" for at in range(17)]
    assert crowded(paths, PACKAGE) == ["record/many: 17 files"]
    assert crowded(paths[1:], PACKAGE) == []


def test_every_floor_was_looked_at() -> None:
    assert {path.relative_to(PACKAGE).parts[0] for path in SOURCES if path.parent != PACKAGE} <= set(FLOORS)
    assert len(SOURCES) > 10


@pytest.mark.parametrize(
    ("module", "source"),
    [
        ("ground.git.plumbing", "import vaultcli.record"),
        ("ground.git.plumbing", "import vaultcli.record.note as n"),
        ("ground.git.plumbing", "from vaultcli import record"),
        ("ground.git.plumbing", "from vaultcli.record import note"),
        ("ground.shred", "from .. import record"),
        ("ground.git.plumbing", "from ...record.notes.note import Note"),
        ("ground.git.plumbing", "def f():\n    from vaultcli.places import vault"),
        ("ground.git.plumbing", "import importlib\nimportlib.import_module('vaultcli.cli.write.new')"),
        ("ground.git.plumbing", "if TYPE_CHECKING:\n    from vaultcli.cli import clock"),
        ("record.notes.note", "from vaultcli.places.vault import Vault"),
        ("places.machine.vault", "from vaultcli.verify import walk"),
        ("verify.walk", "from vaultcli import export"),
        ("export.html", "from vaultcli.verify.walk import walk"),
        ("work.finish", "import vaultcli.export.html"),
        ("work.finish", "from vaultcli.cli.clock import now"),
        ("work.finish", "from vaultcli.nowhere import x"),
        ("work.finish", "from vaultcli import Vault"),
        ("record.notes.block", "from vaultcli import __version__"),
        ("export.html", "from vaultcli.api.note import Note"),
        ("api.vault", "from vaultcli.cli import clock"),
        ("api.vault", "from vaultcli.psychotherapy import notes"),
        ("", "from vaultcli.psychotherapy import notes"),
        ("api.vault", "import click"),
        ("api.vault", "print('x')"),
        ("api.vault", "datetime.now()"),
        ("nowhere.x", ""),
        ("work.finish", "import click"),
        ("work.finish", "def f():\n    from click.testing import CliRunner"),
        ("ground.ssh.sign", "print('x')"),
        ("ground.files", "input()"),
        ("places.machine.vault", "datetime.now(tz=UTC)"),
        ("places.machine.vault", "datetime.datetime.now()"),
        ("places.machine.vault", "dt.date.today()"),
        ("places.machine.vault", "import time\ntime.time()"),
        ("places.machine.vault", "from time import time_ns"),
        ("cli.write.new", "import subprocess"),
        ("cli.write.new", "from subprocess import run"),
        ("work.finish", "os.execvp('git', ['git'])"),
        ("work.finish", "os.fork()"),
        ("work.finish", "os.posix_spawn('git', [], {})"),
        ("work.finish", "from os import execv"),
        ("work.finish", "asyncio.create_subprocess_exec('git')"),
        ("ground.files", "import git"),
        ("record.notes.note", "open('x')"),
        ("record.notes.note", "path.read_text()"),
        ("record.notes.note", "import os"),
        ("record.notes.note", "import secrets"),
    ],
)
def test_what_breaks_the_law_is_seen(module: str, source: str) -> None:
    assert len(violations(module, source)) == 1, violations(module, source)


def test_relative_imports_of_a_package_count_from_itself() -> None:
    assert violations("record", "from . import note", package=True) == []
    assert violations("record", "from ..places import vault", package=True) == [
        "1: imports vaultcli.places.vault, which is on a floor above"
    ]


@pytest.mark.parametrize(
    ("module", "source"),
    [
        ("record.notes.note", "from vaultcli.ground import frontmatter\nfrom . import finding"),
        ("record.notes.block", "from vaultcli.ground.version import __version__"),
        ("verify.walk", "from vaultcli.verify import cache\nfrom vaultcli.places.vault import Vault"),
        ("ground.git.plumbing", "import subprocess\nsubprocess.run(['git'])"),
        ("ground.editor.session", "os.execvp('vi', ['vi'])"),
        (
            "cli.write.new",
            "import click\nprint(datetime.now())\nfrom vaultcli.work import finish",
        ),
        ("work.due", "datetime.fromisoformat('x')\ntime.monotonic()\ncursor.execute('x')"),
        ("__main__", "from vaultcli.cli.door import run"),
        ("api.clock", "datetime.now()"),
        ("api.export_selection", "from vaultcli.verify import vault\nfrom vaultcli.export import source"),
        ("", "from vaultcli.api.vault import Vault"),
        ("ground.git.catfile", "if TYPE_CHECKING:\n    import subprocess"),
    ],
)
def test_what_is_lawful_is_let_be(module: str, source: str) -> None:
    assert violations(module, source) == []
