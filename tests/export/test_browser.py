"""The HTML page in a real browser: what is seen and printed, and that nothing leaves or runs."""

from __future__ import annotations

import html as stdlib_html
import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.export.hostile import TEXTS, document
from tests.export.test_html import ALLOWED, ATTRIBUTES, Page
from vaultcli.export import html

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium here: the HTML page was not tried in a browser")

QUIET = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--disable-default-apps", "--hide-scrollbars", "--no-pdf-header-footer",
    "--proxy-server=127.0.0.1:9", "--virtual-time-budget=2000",
)  # fmt: skip
ACTS = ("script", "image", "svg", "style", "meta", "frame", "form", "link", "picture", "reference", "attribute", "close", "css")
"""Texts that would ask for something or run something."""


def browse(tmp_path: Path, raw: bytes, *more: str) -> str:
    """What the browser prints; the page is `page.html`, the log of its network `net.json`."""
    (tmp_path / "page.html").write_bytes(raw)
    assert CHROMIUM is not None
    command = [CHROMIUM, *QUIET, f"--user-data-dir={tmp_path / 'profile'}", f"--log-net-log={tmp_path / 'net.json'}", *more]
    done = subprocess.run([*command, (tmp_path / "page.html").as_uri()], capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    return done.stdout


def asked_for(tmp_path: Path) -> set[str]:
    """Every address of the page's doing in the log of the network; the browser's own errands are its maker's."""
    text = (tmp_path / "net.json").read_text(encoding="utf-8")
    found = set(re.findall(r"https?://[^\"\s\\]+", text))
    json.loads(text)
    return {url for url in found if "example.org" in url}


def hostile() -> bytes:
    return html.write(document("\n\n".join(TEXTS[name] for name in ACTS)))


def test_no_request_leaves_and_nothing_runs(tmp_path):
    seen = browse(tmp_path, hostile(), "--dump-dom", "--enable-logging=stderr")
    assert asked_for(tmp_path) == set()
    made = Page(seen.encode())
    assert {tag for tag, _ in made.tags} <= ALLOWED
    assert {name for _, attributes in made.tags for name in attributes} <= ATTRIBUTES
    body = stdlib_html.unescape(re.sub(r"<[^>]+>", "", seen.partition("<body>")[2]))
    assert "<script>alert(1)</script>" in body
    assert "[b](http://example.org 'c')" in body
    assert all(attributes["href"].startswith("#part-") for tag, attributes in made.tags if tag == "a")


def test_the_check_of_requests_can_fail(tmp_path):
    raw = hostile().replace(b"</main>", b'<img src="http://example.org/leak.png"></main>')
    policed = raw
    open_to_all = re.sub(rb"<meta http-equiv[^>]+>", b"", raw)
    browse(tmp_path, policed, "--dump-dom")
    assert asked_for(tmp_path) == set(), "the policy in the page holds back what slips into it"
    browse(tmp_path, open_to_all, "--dump-dom")
    assert asked_for(tmp_path) != set()


def test_our_style_is_not_held_back_by_our_policy(tmp_path):
    out, raw = tmp_path / "page.png", html.write(document("x"))
    browse(tmp_path, raw, f"--screenshot={out}", "--window-size=600,400")
    styled = out.read_bytes()
    browse(tmp_path, re.sub(rb"sha256-[^']+", b"sha256-AAAA", raw), f"--screenshot={out}", "--window-size=600,400")
    assert out.read_bytes() != styled


@pytest.mark.skipif(shutil.which("pdftotext") is None, reason="poppler-utils is not installed")
def test_on_paper_every_page_has_practice_client_and_number(tmp_path):
    raw = html.write(document("Words of a note. " * 1500 + "\n\n" + TEXTS["table"], mark="DRAFT: x"))
    browse(tmp_path, raw, f"--print-to-pdf={tmp_path / 'page.pdf'}")
    said = subprocess.run(["pdftotext", "-layout", tmp_path / "page.pdf", "-"], capture_output=True, text=True, check=True)
    pages = said.stdout.split("\f")[:-1]
    assert len(pages) > 4
    for number, page in enumerate(pages, start=1):
        assert "P Words of a note." in page
        assert "DRAFT" in page
        assert f"{number} of {len(pages)}" in page
