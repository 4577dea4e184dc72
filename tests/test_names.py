"""What tests and measurements name in a module exists: not all of them run every day."""

from __future__ import annotations

import ast
import importlib
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

HERE = Path(__file__).parent
FILES = sorted(HERE.rglob("*.py"))


def test_every_name_exists() -> None:
    assert [f"{path.relative_to(HERE)}:{what}" for path in FILES for what in missing(path.read_text(encoding="utf-8"))] == []


def test_a_name_that_is_gone_is_told() -> None:
    text = "from vaultcli.ground import files\nfrom vaultcli.ground.ids import nobody\n\nfiles.put\nfiles.gone()\n"
    assert list(missing(text)) == ["2: vaultcli.ground.ids.nobody", "5: files.gone"]


def missing(text: str) -> Iterator[str]:
    """Line and name of what is imported of ours, or asked of a module of ours, and is not there."""
    tree = ast.parse(text)
    modules: dict[str, ModuleType] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module and node.module.partition(".")[0] == "vaultcli":
            for alias in node.names:
                found = named(node.module, alias.name)
                if found is None:
                    yield f"{node.lineno}: {node.module}.{alias.name}"
                elif isinstance(found, ModuleType):
                    modules[alias.asname or alias.name] = found
    # an argument or a variable of the same name is something else
    own = {node.arg for node in ast.walk(tree) if isinstance(node, ast.arg)}
    own |= {node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id not in own:
            module = modules.get(node.value.id)
            if module is not None and not hasattr(module, node.attr):
                yield f"{node.lineno}: {node.value.id}.{node.attr}"


def named(module: str, name: str) -> object | None:
    """A name of a module, or a module of a package."""
    found: object | None = getattr(importlib.import_module(module), name, None)
    if found is None:
        try:
            found = importlib.import_module(f"{module}.{name}")
        except ModuleNotFoundError:
            return None
    return found
