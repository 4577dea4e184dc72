"""How a value is written on one line of front matter: plain where every reader sees the same text, else in quotes."""

from __future__ import annotations

import json
from collections.abc import Iterable

from vaultcli.ground.errors import BadInput
from vaultcli.ground.frontmatter.read import resolves_to
from vaultcli.ground.patterns import pattern

# Numbers as people write them, dates and the two truth words: what another reader makes of them has one obvious text.
# Fifteen digits survive a double; a longer number is an identifier and is quoted.
_OBVIOUS = pattern(r"0|[1-9][0-9]{0,14}|[0-9]{4}-[0-9]{2}-[0-9]{2}|true|false")
_CORE_12 = pattern(
    r"~|null|Null|NULL|true|True|TRUE|false|False|FALSE|[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+"
    r"|[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)"
)
_WORDS_11 = frozenset({"y", "Y", "n", "N", "=", "<<"})
_SAFE_BLOCK = pattern(r"""[^\W_](?:[\w ./+@()%;,'"!?&*=<>–—-]|:(?=[\w/])|(?<! )\#)*(?<! )""")
_SAFE_FLOW = pattern(r"""[^\W_](?:[\w ./+@()%;–—-]|:(?=[\w]))*(?<! )""")
_FORBIDDEN = pattern("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff\ud800-\udfff]")


def scalar(text: str, *, flow: bool = False) -> str:
    """A text as YAML on one line.

    Args:
        text: any text without control characters; tabs and line feeds are allowed and come out escaped.
        flow: for a place inside `[...]`, where commas and brackets need quotes too and an empty text is `""`.

    Returns:
        The text itself, or the text in double quotes. An empty text is nothing, as in `cpt:`.

    Raises:
        BadInput: the text has control characters, which no front matter may hold.
    """
    if bad := _FORBIDDEN.search(text):
        raise BadInput(f"a value for front matter has the control character U+{ord(bad.group()):04X}")
    if not text:
        return '""' if flow else ""
    return text if _plain(text, flow=flow) else json.dumps(text, ensure_ascii=False)


def flow_list(texts: Iterable[str]) -> str:
    """Texts as a YAML list on one line: `[F33.1, "6E20"]`."""
    return "[" + ", ".join(scalar(text, flow=True) for text in texts) + "]"


def _plain(text: str, *, flow: bool) -> bool:
    if _OBVIOUS.fullmatch(text):
        return True
    safe = _SAFE_FLOW if flow else _SAFE_BLOCK
    if not safe.fullmatch(text) or text in _WORDS_11 or _CORE_12.fullmatch(text):
        return False
    return resolves_to(text) == "str"
