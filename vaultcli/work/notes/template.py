"""A practice's own templates: files on its line `practice` that stand in for the shipped ones."""

from __future__ import annotations

import re
from datetime import datetime

from vaultcli.ground.errors import BadInput
from vaultcli.places.chart import policy, templates
from vaultcli.places.chart.chart import Chart, Recorder
from vaultcli.record.notes import fields, template

_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")


def check(chart: Chart, name: str, raw: bytes, path: str) -> None:
    """Stop a file that cannot be the template of that name.

    Raises:
        BadInput: it is no template, or of another type or format than its name says.
    """
    read = template.read(raw, path)
    if not _NAME.fullmatch(name):
        raise BadInput(f"{name} cannot name a template", hint="small letters, digits and hyphens, at most 40")
    if read.type and (read.type != name or name not in fields.TYPES):
        raise BadInput(f"{path}: is for notes of type {read.type}, and would be called {name}", hint="--name says another")
    if not read.type and (read.format != name or name in fields.TYPES):
        what = f"of format {read.format}" if read.format else "of no format"
        raise BadInput(f"{path}: is for progress notes {what}, and would be called {name}", hint="its line format: names it")


def add(chart: Chart, name: str, raw: bytes, by: Recorder, now: datetime) -> bool:
    """Record a template on `practice`; whether anything changed.

    Raises:
        Refused: the rules do not admit it; the key has no policy role.
    """
    if templates.own(chart, name) == raw:
        return False
    policy.record(chart, {templates.path_of(name): raw}, now, by)
    return True
