"""`vaultcli psychotherapy search`: words in the sealed notes, in memory."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from vaultcli.cli.door import Options, pass_options
from vaultcli.cli.ui import terminal
from vaultcli.ground.errors import FINDINGS, OK

if TYPE_CHECKING:
    from vaultcli.psychotherapy.notes.people import Person
    from vaultcli.psychotherapy.notes.search import Hit
    from vaultcli.record.sealed.search import Place

SHOWN = 20
"""Texts that are shown unless --limit says otherwise; `--json` gives all."""
PLACES = 3
"""Places of one text that are shown."""
NAMED = 200
"""Texts up to which the access log names each; of more it has how many."""


@click.command("search")
@click.argument("words", metavar="WORD...", nargs=-1, required=True)
@click.option("--client", metavar="CLIENT", help="Only in this client's notes.")
@click.option("--limit", type=click.IntRange(min=0), help=f"So many texts; 0 for all. Default: {SHOWN}; all with --json.")
@click.option("--json", "as_json", is_flag=True, help="Print it as JSON; docs/json.md describes the keys.")
@pass_options
def command(options: Options, words: tuple[str, ...], client: str | None, limit: int | None, as_json: bool) -> int:
    """Find the psychotherapy notes that hold all these words, newest session first.

    Case and accents do not count. Several words in quotation marks are a phrase; a star at the end stands for any ending.
    Every note is opened in memory: there is no index. The search goes into the access log, its words do not.

    \b
    vaultcli psychotherapy search river
    vaultcli psychotherapy search "lost the thread" grief* --client ada

    The exit code is 1 where nothing was found. The words stand in your shell's history as any command line does.
    """  # noqa: D301
    from vaultcli.cli.psychotherapy import desk as sealed_desk
    from vaultcli.ground.errors import NotFound
    from vaultcli.psychotherapy.notes import search as searching
    from vaultcli.record.sealed import search as seek

    query = seek.query(words)
    most = limit if limit is not None else 0 if as_json else SHOWN
    with sealed_desk.open_desk(options) as desk:
        holders = [one for one in desk.people if one.known is not None]
        if client:
            holders = [sealed_desk.whose(desk._replace(people=holders), client)]
        among = [one.known for one in holders if one.known is not None]
        if client and not among:
            raise NotFound(f"{client} has no psychotherapy notes")
        with terminal.progress("opening", sum(len(desk.store.files(known.token)) for known in among)) as bar:
            found = searching.search(desk.store, desk.opener, among, query, most, bar.update)
        shown = found.hits
        named = [one.id for one in shown] if len(shown) <= NAMED else []
        sealed_desk.note(desk, "search", among[0].token if client else "", list(dict.fromkeys(named)))
        for path in found.broken:
            terminal.warn(f"{path} does not open; `vaultcli psychotherapy verify` says more")
        by_token = {one.known.token: one for one in holders if one.known is not None}
        if as_json:
            terminal.emit_json({"found": found.total, "hits": [_as_json(by_token[one.token], one) for one in shown]})
        else:
            for one in shown:
                _show(by_token[one.token], one)
            _end(found.total, len(shown))
    return OK if found.total else FINDINGS


def _end(count: int, shown: int) -> None:
    if not count:
        terminal.warn("nothing found")
    elif shown < count:
        terminal.warn(f"{shown} of {count} texts; --limit shows more")


def _show(person: Person, hit: Hit) -> None:
    kind = "" if hit.kind == "note" else hit.kind
    problem = f"NOT VERIFIED: {hit.problem}" if hit.problem else ""
    beside = "as another machine wrote it" if hit.beside else ""
    parts = (person.name, hit.facts.date or hit.written[:10], hit.facts.session, kind, beside, problem, hit.id)
    terminal.say(terminal.paint(terminal.escape(" · ".join(filter(None, parts)), keep=""), "cyan"))
    for place in hit.places[:PLACES]:
        section = f"  {place.section}" if place.section else ""
        terminal.say(terminal.escape(f"  line {place.line}{section}", keep=""))
        terminal.say(f"    {_passage(place)}")
    if len(hit.places) > PLACES:
        terminal.say(f"  and {terminal.counted(len(hit.places) - PLACES, 'more place')}")


def _passage(place: Place) -> str:
    shown = ((terminal.escape(text, keep=""), found) for text, found in place.pieces)
    return "".join(terminal.paint(text, "red", bold=True) if found else text for text, found in shown)


def _as_json(person: Person, hit: Hit) -> dict[str, Any]:
    return {
        "client": person.id,
        "handle": person.handle,
        "token": hit.token,
        "id": hit.id,
        "kind": hit.kind,
        "to": hit.to or None,
        "beside": bool(hit.beside),
        "date": hit.facts.date,
        "session": hit.facts.session,
        "written": hit.written,
        "problem": hit.problem,
        "places": [
            {
                "line": place.line,
                "section": place.section,
                "passage": place.passage,
                "found": [text for text, found in place.pieces if found],
            }
            for place in hit.places
        ],
    }
