"""`vaultcli template`: what a note can begin with."""

from __future__ import annotations

from vaultcli.cli import Entry
from vaultcli.cli.lazygroup import LazyGroup

command = LazyGroup(
    "template",
    {
        "list": Entry(".write.template_list", "command", "List templates."),
        "show": Entry(".write.template_show", "command", "Print a template."),
        "check": Entry(".write.template_check", "command", "Check a file that is to be a template."),
        "add": Entry(".write.template_add", "command", "Make a file the practice's own template."),
    },
    help="""What a note can begin with.

    A template is a Markdown file: lines to fill, headings, and prompts in comments that are gone when the note is signed.
    A practice's own stands in for the shipped one of its name:

    \b
    vaultcli template show dap > dap.md    then change it
    vaultcli template add dap.md
    """,
)
