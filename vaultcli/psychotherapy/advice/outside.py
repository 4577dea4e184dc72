"""P14: what did not come about in a session."""

from __future__ import annotations

import re
from collections.abc import Iterator

from vaultcli.psychotherapy.advice.phrases import Phrases, W, one_of
from vaultcli.psychotherapy.advice.reading import Reading, Spot
from vaultcli.psychotherapy.advice.rule import Context, Rule

CONTEXTS = ("individual", "group", "joint", "family")
_BY = one_of("telephone", "phone", "e-?mail", "text(?: message)?", "voice ?mail", "letter", "portal message")
_CLIENT = one_of(
    "client",
    "patient",
    "pt",
    "she",
    "he",
    "they",
    r"(?:her|his|their|client's) (?:mother|father|husband|wife|partner|parents?|psychiatrist|school|lawyer|attorney|son|"
    r"daughter)",
)

_PHRASES = Phrases(
    stems=(
        "call",
        "phone",
        "mail",
        "text",
        "message",
        "letter",
        "spoke",
        "no-show",
        "no show",
        "cancel",
        "did not",
        "didn't",
        "failed to",
        "records",
        "collateral",
        "consult",
    ),
    strong=re.compile(
        one_of(
            r"^(?:tele)?phone (?:call|contact|conversation)(?: (?:with|from|to)\b|\s*:)",
            rf"^(?:received |return(?:ed)? |incoming |outgoing )?(?:a )?(?:tele)?(?:phone )?call (?:from|to|with) "
            rf"{W}{{0,2}}{_CLIENT}\b",
            rf"^(?:received|got|sent|wrote|forwarded) (?:an? |the )?(?:long |short |brief |second |angry )?{_BY} (?:from|to)\b",
            r"^(?:no[- ]show|late cancel\w*|cancell?ed|collateral contact|contact note)\b",
            r"\b(?:client|patient|pt|he|she|they) (?:did not|didn't|failed to) (?:show|attend|keep)(?: up| for| (?:the|"
            r"today's|his|her) (?:session|appointment))*(?=\W*(?:$|today|and|for))",
            r"^did not (?:come|attend|show)(?: (?:up|today))?\b",
            rf"\b{_CLIENT} (?:phoned|rang|called|texted|e-?mailed|messaged|wrote to) (?:me|the office|the clinic|us)\b(?! "
            rf"(?:a|an|by|his|her|their|names?|cold|weak|mother|stupid)\b(?! long))",
            rf"\b{_CLIENT} (?:e-?mailed|texted|messaged|sent) me (?:a|an|the|that|to|his|her)\b",
            rf"\b{_CLIENT} (?:left|sent) (?:me )?(?:a |an |the )?(?:\w+ )?(?:voice ?mail|e-?mail|text message|message)\b",
            rf"\b(?:spoke|talked|consulted|discussed) {W}{{0,3}}with (?:the |her |his |their )?(?:psychiatrist|pcp|gp|"
            rf"physician|prescriber|school|case manager|teacher|attorney|lawyer|probation officer)\b",
            rf"\b(?:i )?(?:spoke|talked) (?:with|to) {W}{{0,3}}(?:by|on|over) (?:the )?(?:tele)?phone\b",
            r"\b(?:called|phoned|texted|rang|e-?mailed) (?:the office |me )?(?:at \d[\d:]* ?(?:am|pm)? )?to (?:cancel|"
            r"reschedule|confirm)\b",
            r"\b(?:left|leaving) (?:him|her|them|client) a (?:voice ?mail|message)\b",
        )
    ),
)


def _look(reading: Reading, context: Context) -> Iterator[tuple[Spot, str]]:
    stated = reading.front.get("context", "")
    if stated and stated not in CONTEXTS:
        yield Spot(1 + list(reading.front).index("context") + 1, 1, ""), f"the `context` is none of {', '.join(CONTEXTS)}"
    yield from _PHRASES(reading, context)


RULE = Rule(
    id="P14",
    name="not a session",
    message="a contact outside a counseling session",
    seeks="telephone calls, messages, letters, missed sessions, talks with other professionals; a `context` that is no session",
    why="the definition covers notes on a conversation during a private counseling session or a group, joint or family "
    "counseling session, and nothing else",
    citation="45 CFR 164.501, the definition of psychotherapy notes, first sentence",
    belongs="the chart: a contact, no-show, collateral or coordination note",
    sure="fairly; a message that is only spoken about in the session is left alone where the sentence shows that",
    look=_look,
)
