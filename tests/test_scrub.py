from __future__ import annotations

import pytest

from assay import scrub


@pytest.mark.parametrize(
    ("data", "text"),
    [
        (b"plain\ttext\n", "plain\ttext\n"),
        (b"a\r\nb\r\n", "a\nb\n"),
        (b"10%\r20%", r"10%\x0d20%"),
        (b"\x1b[1;31mred\x1b[0m", "red"),
        (b"\x1b[2J\x1b[Hclean", "clean"),
        (b"\x1b]0;title\x07text", "text"),
        (b"\x1b]52;c;cm0gLXJm\x1b\\text", "text"),
        (b"\x1bPq#0\x1b\\text", "text"),
        (b"\x1b]0;no end", r"\x1b]0;no end"),
        (b"\x1bcreset", "reset"),
        ("\x9b31mred".encode(), "red"),
        (b"nul\x00bell\x07back\x08del\x7f", r"nul\x00bell\x07back\x08del\x7f"),
        (b"\xff\xfe", "\ufffd\ufffd"),
        ("if\u202e user\u2066".encode(), r"if\u202e user\u2066"),
        ("\u200bzero\ufeff".encode(), r"\u200bzero\ufeff"),
        ("中文 héllo 👩\u200d💻".encode(), "中文 héllo 👩\u200d💻"),
        (b"<script>alert(1)</script>", "<script>alert(1)</script>"),
    ],
)
def test_clean(data: bytes, text: str) -> None:
    assert scrub.clean(data) == text


@pytest.mark.parametrize(
    "line", ["::error::x", "  ::set-output name=a::b", "##[group]x", "text ##[error]x"]
)
def test_no_line_is_a_workflow_command(line: str) -> None:
    shown = scrub.github(f"before\n{line}\nafter")
    for shown_line in shown.splitlines():
        assert not shown_line.strip().startswith("::")
        assert "##[" not in shown_line
    assert shown.replace("\u200b", "") == f"before\n{line}\nafter"


def test_ordinary_text_stays_in_a_ci_log() -> None:
    text = "std::vector, a :: b, [::1]:80, ## [heading]\n"
    assert scrub.github(text) == text


def test_paths_longest_first_and_whole_names_only() -> None:
    mapping = {"/cache/go": "$GOROOT", "/cache": "$CACHE", "/cache/go/src": "$SRC"}
    text = "/cache/go/src/fmt /cache/go/bin /cache/gopher /cache: /cache.\n"
    shown = "$SRC/fmt $GOROOT/bin $CACHE/gopher $CACHE: $CACHE.\n"
    assert scrub.paths(text, mapping) == shown


def test_paths_without_a_mapping() -> None:
    assert scrub.paths("/usr/bin", {}) == "/usr/bin"
