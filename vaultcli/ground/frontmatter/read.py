"""Strict reading of front matter: every scalar is the text as typed, hostile YAML is refused before it costs anything.

PyYAML's parser is used for its *events* only. Its constructors, which turn `12:30` into 750 and `NO` into False, its
composer, which follows aliases and recurses, and its error texts, which quote the input, never run.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NoReturn

from vaultcli.ground.errors import BadInput
from vaultcli.ground.frontmatter.model import LIMIT, MAX_DEPTH, MAX_KEY, Span, Value
from vaultcli.ground.patterns import pattern

if TYPE_CHECKING:
    from yaml.resolver import Resolver

_RAW_CONTROL = pattern("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]|\r(?!\n)")
_VALUE_CONTROL = pattern("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]")


def decode(yaml: bytes, path: str) -> str:
    """The YAML lines as text, after the checks that need no parser.

    Raises:
        BadInput: too long, not UTF-8, or with control characters.
    """
    if len(yaml) > LIMIT:
        raise BadInput(f"{path}:1: front matter is longer than {LIMIT // 1024} KiB", hint="move long text to the body")
    try:
        text = yaml.decode("utf-8")
    except UnicodeDecodeError as error:
        line = 2 + yaml.count(b"\n", 0, error.start)
        raise BadInput(f"{path}:{line}: front matter is not UTF-8", hint="save the file as UTF-8") from None
    if bad := _RAW_CONTROL.search(text):
        line = 2 + text.count("\n", 0, bad.start())
        raise BadInput(f"{path}:{line}: front matter has the control character U+{ord(bad.group()[0]):04X}")
    return text


@dataclass
class _Open:
    """A list or mapping that is being read."""

    value: list[Value] | dict[str, Value]
    keys: tuple[str, ...]
    flow: bool
    key: str | None = None
    key_marks: tuple[Any, Any] | None = None
    start: tuple[int, int] = (0, 0)


class Builder:
    """One reading of YAML lines into fields, lines and spans; `read` may be called once."""

    def __init__(self, path: str) -> None:
        self.path = path
        self.fields: dict[str, Value] = {}
        self.lines: dict[tuple[str, ...], int] = {}
        self.spans: dict[str, Span] = {}
        self.flow = False
        self._open: list[_Open] = []
        self._documents = 0
        self._last = (0, 0)

    def read(self, text: str) -> None:
        """Read YAML lines.

        Args:
            text: what stands between the `---` lines.

        Raises:
            BadInput: see `parse`.
        """
        import yaml

        try:
            for event in yaml.parse(text, Loader=yaml.CSafeLoader):
                self._event(event)
        except yaml.MarkedYAMLError as error:
            # libyaml's own problem texts are fixed sentences; the composer's, which quote, are never reached
            line = 2 + (error.problem_mark.line if error.problem_mark else 0)
            raise BadInput(f"{self.path}:{line}: front matter is not YAML: {error.problem}") from None
        except (yaml.YAMLError, ValueError, OverflowError):
            raise BadInput(f"{self.path}:2: front matter is not YAML") from None

    def _fail(self, mark: Any, message: str, hint: str = "") -> NoReturn:  # noqa: ANN401 - PyYAML's marks are untyped
        raise BadInput(f"{self.path}:{mark.line + 2}: {message}", hint=hint)

    def _event(self, event: Any) -> None:  # noqa: ANN401 - PyYAML's events are untyped
        import yaml

        if getattr(event, "anchor", None) is not None:
            self._fail(
                event.start_mark, "anchors and aliases are not allowed in front matter", "quote texts with * or &"
            )
        if getattr(event, "tag", None) is not None:
            self._fail(event.start_mark, "tags are not allowed in front matter", "quote a text that starts with !")
        if isinstance(event, yaml.ScalarEvent):
            self._scalar(event)
        elif isinstance(event, yaml.CollectionStartEvent):
            self._begin(event, {} if isinstance(event, yaml.MappingStartEvent) else [])
        elif isinstance(event, yaml.CollectionEndEvent):
            self._finish(event)
        elif isinstance(event, (yaml.DocumentStartEvent, yaml.DocumentEndEvent)):
            self._document(event, starts=isinstance(event, yaml.DocumentStartEvent))

    def _document(self, event: Any, *, starts: bool) -> None:  # noqa: ANN401
        self._documents += starts
        if event.explicit or self._documents > 1 or getattr(event, "version", None) or getattr(event, "tags", None):
            self._fail(event.start_mark, "front matter has YAML directives or a document marker")

    def _begin(self, event: Any, value: list[Value] | dict[str, Value]) -> None:  # noqa: ANN401
        flow = bool(event.flow_style)
        if not self._open:
            if isinstance(value, list):
                self._not_fields(event)
            self.flow = flow
            self._open.append(_Open(self.fields, (), flow))
            return
        top = self._open[-1]
        if isinstance(top.value, dict) and top.key is None:
            self._fail(event.start_mark, "a key is a list or a mapping, not text")
        if len(self._open) > MAX_DEPTH:
            self._fail(event.start_mark, f"lists and mappings stand more than {MAX_DEPTH} deep in each other")
        keys = top.keys + ((top.key,) if top.key is not None else ("-",))
        self._open.append(_Open(value, keys, flow, start=(event.start_mark.line, event.start_mark.column)))

    def _finish(self, event: Any) -> None:  # noqa: ANN401
        done = self._open.pop()
        if done.flow:
            self._last = (event.end_mark.line, event.end_mark.column)
        if self._open:
            self._put(done.value, done.start, block=not done.flow)

    def _scalar(self, event: Any) -> None:  # noqa: ANN401
        if not self._open:
            self._not_fields(event)
        if bad := _VALUE_CONTROL.search(event.value):
            self._fail(event.start_mark, f"front matter has the control character U+{ord(bad.group()):04X}, escaped")
        self._last = (event.end_mark.line, event.end_mark.column)
        top = self._open[-1]
        if isinstance(top.value, dict) and top.key is None:
            self._key(event, top)
        else:
            self._put(event.value, (event.start_mark.line, event.start_mark.column), block=event.style in ("|", ">"))

    def _not_fields(self, event: Any) -> NoReturn:  # noqa: ANN401
        self._fail(event.start_mark, "front matter is not made of `key: value` lines")

    def _key(self, event: Any, top: _Open) -> None:  # noqa: ANN401
        key: str = event.value
        if len(key) > MAX_KEY:
            self._fail(event.start_mark, f"a key is longer than {MAX_KEY} characters")
        if event.style in (None, "") and resolves_to(key) != "str":  # the C parser says "" for a plain scalar
            self._fail(event.start_mark, f"the key {key or '(empty)'} is no text in YAML", "put the key in quotes")
        path = (*top.keys, key)
        if isinstance(top.value, dict) and key in top.value:
            self._fail(event.start_mark, f"the key {key} stands here and in line {self.lines[path]}", "keep one")
        self.lines[path] = event.start_mark.line + 2
        top.key, top.key_marks = key, (event.start_mark, event.end_mark)

    def _put(self, value: Value, start: tuple[int, int], *, block: bool) -> None:
        top = self._open[-1]
        if isinstance(top.value, list):
            top.value.append(value)
            return
        assert top.key is not None
        top.value[top.key] = value
        if len(self._open) == 1 and top.key_marks is not None:
            first, after = top.key_marks
            self.spans[top.key] = Span(first.line, first.column, after.column, start, self._last, block)
        top.key = None


@lru_cache(maxsize=1)
def _resolver() -> Resolver:
    import yaml

    return yaml.resolver.Resolver()


_NO_WORDING = frozenset(("yes", "no", "true", "false", "on", "off", "null", "y", "n"))
_IN_NO_NUMBER = pattern("[0-9][0-9A-Za-z:.-]*[g-su-wyG-SU-WY][0-9A-Za-z:.-]*|[0-9]{2}:[0-9]{2}-[0-9]{2}:[0-9]{2}")
"""What begins as a number or a time and holds a letter that is in neither; and the hours of a session."""


def _is_wording(text: str) -> bool:
    """Whether a text is certainly a `str`, told without the import of a YAML reader; a test compares both."""
    return (text[:1].isalpha() and text.strip().lower() not in _NO_WORDING) or _IN_NO_NUMBER.fullmatch(text) is not None


def resolves_to(text: str) -> str:
    """What a YAML 1.1 reader takes an unquoted text for: `str`, `int`, `bool`, `null`, `timestamp`, `merge` ..."""
    if _is_wording(text):
        return "str"
    import yaml

    tag = _resolver().resolve(yaml.ScalarNode, text, (True, False))  # type: ignore[no-untyped-call]
    return str(tag).rpartition(":")[2]
