"""The law of the floors, as a reader of source code; `test_floors.py` holds the package to it and tries it broken."""

from __future__ import annotations

import ast
from collections.abc import Iterator

FLOORS = {
    "ground": 0, "record": 1, "places": 2, "verify": 3, "export": 3, "work": 3, "psychotherapy": 3, "api": 4, "": 4, "cli": 5,
    "__main__": 5,
}  # fmt: skip
"""Folder (or module) right below `vaultcli` -> its floor; "" is the package itself: the version, and the names for scripts."""

WORK, DOOR = 3, 5
ASKS_TIME = ("api.clock",)
"""The modules below the door that may ask the time."""
STARTERS = (
    "ground.git", "ground.ssh", "ground.editor", "ground.repository", "ground.askpass", "ground.workers", "ground.stock",
    "ground.daemon", "ground.ram", "ground.keeper", "ground.guest",
)  # fmt: skip
"""The modules, and those whose names begin so, that may start processes."""

PROCESS_MODULES = {"subprocess", "multiprocessing", "pty", "git"}
PROCESS_CALLS = {"system", "popen", "fork", "forkpty", "startfile"}
PROCESS_PREFIXES = ("exec", "spawn", "posix_spawn")
CLOCK = {
    "datetime": {"now", "utcnow", "today"},
    "date": {"today"},
    "time": {"time", "time_ns", "localtime", "gmtime", "ctime"},
}
DOOR_CALLS = {"print", "input", "breakpoint"}
IMPURE_MODULES = {
    "os", "io", "shutil", "tempfile", "glob", "socket", "ssl", "urllib", "http", "secrets", "random", "uuid", "fcntl",
    "sqlite3", "threading", "git",
}  # fmt: skip
IMPURE_CALLS = {"read_text", "read_bytes", "write_text", "write_bytes", "iterdir", "rglob", "unlink", "mkdir", "stat"}


def violations(module: str, source: str, *, package: bool = False) -> list[str]:
    """What a module does that its floor may not.

    Args:
        module: dotted name below `vaultcli`: `record.note`, `cli`, `__main__`, or "" for the package itself.
        source: its text.
        package: whether it is an `__init__.py`, which relative imports count from.

    Returns:
        A sentence each, beginning with the line's number.
    """
    top = module.partition(".")[0]
    if top not in FLOORS:
        return [f"1: {top} is on no floor: add it to FLOORS"]
    return [f"{line}: {what}" for line, what in _violations(module, top, ast.parse(source), package)]


def _violations(module: str, top: str, tree: ast.Module, package: bool) -> Iterator[tuple[int, str]]:
    for_types = _only_for_types(tree)
    for node in ast.walk(tree):
        for name in _imports(node, module, package):
            if node not in for_types or name.startswith("vaultcli"):
                yield from ((node.lineno, what) for what in _wrong_import(module, top, name))
        if isinstance(node, ast.Call):
            yield from ((node.lineno, what) for what in _wrong_call(module, top, node))
        elif isinstance(node, ast.ImportFrom):
            yield from ((node.lineno, what) for what in _wrong_names(module, top, node))


def _only_for_types(tree: ast.Module) -> set[ast.AST]:
    """What stands under `if TYPE_CHECKING:`; nothing at run time, yet it shows which way a module looks."""
    branches = (node for node in ast.walk(tree) if isinstance(node, ast.If))
    guards = [branch for branch in branches if ast.unparse(branch.test).endswith("TYPE_CHECKING")]
    return {node for guard in guards for statement in guard.body for node in ast.walk(statement)}


def _imports(node: ast.AST, module: str, package: bool) -> Iterator[str]:
    """Dotted names a node imports; for `from a import b` it may be the module `a` or `a.b`: the longer is given."""
    if isinstance(node, ast.Import):
        yield from (alias.name for alias in node.names)
    elif isinstance(node, ast.ImportFrom):
        base = node.module or ""
        if node.level:
            parts = ["vaultcli", *filter(None, module.split("."))]
            parts = parts[: len(parts) - node.level + package]
            base = ".".join([*parts, *filter(None, [node.module])])
        yield from (f"{base}.{alias.name}" for alias in node.names)
    elif isinstance(node, ast.Call) and _called(node)[1] in ("import_module", "__import__"):
        yield from (str(arg.value) for arg in node.args[:1] if isinstance(arg, ast.Constant))


def _wrong_import(module: str, top: str, name: str) -> Iterator[str]:
    head, _, rest = name.partition(".")
    floor = FLOORS[top]
    if head == "vaultcli":
        other = rest.partition(".")[0]
        if not rest or other not in FLOORS:
            if rest and not rest.startswith("__version__"):
                yield f"imports {name}, which is on no floor"
        elif FLOORS[other] > floor:
            yield f"imports {name}, which is on a floor above"
        elif FLOORS[other] == WORK == floor and other != top:
            yield f"imports {name}, a neighbour on the work floor"
        elif top in ("api", "") and other == "psychotherapy":
            yield f"imports {name}, to which there is no way from scripts and exports"
    elif head == "click" and floor != DOOR:
        yield "imports click, which only cli may"
    elif head in PROCESS_MODULES and not module.startswith(STARTERS):
        yield f"imports {head}, which starts processes"
    elif head in IMPURE_MODULES and top == "record":
        yield f"imports {head}; the record is pure"


def _wrong_names(module: str, top: str, node: ast.ImportFrom) -> Iterator[str]:
    for alias in node.names:
        if node.module == "os" and _starts_process(alias.name) and not module.startswith(STARTERS):
            yield f"imports os.{alias.name}, which starts processes"
        if node.module == "time" and alias.name in CLOCK["time"] and FLOORS[top] != DOOR:
            yield f"imports time.{alias.name}, which asks the time"


def _wrong_call(module: str, top: str, node: ast.Call) -> Iterator[str]:
    owner, name = _called(node)
    if FLOORS[top] != DOOR:
        if not owner and name in DOOR_CALLS:
            yield f"calls {name}, which only cli may"
        if name in CLOCK.get(owner.rpartition(".")[2], ()) and module not in ASKS_TIME:
            yield f"calls {owner}.{name}, which asks the time"
    if owner in ("os", "asyncio") and _starts_process(name) and not module.startswith(STARTERS):
        yield f"calls {owner}.{name}, which starts processes"
    if top == "record" and ((not owner and name == "open") or name in IMPURE_CALLS):
        yield f"calls {name}; the record is pure"


def _starts_process(name: str) -> bool:
    return name in PROCESS_CALLS or name.startswith((*PROCESS_PREFIXES, "create_subprocess"))


def _called(node: ast.Call) -> tuple[str, str]:
    """(owner, name) of a call: ("datetime", "now"), ("", "print")."""
    if isinstance(node.func, ast.Name):
        return "", node.func.id
    if isinstance(node.func, ast.Attribute):
        return ast.unparse(node.func.value), node.func.attr
    return "", ""
