"""Where a note's template comes from: the practice's own, as its policy has it, before the shipped one."""

from __future__ import annotations

from vaultcli.ground import resources
from vaultcli.ground.errors import BadInput, NotFound
from vaultcli.ground.markdown import comments
from vaultcli.places.chart.chart import BRANCH, Chart
from vaultcli.record.notes import empty_sections, fields, template
from vaultcli.record.notes.empty_sections import Bare
from vaultcli.record.notes.template import Stripped

FOLDER = "templates/notes"
"""Where templates lie, on the line `practice` and in what is shipped."""
_FORMER = "former-prompts.md"


def name_of(type_: str, format_: str) -> str:
    """A template's name: the format of a progress note, else the type."""
    return format_ if type_ in ("", fields.PROGRESS) else type_


def path_of(name: str) -> str:
    """Where the practice's own template of that name stands on its line."""
    return f"{FOLDER}/{name}.md"


def own(chart: Chart, name: str) -> bytes | None:
    """The practice's own template of that name, or None."""
    head = chart.repository.head(BRANCH)
    return chart.repository.read(head, path_of(name)) if head else None


def shipped(name: str) -> bytes | None:
    """The template of that name that comes with vaultcli, or None."""
    try:
        return resources.text("templates", f"notes/{name}.md").encode()
    except NotFound:
        return None


def find(chart: Chart, name: str) -> bytes | None:
    """A template's bytes, or None where nobody has one of that name."""
    mine = own(chart, name)
    return mine if mine is not None else shipped(name)


def get(chart: Chart, name: str) -> bytes:
    """A template's bytes.

    Raises:
        NotFound: there is none; the names that there are, are listed.
    """
    raw = find(chart, name)
    if raw is None:
        raise NotFound(f"no template is called {name}", hint="there are: " + ", ".join(names(chart)))
    return raw


def names(chart: Chart) -> list[str]:
    """The names of all templates, sorted."""
    return sorted({*shipped_names(), *own_names(chart)})


def shipped_names() -> list[str]:
    """The names of the templates that come with vaultcli, sorted."""
    return sorted(path.stem for path in (resources.folder("templates") / "notes").glob("*.md"))


def own_names(chart: Chart) -> list[str]:
    """The names of the practice's own templates, sorted."""
    head = chart.repository.head(BRANCH)
    mine = chart.repository.files(head) if head else {}
    return sorted(path.rpartition("/")[2].removesuffix(".md") for path in mine if path.startswith(f"{FOLDER}/"))


def formats(chart: Chart) -> list[str]:
    """Formats that a note may name besides the known ones: those of the practice's own templates."""
    return [name for name in names(chart) if name not in fields.TYPES]


def without_prompts(chart: Chart, raw: bytes, type_: str, format_: str) -> Stripped:
    """A note without what templates asked.

    Out go its own template's prompts and, if comments are left, those of every other one, shipped or the practice's, now
    or formerly: a draft may be older than its template, or have changed its format.

    Args:
        chart: the chart.
        raw: the note.
        type_: the note's type.
        format_: its format; the two name the template that it is held to.

    Raises:
        BadInput: the front matter of the note is not closed.
    """
    shape = find(chart, name_of(type_, format_))
    done = template.strip(raw, template.prompts_of(shape) if shape is not None else ())
    return template.strip(raw, every_prompt(chart)) if done.kept else done


def without_empty(chart: Chart, raw: bytes, stripped: bytes, type_: str, format_: str) -> Bare:
    """A note without the headings of templates below which nothing was written.

    Args:
        chart: the chart.
        raw: the draft, with its prompts.
        stripped: the same without them.
        type_: the note's type.
        format_: its format.
    """
    shape = find(chart, name_of(type_, format_))
    heads = empty_sections.given(shape) if shape is not None else frozenset()
    asked = template.prompts_of(shape) if shape is not None else frozenset[bytes]()
    left = [one for one in comments(raw) if raw[one.start : one.end] not in asked]
    # a draft may have changed its format: the headings of the former one stand above prompts that went
    kept = {one.text for one in comments(stripped)}
    gone = {raw[one.start : one.end] for one in left if one.text not in kept}
    return empty_sections.without(stripped, heads | (empty_sections.prompted(raw, gone) if gone else frozenset()))


def first_empty(chart: Chart, raw: bytes, type_: str, format_: str) -> int:
    """The line of a draft on which to begin writing, by its own template; 0 where no section of it is empty."""
    shape = find(chart, name_of(type_, format_))
    if shape is None:
        return 0
    return empty_sections.first(raw, empty_sections.given(shape), template.prompts_of(shape))


def every_prompt(chart: Chart) -> set[bytes]:
    """The prompts of all templates that there are, and of all that there were."""
    files = [resources.text("templates", f"notes/{name}.md") for name in shipped_names()]
    texts = [text.encode() for text in (*files, resources.text("templates", _FORMER))]
    return {prompt for raw in (*texts, *_of_the_practice(chart)) for prompt in _prompts(raw)}


def _of_the_practice(chart: Chart) -> list[bytes]:
    """Every version of every template that the practice ever recorded."""
    found: dict[str, bytes] = {}
    for commit in chart.repository.history(BRANCH):
        for path, (_, oid) in chart.repository.files(commit.oid).items():
            if path.startswith(f"{FOLDER}/") and oid not in found:
                found[oid] = chart.repository.objects.blob(oid)
    return list(found.values())


def _prompts(raw: bytes) -> frozenset[bytes]:
    try:
        return template.prompts_of(raw)
    except BadInput:
        return frozenset()
