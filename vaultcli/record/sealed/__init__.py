"""What the psychotherapy repository holds, as bytes and values; `docs/spec/psychotherapy/`. No key, disk or clock here."""
