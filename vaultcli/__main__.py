"""Entry point of the console script and of `python -m vaultcli`."""

from __future__ import annotations

import sys


def main() -> None:
    """Run the command line and end the process with its exit code.

    A bare `vaultcli --version` is answered here, before click is imported.
    """
    if sys.argv[1:] == ["--version"]:
        from vaultcli import __version__

        sys.stdout.write(f"vaultcli {__version__}\n")
        return
    from vaultcli.cli.door import run

    sys.exit(run(sys.argv[1:]))


if __name__ == "__main__":
    main()
