"""What was done, in words: type of service, place and minutes, which an auditor looks for and a code does not say."""

from __future__ import annotations

from vaultcli.record.notes.client import Client
from vaultcli.record.notes.note import Note

NAMES = {
    "progress": "Progress note",
    "intake": "Intake",
    "treatment-plan": "Treatment plan",
    "plan-review": "Treatment plan review",
    "discharge": "Discharge summary",
    "group": "Group session",
    "crisis": "Crisis session",
    "safety-plan": "Safety plan",
    "risk-assessment": "Risk assessment",
    "mental-status": "Mental status examination",
    "no-show": "Missed session",
    "contact": "Contact",
    "collateral": "Collateral contact",
    "consultation": "Consultation",
    "coordination": "Coordination of care",
    "consent": "Consent",
    "attachment": "Attached file",
}
"""What a type of note is called in a heading."""
PLACES = {
    "office": "office",
    "video": "telehealth, by video",
    "audio": "telehealth, by audio only",
    "field": "in the field, outside the office",
}
_SERVICES = {"intake": "intake interview", "group": "group session", "crisis": "crisis session"}


def name(kind: str) -> str:
    """A type of note in words."""
    return NAMES.get(kind, kind.replace("-", " ").capitalize())


def given(note: Note, client: Client) -> str:
    """The service that a note of a session documents: `individual session, with mother`; empty for any other note."""
    if note.type == "progress":
        told = f"{client.kind} session"
    elif note.type in _SERVICES:
        told = _SERVICES[note.type]
    else:
        return ""
    return f"{told}, with {', '.join(note.participants)}" if note.participants else told
