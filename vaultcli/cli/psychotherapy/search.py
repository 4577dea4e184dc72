"""`vaultcli psychotherapy search`: words in the sealed notes, in memory."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from vaultcli.cli.door import Options, pass_options
from vaultcli.cli.ui import passages, terminal
from vaultcli.ground.errors import FINDINGS, OK

if TYPE_CHECKING:
    from vaultcli.psychotherapy.notes.people import Person
    from vaultcli.psychotherapy.notes.search import Hit

NAMED = 200
"""Texts up to which the access log names each; of more it has how many."""


@click.command("search")
@click.argument("words", metavar="WORD...", nargs=-1, required=True)
@click.option("--client", metavar="CLIENT", help="Only in this client's notes.")
@passages.limit_option
@click.option("--json", "as_json", is_flag=True, help="Print it as JSON; docs/json.md describes the keys.")
@pass_options
def command(options: Options, words: tuple[str, ...], client: str | None, limit: int | None, as_json: bool) -> int:
    """Find the psychotherapy notes that hold all these words, newest session first.

    Case, accents and vowel points do not count, nor how a letter was typed: `strasse` finds Straße. Several words in
    quotation marks are a phrase; a star at the end stands for any ending. Chinese, Japanese and Thai are found anywhere in
    a line, as they write no blanks between words.

    Every note is opened in memory: there is no index. The search goes into the access log, its words do not.

    \b
    vaultcli psychotherapy search river
    vaultcli psychotherapy search "lost the thread" grief* --client ada

    The exit code is 1 where nothing was found. The words stand in your shell's history as any command line does.
    """  # noqa: D301
    from vaultcli.cli.psychotherapy import desk as desks
    from vaultcli.ground.errors import NotFound
    from vaultcli.psychotherapy.notes import search
    from vaultcli.record.view.query import query

    asked = query(words)
    most = passages.limit(limit, as_json=as_json)
    with desks.open_desk(options) as desk:
        holders = [one for one in desk.people if one.known is not None]
        if client:
            holders = [desks.whose(desk._replace(people=holders), client)]
        among = [one.known for one in holders if one.known is not None]
        if client and not among:
            raise NotFound(f"{client} has no psychotherapy notes")
        with terminal.progress("opening", sum(len(desk.store.files(known.token)) for known in among)) as bar:
            found = search.search(desk.store, desk.opener, among, asked, most, bar.update)
        shown = found.hits
        named = [one.id for one in shown] if len(shown) <= NAMED else []
        desks.note(desk, "search", among[0].token if client else "", list(dict.fromkeys(named)))
        for path in found.broken:
            terminal.warn(f"{path} does not open; `vaultcli psychotherapy verify` says more")
        by_token = {one.known.token: one for one in holders if one.known is not None}
        if as_json:
            terminal.emit_json({"found": found.total, "hits": [_as_json(by_token[one.token], one) for one in shown]})
        else:
            for one in shown:
                _show(by_token[one.token], one)
            passages.end(found.total, len(shown))
    return OK if found.total else FINDINGS


def _show(person: Person, hit: Hit) -> None:
    kind = "" if hit.kind == "note" else hit.kind
    problem = f"NOT VERIFIED: {hit.problem}" if hit.problem else ""
    beside = "as another machine wrote it" if hit.beside else ""
    parts = (person.name, hit.facts.date or hit.written[:10], hit.facts.session, kind, beside, problem, hit.id)
    passages.show(parts, hit.places, lambda place: f"line {place.line}")


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
        "places": passages.as_json(hit.places),
    }
