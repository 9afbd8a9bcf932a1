"""`assay accept` writes what really came out, and nothing else."""

from __future__ import annotations

import pytest

from assay import alignment
from assay.sources import transcript
from conftest import Result, Site


def accepted(site: Site, page: str, *arguments: str) -> tuple[Result, str]:
    """Accept a page; returns what was said and the page's bytes as text."""
    (site.root / "docs" / "index.md").write_bytes(page.encode())
    done = site.assay("accept", *arguments)
    return done, (site.root / "docs" / "index.md").read_bytes().decode()


def block(*lines: str, header: str = "console") -> str:
    return "\n".join([f"```{header}", *lines, "```", ""])


def test_missing_output_is_written_and_a_second_run_changes_nothing(site: Site) -> None:
    done, text = accepted(site, block("$ echo one", "$ printf 'a\\nb\\n'"))
    assert (done.code, done.output.splitlines()[0]) == (0, "docs/index.md: 2 changes")
    assert text == block("$ echo one", "one", "$ printf 'a\\nb\\n'", "a", "b")
    again, same = accepted(site, text)
    assert (again.code, again.output.splitlines()[0]) == (0, "nothing to change")
    assert same == text


def test_several_blocks_of_a_session_in_one_call(site: Site) -> None:
    page = "".join(block(f"$ echo {n}", "old") + "\ntext\n\n" for n in range(60))
    done, text = accepted(site, page)
    assert done.output.splitlines()[0] == "docs/index.md: 60 changes"
    assert text == page.replace("old\n", "{}\n").format(*range(60))
    assert done.code == 0


def test_dots_stay_where_they_still_match(site: Site) -> None:
    page = block(
        "$ printf 'took 12 ms\\nsize 34 B\\nend\\n'", "took ... ms", "size 33 B", "end",
        "$ printf 'a\\nb\\nnew\\n'", "...", "old",
        "$ printf 'x\\ny\\n'", "...",
    )  # fmt: skip
    done, text = accepted(site, page)
    assert done.code == 0
    assert text == page.replace("size 33 B", "size 34 B").replace("...\nold", "...\nnew")


def test_output_that_looks_like_notation_is_written_literally(site: Site) -> None:
    done, text = accepted(site, block("$ printf '$ x\\nand...\\n50%%\\r100%%\\n'"))
    assert done.code == 0
    lines = ["\\$ x", "and\\...", "50%\\x0d100%"]
    assert text == block("$ printf '$ x\\nand...\\n50%%\\r100%%\\n'", *lines)


def test_normalised_noise_is_left_as_it_was(site: Site) -> None:
    page = block(
        "$ echo took 12ms; echo b", "took 99ms", "a", header='console normalize="duration"'
    )
    done, text = accepted(site, page)
    assert done.code == 0
    assert text == page.replace("\na\n", "\nb\n")


@pytest.mark.parametrize("before", ["    ", "\t"])
def test_blocks_in_lists_keep_their_indentation(site: Site, before: str) -> None:
    lines = ["```console", "$ printf 'a\\n\\n  b\\n'", "old", "```"]
    page = "- item\n\n" + "".join(f"{before}{line}\n" for line in lines)
    done, text = accepted(site, page)
    assert done.code == 0
    assert text == page.replace(f"{before}old\n", f"{before}a\n\n{before}  b\n")


def test_blocks_in_quotes_keep_their_marks(site: Site) -> None:
    page = "> ```console\n> $ printf 'a\\n\\nb\\n'\n> old\n> ```\n"
    done, text = accepted(site, page)
    assert done.code == 0
    assert text == page.replace("> old\n", "> a\n>\n> b\n")


def test_line_ends_and_the_byte_order_mark_are_kept(site: Site) -> None:
    page = "\ufeff# T\n\n" + block("$ printf 'a\\nb\\n'", "old") + "\nlast"
    done, text = accepted(site, page.replace("\n", "\r\n"))
    assert done.code == 0
    assert text == page.replace("old\n", "a\nb\n").replace("\n", "\r\n")


