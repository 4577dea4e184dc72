"""Whether a procedure code fits what the note says of the session: its minutes and its type. Questions, never refusals; pure.

The times of psychotherapy codes are those of the CPT manual's rule that a time is met when its midpoint is passed: 16 to 37
minutes for 90832, 38 to 52 for 90834, 53 and more for 90837; 30 to 74 for crisis, 90839, which 90840 goes on from.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

MINUTES = {"90832": (16, 37), "90834": (38, 52), "90837": (53, 0), "90839": (30, 0), "90846": (26, 0), "90847": (26, 0)}
"""Code to the least and the greatest minutes that it is for; 0 for no greatest."""
OF_TYPE = {"intake": ("90791", "90792"), "group": ("90853",), "crisis": ("90839", "90840")}
"""Type of note to the codes that are meant for it."""
_THERAPY = frozenset({*MINUTES, "90853", "90849", "90791", "90792", "90840"})
"""Codes that are judged by the type; every other one may go with any."""


def questions(kind: str, minutes: int | None, codes: Sequence[str]) -> Iterator[str]:
    """What does not fit, each to be read after `cpt`.

    Args:
        kind: the note's type.
        minutes: the session's length; None where it is not known.
        codes: procedure codes as in front matter, with modifiers or without.
    """
    bare = [code.partition("-")[0] for code in codes]
    usual = OF_TYPE.get(kind, ())
    if usual and any(code in _THERAPY for code in bare) and not any(code in usual for code in bare):
        yield f"is {', '.join(codes)}; the usual code of {kind} is {' or '.join(usual)}"
        return
    for code in bare:
        least, most = MINUTES.get(code, (0, 0))
        if minutes is not None and (minutes < least or (most and minutes > most)):
            span = f"{least} to {most} minutes" if most else f"{least} minutes and more"
            yield f"{code} is for {span}, and the session has {minutes}"
