"""Reads every commit and every signed block of the frozen world and prints what is unusual in them, measured.

    python measure.py frozen-0.1.0.tar.xz

Nothing of vaultcli is used, only git: this is what an honest record of 0.1.0 looks like to somebody who brings new rules.
Sealed old lines are read from their bundles, the newest state of each line from the machine that has it.
"""
# ruff: noqa: E501

from __future__ import annotations

import base64
import hashlib
import itertools
import re
import subprocess
import sys
import tarfile
import tempfile
import tomllib
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from pathlib import Path
from zoneinfo import ZoneInfo

PLAIN = re.compile(r"[a-z][a-z-]*:(?: [^\s\"'\[\]{}&*!|>%@`#,:][^\"'#\t]*| \[[A-Za-z0-9., _-]*\])?|  [a-z-]+:(?: .*)?")
"""A front matter line that needs no YAML reader; one of many that could be chosen."""


@dataclass
class Commit:
    """One commit as git stores it."""

    oid: str
    parents: list[str]
    who: str
    time: int
    zone: str
    message: str
    key: str
    line: str
    files: dict[str, str] = field(default_factory=dict)

    @property
    def event(self) -> str:
        return self.message.split(None, 1)[0]

    @property
    def policy(self) -> str:
        found = re.search(r"^Policy: \w+:([0-9a-f]+)$", self.message, re.MULTILINE)
        return found[1] if found else ""

    @property
    def when(self) -> str:
        return _said(self.time, self.zone)


def _said(seconds: int, zone: str) -> str:
    offset = timedelta(hours=int(zone[1:3]), minutes=int(zone[3:5]))
    return datetime.fromtimestamp(seconds, timezone(-offset if zone[0] == "-" else offset)).isoformat()


def _at(moment: str) -> int:
    return int(datetime.fromisoformat(moment).timestamp())


def git(where: Path, *args: str) -> str:
    done = subprocess.run(["git", "-C", str(where), *args], capture_output=True, check=True)
    return done.stdout.decode("utf-8", "surrogateescape")


def fingerprint(armour: str) -> str:
    raw = base64.b64decode("".join(re.sub(r"-----.*?-----", "", armour).split()))
    size = int.from_bytes(raw[10:14], "big")
    return "SHA256:" + base64.b64encode(hashlib.sha256(raw[14 : 14 + size]).digest()).decode().rstrip("=")


def commits(where: Path, ref: str, line: str) -> list[Commit]:
    """The commits of a line, oldest first, with the files that each changed and their bytes' names."""
    found = []
    for oid in git(where, "rev-list", "--reverse", ref).split():
        head, _, message = git(where, "cat-file", "commit", oid).partition("\n\n")
        signature = re.search(r"^gpgsig(?:-sha256)? (.*(?:\n .*)*)", head, re.MULTILINE)
        author = re.search(r"^author (.*) <(.*)> (\d+) ([+-]\d{4})$", head, re.MULTILINE)
        one = Commit(
            oid, re.findall(r"^parent (\w+)$", head, re.MULTILINE), author[2], int(author[3]), author[4], message,
            fingerprint(signature[1]) if signature else "", line,
        )  # fmt: skip
        raw = git(where, "diff-tree", "-r", "--root", "--no-commit-id", "-z", oid).split("\0")
        one.files = {path: meta.split()[3] for meta, path in zip(raw[::2], raw[1::2], strict=False)}
        found.append(one)
    return found


def block_of(text: str) -> dict[str, str]:
    front = text.replace("\r\n", "\n").split("\n---\n", 1)[0] + "\n"
    if "\nsigned:\n" not in front:
        return {}
    return dict(re.findall(r"^  ([a-z]+): ?(.*)$", front.partition("\nsigned:\n")[2], re.MULTILINE))


def front_of(text: str) -> list[str]:
    front = text.replace("\r\n", "\n").removeprefix("---\n").split("\n---\n", 1)[0]
    return front.partition("\nsigned:\n")[0].split("\n")


