"""Where the psychotherapy notes are on this machine: settings, keys, pins, and the repository of sealed files."""