def test_tabs_in_output_are_kept(site: Site) -> None:
    done, text = accepted(site, block("$ printf 'a\\tb\\n\\tc\\n'"))
    assert done.code == 0
    assert text == block("$ printf 'a\\tb\\n\\tc\\n'", "a\tb", "\tc")


PROGRAM = """\
```go
package main

import "fmt"

func main() {
\tfmt.Println("hello")
\tfmt.Println("world")
}
```

"""


def test_output_of_a_program_and_of_a_script(site: Site) -> None:
    script = block("echo from bash", header="bash") + block("old", header="output")
    done, text = accepted(site, PROGRAM + block("hallo", "...", header="output") + "\n" + script)
    assert done.code == 0, done.output
    expected = PROGRAM + block("hello", "...", header="output") + "\n" + script
    assert text == expected.replace("old", "from bash")


VERSION = "go version | cut -d' ' -f3"


def test_each_toolchain_has_its_own_output(site: Site) -> None:
    page = block(f"$ {VERSION}", "old", header='console go="1.26"')
    page += "\n" + block(f"$ {VERSION}", "old", header='console go="1.27"')
    done, text = accepted(site, page)
    assert done.code == 0, done.output
    assert text == page.replace("old", "go1.26.8", 1).replace("old", "go1.27.3")


def test_one_output_for_two_toolchains_that_differ_is_refused_aloud(site: Site) -> None:
    page = block(f"$ {VERSION}", "old", header='console go="1.26 1.27"')
    done, text = accepted(site, page)
    assert (done.code, text) == (1, page)
    assert done.output.startswith("evidence.lock: 1 change\ndocs/index.md:1:1: not rewritten: ")
    assert "differs between Go 1.26.8 and 1.27.3; give each a block with its own go=" in done.output


def test_one_output_for_two_toolchains_may_be_open_where_they_differ(site: Site) -> None:
    page = block(f"$ echo a; {VERSION}", "old", "go1...", header='console go="1.26 1.27"')
    done, text = accepted(site, page)
    assert done.code == 0, done.output
    assert text == page.replace("old", "a")


def test_included_output_is_refused_aloud(site: Site) -> None:
    site.write({"snippets/out.txt": "$ echo a\nold\n"})
    page = '```console\n--8<-- "out.txt"\n```\n'
    done, text = accepted(site, page)
    assert (done.code, text) == (1, page)
    assert "not rewritten: the output comes from 'snippets/out.txt'; edit that file" in done.output


def test_output_that_would_close_its_block_is_refused_aloud(site: Site) -> None:
    page = block("$ printf '```\\n'", "old")
    done, text = accepted(site, page)
    assert (done.code, text) == (1, page)
    assert "the output holds the line '```'; write a longer fence" in done.output
    longer = f"`{page[:-1]}`\n"
    done, text = accepted(site, longer)
    assert done.code == 0, done.output
    assert text == longer.replace("old", "```")


def test_other_findings_are_told(site: Site) -> None:
    page = block("$ echo a", "old") + "\n" + block("$ false", "$ echo b", "old")
    done, text = accepted(site, page)
    assert done.code == 1
    assert text == page.replace("old", "a", 1)
    assert "docs/index.md:7:1: the command ended with exit 1, 0 is expected" in done.output


def test_a_page_that_is_right_is_not_touched(site: Site) -> None:
    page = block("$ echo a", "...", "$ echo b", "b   ")
    done, text = accepted(site, page)
    assert (done.code, text) == (0, page)