class Record:
    """Everything of one practice: `practice`, each line, each sealed old line."""

    def __init__(self, name: str, where: Path, bundles: list[Path], scratch: Path) -> None:
        self.name, self.where = name, where
        self.practice = commits(where, "practice", "practice")
        self.lines = {
            ref: commits(where, ref, ref)
            for ref in git(where, "for-each-ref", "--format=%(refname:short)", "refs/heads/client").split()
        }
        self.places = dict.fromkeys(self.lines, where)
        for bundle in bundles:
            into = scratch / bundle.stem
            subprocess.run(["git", "clone", "-q", "--bare", str(bundle), str(into)], check=True, capture_output=True)
            for ref in git(into, "for-each-ref", "--format=%(refname:short)", "refs/heads/client").split():
                label = f"{ref} (old line, {bundle.stem[-16:][:8]})"
                self.lines[label], self.places[label] = commits(into, ref, label), into
        self.handles = {}
        for ref in self.lines:
            text = self.read(ref, next(c.files["client.md"] for c in reversed(self.lines[ref]) if "client.md" in c.files))
            self.handles[ref] = re.search(r"^handle: (.*)$", text, re.MULTILINE)[1] + (" (old)" if "old line" in ref else "")

    def read(self, line: str, oid: str) -> str:
        return git(self.places.get(line, self.where), "cat-file", "blob", oid)

    def all(self) -> Iterator[Commit]:
        for line in self.lines.values():
            yield from line

    def signed(self) -> Iterator[tuple[Commit, str, str, dict[str, str]]]:
        """(commit that first carried the signature on this line, path, text, block)."""
        for one in self.all():
            for path in one.files:
                if path.endswith(".md.sig"):
                    text = self.read(one.line, one.files[path.removesuffix(".sig")])
                    yield one, path.removesuffix(".sig"), text, block_of(text)


def h(seconds: int) -> str:
    sign, seconds = ("-" if seconds < 0 else ""), abs(seconds)
    days, rest = divmod(seconds, 86400)
    return sign + (f"{days} d " if days else "") + f"{rest // 3600}:{rest % 3600 // 60:02}:{rest % 60:02}"


def say(title: str, rows: list[str], limit: int = 12) -> None:
    print(f"\n{title}: {len(rows)}")
    for row in rows[:limit]:
        print(f"  {row}")
    if len(rows) > limit:
        print(f"  ... and {len(rows) - limit} more")


