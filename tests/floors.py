"""The law of the floors and rooms, as a reader of source code; `test_floors.py` holds the package to it and tries it broken."""

from __future__ import annotations

import ast
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

FLOORS = {
    "ground": 0, "record": 1, "places": 2, "verify": 3, "export": 3, "work": 3, "psychotherapy": 3, "api": 4, "": 4, "cli": 5,
    "__main__": 5,
}  # fmt: skip
"""Folder (or module) right below `vaultcli` -> its floor; "" is the package itself: the version, and the names for scripts."""

MOST_FILES = 16
"""How many modules may stand in one folder, but for the sets below: a person looks through about so many names."""
SETS = ("cli/psychotherapy", "psychotherapy/advice", "work/health")
"""Folders that hold a set of like things, one file each, listed by hand in a table: commands, kinds of advice, checks."""

WORK, DOOR = 3, 5
ASKS_TIME = ("api.clock",)
"""The modules below the door that may ask the time."""
STARTERS = (
    "ground.git", "ground.ssh", "ground.editor", "ground.process", "ground.repository",
)  # fmt: skip
"""The folders that may start processes."""

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
        module: dotted name below `vaultcli`: `record.notes.note`, `cli`, `__main__`, or "" for the package itself.
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
            if rest:
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


def sources(package: Path) -> dict[str, Path]:
    """Every module of a package with its file: dotted name below it ("" for the package itself) to the path."""
    found = {}
    for path in sorted(package.rglob("*.py")):
        parts = path.relative_to(package).with_suffix("").parts
        if "_data" not in parts:
            found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


def graph(modules: Mapping[str, tuple[str, bool]]) -> dict[str, set[str]]:
    """Which module imports which, imports inside functions and those for types included.

    Args:
        modules: dotted name below `vaultcli` to its source, and whether it is a package.
    """
    arrows: dict[str, set[str]] = {name: set() for name in modules}
    for name, (source, package) in modules.items():
        for node in ast.walk(ast.parse(source)):
            for imported in _imports(node, name, package):
                head, _, target = imported.partition(".")
                while head == "vaultcli" and target not in modules and target:
                    target = target.rpartition(".")[0]
                if head == "vaultcli" and target != name:
                    arrows[name].add(target)
    return arrows


def circles(arrows: Mapping[str, Iterable[str]]) -> list[list[str]]:
    """The sets of names that lead to one another, each sorted; none where imports only point down."""
    reach: dict[str, set[str]] = {}
    for start in arrows:
        seen: set[str] = set()
        ahead = list(arrows[start])
        while ahead:
            name = ahead.pop()
            if name not in seen:
                seen.add(name)
                ahead += arrows.get(name, ())
        reach[start] = seen
    found = {tuple(sorted({a} | {b for b in reach[a] if a in reach.get(b, ())})) for a in arrows if a in reach[a]}
    return sorted(map(list, found))


def siblings(modules: Mapping[str, tuple[str, bool]]) -> dict[str, dict[str, set[str]]]:
    """For each folder, which of the folders in it imports from which other one in it."""
    found: dict[str, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    folders = {name for name, (_, package) in modules.items() if package}
    for name, targets in graph(modules).items():
        for target in targets:
            here, there = (one.split(".") if one in folders else one.split(".")[:-1] for one in (name, target))
            level = 0
            while level < min(len(here), len(there)) and here[level] == there[level]:
                level += 1
            if level < min(len(here), len(there)):
                found[".".join(here[:level])][here[level]].add(there[level])
    return found


def crowded(paths: Iterable[Path], package: Path) -> list[str]:
    """The folders with more modules than one looks through, but for the sets."""
    counted = Counter(path.parent.relative_to(package).as_posix() for path in paths if path.name != "__init__.py")
    return [f"{folder}: {count} files" for folder, count in sorted(counted.items()) if count > MOST_FILES and folder not in SETS]