CAPTURE = block(
    "$ echo 'size 4200000 share 12.5 times 3.14159 loss -7.25'", "...",
    header='console capture="size:B=size (\\d+);share:%=share (\\S+);ratio=times (\\S+)'
    ';loss:%=loss (\\S+)"',
)  # fmt: skip


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("[3.6 MB](measure:size)", "[4.2 MB](measure:size)"),
        ("[3,600,000 B](measure:size)", "[4,200,000 B](measure:size)"),
        ("[3600 kB](measure:size)", "[4200 kB](measure:size)"),
        ("[约 2.6 倍](measure:ratio)", "[约 3.1 倍](measure:ratio)"),
        ('[约 2 倍](measure:ratio "±30%")', '[约 3 倍](measure:ratio "±30%")'),
        ("[+11.0%](measure:share)", "[+12.5%](measure:share)"),
        ("[−9.00%](measure:loss)", "[−7.25%](measure:loss)"),
        ("[1 B](measure:size) 和 [1 B](measure:size)",
         "[4200000 B](measure:size) 和 [4200000 B](measure:size)"),
    ],
)  # fmt: skip
def test_numbers_keep_the_form_that_their_author_chose(site: Site, old: str, new: str) -> None:
    done, text = accepted(site, f"{CAPTURE}\n文字 {old}。\n", "--measures")
    assert done.code == 0, done.output
    assert text == f"{CAPTURE}\n文字 {new}。\n"


def test_figures_of_a_chart_are_rewritten_where_they_are_wrong(site: Site) -> None:
    chart = """
> ```mermaid title="Size and loss" measures="MB=size size ±10%; %=loss share"
> xychart-beta
>   x-axis ["a", "b"]
>   bar [3.6,4.1]
>   line [-7.25, 9]
> ```
"""
    done, text = accepted(site, CAPTURE + chart, "--measures")
    assert done.code == 0, done.output
    assert text == CAPTURE + chart.replace("3.6", "4.2").replace(" 9]", " 12]")


def test_numbers_that_hold_are_left_alone(site: Site) -> None:
    page = f'{CAPTURE}\n[4.2 MB](measure:size) [3 倍](measure:ratio "±10%")\n'
    done, text = accepted(site, page, "--measures")
    assert (done.code, text) == (0, page)
    assert done.output.startswith("evidence.lock: 1 change\n1 pages")


def test_numbers_are_rewritten_only_when_asked_for(site: Site) -> None:
    page = f"{CAPTURE}\n[3.6 MB](measure:size)\n"
    done, text = accepted(site, page)
    assert (done.code, text) == (1, page)


@pytest.mark.parametrize(
    ("link", "says"),
    [
        ("[3.6 s](measure:size)", "has the unit 's'"),
        ("[3.6 MB](measure:nothing)", "nothing captured as 'nothing'"),
        ("[**3.6** MB](measure:size)", "not rewritten: '3.6 MB' can't be found as plain text"),
    ],
)
def test_numbers_that_cannot_be_rewritten_are_told(site: Site, link: str, says: str) -> None:
    page = f"{CAPTURE}\n{link}\n"
    done, text = accepted(site, page, "--measures")
    assert (done.code, text) == (1, page)
    assert says in done.output


def test_numbers_of_another_page(site: Site) -> None:
    site.write({"docs/other.md": CAPTURE})
    done, text = accepted(site, "[3.6 MB](measure:other.md#size)\n", "--measures")
    assert done.code == 0, done.output
    assert text == "[4.2 MB](measure:other.md#size)\n"


@pytest.mark.parametrize(
    ("wanted", "real", "made"),
    [
        ((), ("a",), ("a",)),
        (("a",), (), ()),
        (("...", "usage: x", "..."), ("h", "usage: y", "t"), ("...", "usage: y", "...")),
        (("a", "...", "z"), ("b", "x", "y", "z"), ("b", "...", "z")),
        (("one ...", "two"), ("new", "one 1", "two"), ("new", "one ...", "two")),
        (("a", "b", "c"), ("a", "c"), ("a", "c")),
        (("...", "b"), ("b", "b", "c"), ("...", "b", "c")),
        (("x",) * 50, ("y",) * 50, ("y",) * 50),
    ],
)
def test_lines_are_laid_over_each_other(
    wanted: tuple[str, ...], real: tuple[str, ...], made: tuple[str, ...]
) -> None:
    pieces = alignment.merged(wanted, real, (), console=True)
    lines = tuple(wanted[p] if isinstance(p, int) else p for p in pieces)
    assert lines == made
    assert transcript.difference(lines, real) is None
