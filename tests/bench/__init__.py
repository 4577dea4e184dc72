"""Benchmarks: a synthetic practice of any size, and one command that measures ours against the tools named.

`python -m tests.bench` prints the table of `docs/benchmarks.md`. None of it is a timed test.
"""
