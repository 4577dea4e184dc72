"""`vaultcli completion`: the script that teaches a shell to complete our commands."""

from __future__ import annotations

import click
from click.shell_completion import ShellComplete, get_completion_class

_WHERE = """
\b
bash:  vaultcli completion bash \\
           > ~/.local/share/bash-completion/completions/vaultcli
zsh:   vaultcli completion zsh > "${fpath[1]}/_vaultcli"
fish:  vaultcli completion fish > ~/.config/fish/completions/vaultcli.fish
"""


@click.command("completion", epilog=_WHERE)
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
def command(shell: str) -> None:
    """Print the completion script of a shell.

    Put it where the shell looks for completions and open a new shell.
    """
    from vaultcli.cli.door import COMPLETE_VARIABLE, root

    kind = get_completion_class(shell)
    assert kind is not None
    # The base class's method: bash's own first starts bash to ask for its version, which printing does not need.
    click.echo(ShellComplete.source(kind(root, {}, "vaultcli", COMPLETE_VARIABLE)))