def measure(r: Record) -> None:
    order = {one.oid: number for number, one in enumerate(r.practice)}
    policy_time = {one.oid: one.time for one in r.practice}
    name = r.handles
    print(f"\n==== {r.name}: {len(r.practice)} commits of practice, {len(r.lines)} lines, {sum(map(len, r.lines.values()))} commits, "
          f"{sum(1 for _ in r.signed())} signed files first carried")

    gaps = [(one.time - _at(b["time"]), one, path, b) for one, path, _, b in r.signed()]
    plain = [row for row in gaps if row[1].event != "succeed"]
    print(f"\n|commit - block|, signed in an ordinary commit: {len(plain)}, greatest {max(abs(row[0]) for row in plain)} s")
    kept = [row for row in gaps if row[1].event == "succeed"]
    if kept:
        print(f"|commit - block|, taken over by a succession's root: {len(kept)}, from {h(min(x[0] for x in kept))} to {h(max(x[0] for x in kept))}")
        for root in {row[1].oid: row[1] for row in kept}.values():
            mine = [row[0] for row in kept if row[1].oid == root.oid]
            print(f"  {name[root.line]}: {len(mine)} files, {h(min(mine))} to {h(max(mine))}")

    rows = [f"{name[c.line]} {c.event}: {c.when}, names a policy of {h(policy_time[c.policy] - c.time)} later" for c in r.all()
            if c.policy in policy_time and policy_time[c.policy] > c.time]
    say("commits dated before the policy that they name", rows)
    rows = [f"{name[c.line]} {path.split('/')[-1][:22]}: block {b['time']}, its policy {h(policy_time[c.policy] - _at(b['time']))} later"
            for c, path, _, b in r.signed() if c.event != "succeed" and policy_time.get(c.policy, 0) > _at(b["time"])]
    say("blocks dated before the policy that their commit names", rows)
    same = [(p, c) for line in [*r.lines.values(), r.practice] for p, c in itertools.pairwise(line) if p.time == c.time]
    say("commits with their parent's very second", [f"{name.get(c.line, c.line)} {c.event} {c.when}, key {c.key[7:15]} after {p.key[7:15]}" for p, c in same])
    back = [c for line in [*r.lines.values(), r.practice] for p, c in itertools.pairwise(line) if p.time > c.time]
    say("commits before their parent", [c.when for c in back])

    admitted: dict[str, tuple[Commit, dict]] = {}
    keys: dict[str, dict] = {}
    for one in r.practice:
        if "signers.toml" in one.files:
            for row in tomllib.loads(r.read("practice", one.files["signers.toml"]))["key"]:
                admitted.setdefault(row["fingerprint"], (one, row))
                keys[row["fingerprint"]] = row
    rows = [f"{row['principal']} {row['kind']}: added {row['added']}, commit {one.when} ({h(one.time - _at(row['added']))} later)"
            for one, row in admitted.values() if one.time != _at(row["added"])]
    say("keys whose `added` is not the time of the commit that lets them in", rows)
    first: dict[str, Commit] = {}
    for one in r.all():
        if one.key not in first or one.time < first[one.key].time:
            first[one.key] = one
    rows = [f"{admitted[key][1]['principal']} {admitted[key][1]['kind']}: first commit {c.when}, admitted {admitted[key][0].when}"
            for key, c in first.items() if key in admitted and c.time < admitted[key][0].time]
    say("keys that committed, by their clock, before they were let in", rows)
    for key, row in keys.items():
        if "revoked" in row:
            late = [c for c in [*r.all(), *r.practice] if c.key == key and c.time > _at(row["revoked"])]
            print(f"revoked: {row['principal']} {row['kind']} ({row['reason']}) at {row['revoked']}; {sum(c.key == key for c in r.all())} commits on lines, {len(late)} of them dated later")
    for key, row in keys.items():
        if "revoked" in row:
            settled = {c.line for c in r.all() if f"Key: {key}" in c.message}
            carries = {c.line for c, p, _, _ in r.signed() if fingerprint(r.read(c.line, c.files[p + '.sig'])) == key} | {c.line for c in r.all() if c.key == key}
            loose = sorted(name[line] for line in carries - settled)
            if loose:
                print(f"  lines with commits or signatures of {row['principal']} {row['kind']} {key[7:15]} and no settlement: {', '.join(loose)}")
    selfmade = Counter(row["principal"] for row in keys.values() if row["endorsed-by"] == row["fingerprint"])
    print(f"keys that vouched for themselves, by person: {dict(selfmade)}")

    roles: dict[str, list[tuple[Commit, tuple[str, ...], str, str]]] = defaultdict(list)
    for one in r.practice:
        if "practice.toml" in one.files:
            for who in tomllib.loads(r.read("practice", one.files["practice.toml"])).get("people", tomllib.loads(r.read("practice", one.files["practice.toml"])).get("person", [])):
                seen = (tuple(who.get("roles", ())), who.get("credentials", ""), who.get("until", ""))
                if not roles[who["id"]] or roles[who["id"]][-1][1:] != seen:
                    roles[who["id"]].append((one, *seen))
    for who, steps in roles.items():
        if len(steps) > 1:
            print(f"{who}: " + "; ".join(f"{one.when} {'+'.join(had)} “{words}”{' until ' + until if until else ''}" for one, had, words, until in steps))
        for (_, _before, _, _), (change, _after, _, _) in itertools.pairwise(steps):
            late = [c for c in r.all() if c.who == who and c.time > change.time and order.get(c.policy, 99) < order[change.oid]]
            if late:
                print(f"  dated after the change of {change.when} under an older policy: " + "; ".join(f"{name[c.line]} {c.event} {c.when}" for c in late))
    events = Counter(c.event for c in [*r.all(), *r.practice])
    print(f"events: {dict(events)}")
    print(f"committed by the recovery signer: {Counter(c.event for c in [*r.all(), *r.practice] if c.who == 'recovery')}")
    print(f"zones of commits by person: { {who: dict(z) for who, z in _zones(r).items()} }")
    rows = [f"{name[c.line]}: block {b['time']}, commit {c.when}" for c, _, _, b in r.signed() if c.event != "succeed" and b["time"][-6:].replace(":", "") != c.zone]
    say("block and commit in different zones", rows)
    print(f"words of `clock:` {dict(Counter(b['clock'] for *_, b in r.signed()))}; `meaning:` {dict(Counter(b['meaning'] for *_, b in r.signed()))}; "
          f"`kind:` {dict(Counter(b['kind'] for *_, b in r.signed()))}")

    rows = [f"{name[c.line]} {path.split('/')[-1][:30]}: lateness {b['lateness']}" for c, path, _, b in r.signed() if b.get("lateness", "").startswith("-")]
    say("blocks with a negative lateness", rows)
    rows, dates, types, zones = [], [], [], []
    for c, path, text, b in r.signed():
        front = dict(line.partition(": ")[::2] for line in front_of(text) if ": " in line)
        if b["kind"] in ("note", "correction") and path.startswith("notes/"):
            stem = path.removeprefix("notes/")
            dated = front.get("date", "").strip("\"'")
            if dated and dated != stem[:10]:
                dates.append(f"{name[c.line]} {stem[:32]} ({b['kind']}): date: {dated}")
            if dated:
                ahead = (datetime.fromisoformat(dated).date() - datetime.fromisoformat(b["time"]).date()).days
                if ahead > 0:
                    rows.append(f"{name[c.line]} {stem[:32]} ({b['kind']}): date: {dated}, signed {b['time']}")
            end = _end(front, dated, b["time"])
            if end is not None and end > _at(b["time"]):
                zones.append(f"{name[c.line]} {stem[:32]} ({b['kind']}): ends {h(end - _at(b['time']))} after {b['time']}")
    say("dated, by their own day, after the day on which they were signed", rows)
    say("session ends after the signature (in the zone that the note names, else the block's)", zones)
    say("signed with a `date:` that is not the date in the name", dates)
    for c in r.all():
        for path, oid in c.files.items():
            if path.startswith("notes/") and path.endswith(".md") and path.count(".") == 1:
                front = dict(line.partition(": ")[::2] for line in front_of(r.read(c.line, oid)) if ": " in line)
                kind = path.removeprefix("notes/")[11:].rpartition("-")[0]
                if front.get("type", "progress") != kind or front.get("id") != path.removesuffix(".md").rpartition("-")[2]:
                    types.append(f"{name[c.line]} {c.event} {path}: type {front.get('type')}, id {front.get('id')}")
    say("recorded with a `type:` or `id:` that is not the name's", types)

    odd: Counter[str] = Counter()
    texts = 0
    for _, _, text, _ in r.signed():
        texts += 1
        for line in front_of(text):
            if not PLAIN.fullmatch(line):
                odd[f"{line[:60]}"] += 1
    print(f"\nfront matter lines of {texts} signed files that one simple expression does not take: {sum(odd.values())}")
    for line, count in odd.most_common(14):
        print(f"  {count} x {line}")

    rows = []
    for c in r.all():
        if c.event == "succeed":
            said = tomllib.loads(r.read(c.line, c.files["succession.toml"]))
            rows.append(f"{name[c.line]} {said['ground']} {c.when} by {c.who}: {len(said['commits'])} commits, {len(said['kept'])} kept, "
                        f"{len(said.get('left-out', []))} left out, {len(said.get('earlier', []))} earlier, sealed {bool(said['sealed'])}")
            for row in said["kept"]:
                if row["path"].endswith(".md"):
                    b = block_of(r.read(c.line, c.files[row["path"]]))
                    if b and b["by"] != row["by"]:
                        rows.append(f"    {row['path'][:50]}: recorded by {row['by']}, signed by {b['by']}")
                    if b and b["recorded"] != row["recorded"]:
                        rows.append(f"    {row['path'][:50]}: block recorded {b['recorded']}, row {row['recorded']}")
                    if b.get("cosigner"):
                        rows.append(f"    {row['path'][:50]}: cosigner {b['cosigner']}, root's policy has {b['by']} as {_now(r, roles, b['by'])}")
    say("successions", rows, 40)
    rows = []
    for line in r.lines:
        there, blocks = set(), []
        for one, path, _, b in r.signed():
            if one.line == line:
                there.add(hashlib.sha256(_raw(r, line, one.files[path])).hexdigest())
                blocks.append((int(b["number"]), b["follows"].strip("[]"), path))
        for number, follows, path in sorted(blocks):
            if follows and follows not in there:
                rows.append(f"{name[line]} number {number}, {path.split('/')[-1][:34]}")
    say("signed files that follow one which the line does not hold any more", rows)
    sizes = Counter(sum(path.endswith(".md.sig") for path in c.files) for c in r.all() if c.event in ("sign", "attach"))
    print(f"signatures in one commit of `sign` or `attach`: {dict(sorted(sizes.items()))}")
    say("lines that hold nothing but a group's entry", [name[line] for line in r.lines if re.search(r"^kind: group$", r.read(line, r.lines[line][-1].files["client.md"]) if "client.md" in r.lines[line][-1].files else "", re.MULTILINE)])
    rows = [f"{name[c.line]} {path.split('/')[-1][:30]}: recorded {b['recorded']}, signed {b['time']}" for c, path, _, b in r.signed()
            if c.event != "succeed" and _at(b["recorded"]) > _at(b["time"])]
    say("first recorded after it was signed", rows)
    waits = [(_at(b["time"]) - _at(b["recorded"]), f"{name[c.line]} {path.split('/')[-1][:34]}") for c, path, _, b in r.signed()]
    print(f"longest from first recording to signature: {h(max(waits)[0])} ({max(waits)[1]})")


