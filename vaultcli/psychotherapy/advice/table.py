"""The table of the rules of advice, in the order in which they are shown."""

from __future__ import annotations

from vaultcli.psychotherapy.advice import (
    chart_note,
    contradiction,
    diagnosis,
    functioning,
    identifiers,
    medication,
    modality,
    outside,
    plan,
    prognosis,
    progress,
    results,
    strict,
    symptoms,
    times,
)
from vaultcli.psychotherapy.advice.reading import Reading
from vaultcli.psychotherapy.advice.rule import Context, Rule

EXCLUDED: tuple[Rule, ...] = tuple(
    one.RULE for one in (medication, times, modality, results, diagnosis, functioning, plan, symptoms, prognosis, progress)
)
"""The ten kinds of content that 45 CFR 164.501 names as no part of psychotherapy notes, in its order."""


def kinds(reading: Reading, context: Context) -> set[str]:
    """The ids of the ten that a text holds."""
    return {one.id for one in EXCLUDED if one.places(reading, context)}


RULES: tuple[Rule, ...] = (*EXCLUDED, identifiers.RULE, strict.RULE, contradiction.RULE, outside.RULE, chart_note.rule(kinds))


def rule(id_: str) -> Rule | None:
    """The rule of an id, however it is typed: `p-a`, `PA`, `P11`."""
    wanted = id_.upper().replace("-", "")
    return next((one for one in RULES if one.id.replace("-", "") == wanted), None)
