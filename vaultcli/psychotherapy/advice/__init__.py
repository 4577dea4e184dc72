"""Advice on a psychotherapy note: what the definition in 45 CFR 164.501 excludes, and a little more.

`docs/psychotherapy/check.md`. Pure: text in, values out. Nothing here blocks anything, and nothing of it is recorded.
"""

from __future__ import annotations

from vaultcli.psychotherapy.advice.rule import Advice, Context

__all__ = ["Advice", "Context", "look", "one_line"]


def look(text: str, context: Context | None = None) -> list[Advice]:
    """Everything that the rules find in a note, by line; what is about the whole note comes last.

    Args:
        text: the file.
        context: what is known beside it; nothing when left out.
    """
    from vaultcli.psychotherapy.advice.reading import Reading
    from vaultcli.psychotherapy.advice.table import RULES

    reading, known = Reading(text), context or Context()
    found = [one for rule in RULES for one in rule.advice(reading, known)]
    return sorted(found, key=lambda one: (not one.line, one.line, one.column, one.rule))


def one_line(found: list[Advice]) -> str:
    """What `new` and `edit` may say after the editor; empty where there is nothing to say."""
    if not found:
        return ""
    things = "1 thing" if len(found) == 1 else f"{len(found)} things"
    return f"check: {things} that may belong elsewhere; `vaultcli psychotherapy check` says which"