def _raw(r: Record, line: str, oid: str) -> bytes:
    return subprocess.run(["git", "-C", str(r.places.get(line, r.where)), "cat-file", "blob", oid], capture_output=True, check=True).stdout


def _now(r: Record, roles: dict, who: str) -> str:
    return "+".join(roles[who][-1][1]) if roles.get(who) else "?"


def _zones(r: Record) -> dict[str, Counter[str]]:
    found: dict[str, Counter[str]] = defaultdict(Counter)
    for one in [*r.all(), *r.practice]:
        found[one.who][one.zone] += 1
    return found


def _end(front: dict[str, str], day: str, signed: str) -> int | None:
    words = front.get("time", "").split()
    if not day or not words or "-" not in words[0]:
        return None
    begin, end = words[0].split("-")
    zone = ZoneInfo(words[1]) if len(words) > 1 else datetime.fromisoformat(signed).tzinfo
    moment = datetime.fromisoformat(f"{day}T{end}").replace(tzinfo=zone) + timedelta(days=int(end < begin))
    return int(moment.timestamp())


def between(world: Path) -> None:
    """What only shows between machines: heads that differ, objects on no line, the sealed repository's times."""
    print("\n==== machines")
    for chart in sorted(world.glob("*/practice/chart")):
        ours = dict(line.split() for line in git(chart, "for-each-ref", "--format=%(refname:lstrip=2) %(objectname)", "refs/heads").splitlines())
        theirs = dict(line.split() for line in git(chart, "for-each-ref", "--format=%(refname:lstrip=3) %(objectname)", "refs/remotes").splitlines())
        apart = [ref for ref in ours if ref in theirs and ours[ref] != theirs[ref]]
        own = [ref for ref in ours if ref not in theirs]
        everything = set(git(chart, "cat-file", "--batch-check=%(objectname)", "--batch-all-objects").split())
        reached = set(git(chart, "rev-list", "--objects", "--no-object-names", "--branches").split())
        old = [oid for oid in sorted(everything - reached) if git(chart, "cat-file", "-t", oid).strip() == "commit"]
        print(f"{chart.parent.parent.name}: {len(ours)} lines, other than at the remote: {[ref[:15] for ref in apart]}, not there: {[ref[:15] for ref in own] if theirs else 'no remote'}, "
              f"{len(everything - reached)} objects on no line, {len(old)} of them commits")
    refs = Counter(re.sub(r"[0-9a-z]{16}", "ID", ref) for chart in world.glob("*/practice/chart") for ref in git(chart, "for-each-ref", "--format=%(refname)").split())
    print(f"refs of all charts: {dict(refs)}")
    for repository in sorted([*world.glob("*/practice/psychotherapy"), world / "sealed-hub.git"]):
        history = git(repository, "log", "--format=%H %P|%at|%ai|%an|%s", "sealed").splitlines()
        merges = [row for row in history if len(row.split("|")[0].split()) > 2]
        times = Counter(row.split("|")[2][11:] for row in history)
        print(f"{repository.relative_to(world)}: {len(history)} commits, {len(merges)} merges, times of day {dict(times)}, authors {Counter(row.split('|')[3] for row in history)}")


def main(archive: Path) -> None:
    with tempfile.TemporaryDirectory() as folder:
        with tarfile.open(archive) as tar:
            tar.extractall(folder, filter="tar")
        (world,) = Path(folder).iterdir()
        scratch = Path(folder) / "scratch"
        scratch.mkdir()
        measure(Record("Willow Street Counseling (office)", world / "office/practice/chart", sorted((world / "sealed-lines").iterdir()), scratch))
        measure(Record("Kim's practice (kim)", world / "kim/practice/chart", [], scratch))
        measure(Record("the lost netbook", world / "netbook/practice/chart", [], scratch))
        between(world)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
