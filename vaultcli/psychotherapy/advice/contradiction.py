"""P13: risk that the chart's note of the same day denies, or the other way round."""

from __future__ import annotations

from collections.abc import Iterator

from vaultcli.psychotherapy.advice import risk
from vaultcli.psychotherapy.advice.reading import Reading, Spot
from vaultcli.psychotherapy.advice.rule import PRUDENCE, Context, Rule


def _look(reading: Reading, context: Context) -> Iterator[tuple[Spot, str]]:
    here = _settled(risk.read(reading)) if context.chart else {}
    there = _settled([one for text in context.chart for one in risk.read(Reading(text))]) if here else {}
    for kind, mine in here.items():
        other = there.get(kind)
        if other is not None and other.present != mine.present:
            what = "spoken of here; the chart's note of that day says that there was none"
            if not mine.present:
                what = "said to be absent here; the chart's note of that day speaks of it"
            yield Spot(mine.line, 0, ""), f"{kind}: {what}"


def _settled(statements: list[risk.Statement]) -> dict[str, risk.Statement]:
    """What a text says of each kind where it says one thing only; a plan implies thoughts, no thoughts imply no plan."""
    said: dict[str, list[risk.Statement]] = {}
    for one in statements:
        said.setdefault(one.kind, []).append(one)
    settled = {kind: ones[0] for kind, ones in said.items() if len({one.present for one in ones}) == 1}
    thoughts, plan = said.get(risk.IDEATION), said.get(risk.PLAN)
    if not thoughts and plan and risk.PLAN in settled and plan[0].present:
        settled[risk.IDEATION] = plan[0]._replace(kind=risk.IDEATION)
    if not plan and thoughts and risk.IDEATION in settled and not thoughts[0].present:
        settled[risk.PLAN] = thoughts[0]._replace(kind=risk.PLAN)
    return settled


RULE = Rule(
    id="P13",
    name="contradiction",
    message="",
    seeks="with `--chart` only: suicidal thoughts, a plan or intent, self-harm or violence that is present in one of the "
    "two notes of a session and denied in the other",
    why="two records of one hour that disagree on risk harm the client first, and their author in court: the one may be "
    "read beside the other",
    citation=PRUDENCE,
    belongs="the chart, if it is so: risk is the progress note's to document",
    sure="fairly; only plain statements are compared, and whatever is past, figurative or said both ways in one note is "
    "left alone",
    look=_look,
)
