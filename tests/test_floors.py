"""The floors hold, and the check that says so sees what it should."""

from __future__ import annotations

from pathlib import Path

import pytest

import vaultcli
from tests.floors import FLOORS, violations

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


def test_every_floor_was_looked_at() -> None:
    assert {path.relative_to(PACKAGE).parts[0] for path in SOURCES if path.parent != PACKAGE} <= set(FLOORS)
    assert len(SOURCES) > 10


@pytest.mark.parametrize(
    ("module", "source"),
    [
        ("ground.git", "import vaultcli.record"),
        ("ground.git", "import vaultcli.record.note as n"),
        ("ground.git", "from vaultcli import record"),
        ("ground.git", "from vaultcli.record import note"),
        ("ground.git", "from .. import record"),
        ("ground.git", "from ..record.note import Note"),
        ("ground.git", "def f():\n    from vaultcli.places import vault"),
        ("ground.git", "import importlib\nimportlib.import_module('vaultcli.cli.new')"),
        ("ground.git", "if TYPE_CHECKING:\n    from vaultcli.cli import clock"),
        ("record.note", "from vaultcli.places.vault import Vault"),
        ("places.vault", "from vaultcli.verify import walk"),
        ("verify.walk", "from vaultcli import export"),
        ("export.html", "from vaultcli.verify.walk import walk"),
        ("work.finish", "import vaultcli.export.html"),
        ("work.finish", "from vaultcli.cli.clock import now"),
        ("work.finish", "from vaultcli.nowhere import x"),
        ("work.finish", "from vaultcli import Vault"),
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
        ("ground.ssh", "print('x')"),
        ("ground.files", "input()"),
        ("places.vault", "datetime.now(tz=UTC)"),
        ("places.vault", "datetime.datetime.now()"),
        ("places.vault", "dt.date.today()"),
        ("places.vault", "import time\ntime.time()"),
        ("places.vault", "from time import time_ns"),
        ("cli.new", "import subprocess"),
        ("cli.new", "from subprocess import run"),
        ("work.finish", "os.execvp('git', ['git'])"),
        ("work.finish", "os.fork()"),
        ("work.finish", "os.posix_spawn('git', [], {})"),
        ("work.finish", "from os import execv"),
        ("work.finish", "asyncio.create_subprocess_exec('git')"),
        ("ground.files", "import git"),
        ("record.note", "open('x')"),
        ("record.note", "path.read_text()"),
        ("record.note", "import os"),
        ("record.note", "import secrets"),
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
        ("record.note", "from vaultcli.ground import frontmatter\nfrom . import finding"),
        ("record.block", "from vaultcli import __version__"),
        ("verify.walk", "from vaultcli.verify import cache\nfrom vaultcli.places.vault import Vault"),
        ("ground.git", "import subprocess\nsubprocess.run(['git'])"),
        ("ground.editor.session", "os.execvp('vi', ['vi'])"),
        (
            "cli.new",
            "import click\nprint(datetime.now())\nfrom vaultcli.work import finish",
        ),
        ("work.due", "datetime.fromisoformat('x')\ntime.monotonic()\ncursor.execute('x')"),
        ("__main__", "from vaultcli.cli.door import run"),
        ("api.clock", "datetime.now()"),
        ("api.gathering", "from vaultcli.verify import vault\nfrom vaultcli.export import source"),
        ("", "from vaultcli.api.vault import Vault"),
        ("ground.objects", "if TYPE_CHECKING:\n    import subprocess"),
    ],
)
def test_what_is_lawful_is_let_be(module: str, source: str) -> None:
    assert violations(module, source) == []
