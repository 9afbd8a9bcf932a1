"""Pages written in every way that Markdown allows, and the blocks that they hold.

A block is `LINE:COLUMN LANGUAGE key=value …`; its text is `{}` and a newline where nothing else is
said, and its first line stands below the fence in the fence's own column. A finding is
`LINE:COLUMN part of the message`, behind `path:` where it isn't on the page.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

EMPTY = "{}\n"


@dataclass(frozen=True)
class Seen:
    """A block as it must be read: where, with what, and where its lines stand."""

    header: str
    text: str = EMPTY
    lines: tuple[str, ...] = ()


@dataclass(frozen=True)
class Odd:
    """One page, in a file of its own name."""

    name: str
    text: str
    blocks: tuple[Seen | str, ...] = ()
    findings: tuple[str, ...] = ()
    files: Mapping[str, str] = field(default_factory=dict)


CONTAINERS = (
    Odd("plain", "```json\n{}\n```\n", ("1:1 json",)),
    Odd("no-final-newline", "```json\n{}\n```", ("1:1 json",)),
    Odd("after-a-paragraph", "text\n```json\n{}\n```\ntext\n", ("2:1 json",)),
    Odd("two-in-a-row", "```json\n{}\n```\n```toml\n{}\n```\n", ("1:1 json", "4:1 toml"),
        ("5:1 invalid statement",)),
    Odd("indented-by-three", "   ```json\n   {}\n   ```\n", ("1:4 json",)),
    Odd("indented-fence-plain-body", "  ```json\n{}\n  ```\n", (),
        ("1:3 never closed", "3:3 never closed")),
    Odd("list", "- one\n\n    ```json\n    {}\n    ```\n\n- two\n", ("3:5 json",)),
    Odd("list-without-blank", "- one\n    ```json\n    {}\n    ```\n", ("2:5 json",)),
    Odd("numbered-list", "1. one\n\n    ```json\n    {}\n    ```\n", ("3:5 json",)),
    Odd("nested-list", "- a\n    - b\n\n        ```json\n        {}\n        ```\n", ("4:9 json",)),
    Odd("list-in-quote", "> - a\n>\n>     ```json\n>     {}\n>     ```\n", ("3:7 json",)),
    Odd("quote", "> ```json\n> {}\n> ```\n", ("1:3 json",)),
    Odd("quote-without-space", ">```json\n>{}\n>```\n", ("1:2 json",)),
    Odd("quote-in-quote", "> > ```json\n> > {}\n> > ```\n", ("1:5 json",)),
    Odd("quote-with-empty-line", "> ```json\n> {\n>\n> }\n> ```\n",
        (Seen("1:3 json", "{\n\n}\n", ("2:3", "3:2", "4:3")),)),
    Odd("quote-left-half-way", "> ```json\n> {}\n\ntext\n", (), ("1:3 never closed",)),
    Odd("quote-in-list", "- a\n\n    > ```json\n    > {}\n    > ```\n", ("3:7 json",)),
    Odd("admonition", '!!! note "x"\n    ```json\n    {}\n    ```\n', ("2:5 json",)),
    Odd("admonition-in-list", "- a\n\n    !!! note\n\n        ```json\n        {}\n        ```\n",
        ("5:9 json",)),
    Odd("details", "??? note\n    ```json\n    {}\n    ```\n", ("2:5 json",)),
    Odd("details-open", '???+ note "x"\n\n    text\n\n    ```json\n    {}\n    ```\n',
        ("5:5 json",)),
    Odd("tabs",
        '=== "a"\n    ```json\n    {}\n    ```\n=== "b"\n    ```json name="b"\n    {}\n    ```\n',
        ("2:5 json", "6:5 json name=b")),
    Odd("tabs-in-list", '- x\n\n    === "a"\n\n        ```json\n        {}\n        ```\n',
        ("5:9 json",)),
    Odd("footnote", "text[^1]\n\n[^1]:\n    note\n\n    ```json\n    {}\n    ```\n", ("6:5 json",)),
    Odd("footnote-unused", "text\n\n[^1]:\n    ```json\n    {}\n    ```\n", ("4:5 json",),
        ("1:1 no anchor 'fnref:1'",)),
    Odd("footnote-before-text",
        "a[^n]\n\n[^n]:\n    x\n\n    ```json name=\"n\"\n    {}\n    ```\n\n"
        "```json\n{}\n```\n", ("6:5 json name=n", "10:1 json")),
    Odd("definition", "word\n:   meaning\n\n    ```json\n    {}\n    ```\n", ("4:5 json",)),
    Odd("markdown-in-html", '<div markdown>\n```json\n{}\n```\n</div>\n', ("2:1 json",)),
    Odd("raw-html-around", '<div class="x">\n```json\n{}\n```\n</div>\n', ("2:1 json",)),
    Odd("html-details", "<details><summary>x</summary>\n\n```json\n{}\n```\n\n</details>\n",
        ("3:1 json",)),
    Odd("below-a-heading", "# Title { #t }\n```json\n{}\n```\n", ("2:1 json",)),
    Odd("list-item-too-shallow", "- one\n\n  ```json\n  {}\n  ```\n", ("3:3 json",)),
    Odd("dedent-inside", "- one\n\n    ```json\n    {\n  }\n    ```\n", (),
        ("3:5 never closed", "6:5 never closed")),
)  # fmt: skip

HEADERS = (
    Odd("four-backticks", "````json\n{}\n````\n", ("1:1 json",)),
    Odd("four-around-three", '````text file="a.md"\n```json\n{}\n```\n````\n',
        (Seen("1:1 text file=a.md", "```json\n{}\n```\n"),)),
    Odd("tildes", "~~~json\n{}\n~~~\n", ("1:1 json",)),
    Odd("tildes-around-backticks", '~~~text file="a"\n```\n~~~\n',
        (Seen("1:1 text file=a", "```\n"),)),
    Odd("six-tildes", "~~~~~~json\n{}\n~~~~~~\n", ("1:1 json",)),
    Odd("closed-by-longer", "```json\n{}\n````\n", (), ("1:1 never closed",)),
    Odd("space-before-language", "``` json\n{}\n```\n", ("1:1 json",)),
    Odd("blanks-around", '```   json   name="a"   \n{}\n```   \n', ("1:1 json name=a",)),
    Odd("tabs-in-header", '```json\tname="a"\thidden="true"\n{}\n```\n',
        ("1:1 json hidden=true name=a",)),
    Odd("dot-language", "```.json\n{}\n```\n", ("1:1 json",)),
    Odd("single-quotes", "```json title='say \"hi\"'\n{}\n```\n", ('1:1 json title=say "hi"',)),
    Odd("empty-option", '```json title=""\n{}\n```\n', ("1:1 json title=",)),
    Odd("equals-in-value", '```json title="a=b c=d"\n{}\n```\n', ("1:1 json title=a=b c=d",)),
    Odd("braces", '``` { .json name="a" }\n{}\n```\n', ("1:1 json name=a",)),
    Odd("braces-tight", '```{.json name="a"}\n{}\n```\n', ("1:1 json name=a",)),
    Odd("braces-after-language", '```json { name="a" hidden="true" }\n{}\n```\n',
        ("1:1 json hidden=true name=a",)),
    Odd("braces-with-id-and-class", '``` { .json .wide #here title="t" }\n{}\n```\n',
        ("1:1 json title=t",)),
    Odd("braces-with-quotes", "``` { .json title='say \"hi\"' }\n{}\n```\n",
        ('1:1 json title=say "hi"',)),
    Odd("braces-with-hyphen", '``` { .json data-x="y" }\n{}\n```\n', ("1:1 json data-x=y",),
        ("1:1 unknown option 'data-x'",)),
    Odd("braces-bare-word", "``` { .json wide }\n{}\n```\n", ("1:1 - !={ .json wide }",),
        ("1:1 header '{ .json wide }' can't be read",)),
    Odd("highlighter", '```json linenums="1" hl_lines="1"\n{}\n```\n',
        ("1:1 json hl_lines=1 linenums=1",)),
    Odd("line-numbers-start", '```json linenums_start="7"\n{}\n```\n',
        ("1:1 json linenums_start=7",)),
    Odd("bad-highlighter", '```json hl_lines="x"\n{}\n```\n', ('1:1 json !=json hl_lines="x"',),
        ("1:1 can't be read",)),
    Odd("bare-word", "```json wide\n{}\n```\n", ("1:1 json !=json wide",), ("1:1 can't be read",)),
    Odd("option-twice", '```json name="a" name="b"\n{}\n```\n',
        ('1:1 json !=json name="a" name="b"',), ("1:1 can't be read",)),
    Odd("unquoted", "```json name=a\n{}\n```\n", ("1:1 json !=json name=a",),
        ("1:1 can't be read",)),
    Odd("no-language", "```\n{}\n```\n", ("1:1 -",), ("1:1 unknown language ''",)),
    Odd("language-with-plus", "```c++\n{}\n```\n", ("1:1 c++",), ("1:1 unknown language 'c++'",)),
    Odd("no-break-space", '```json\u00a0name="a"\n{}\n```\n', (), ("1:1 has a blank '\\xa0'",)),
    Odd("ideographic-space", '```json\u3000name="a"\n{}\n```\n', (),
        ("1:1 has a blank '\\u3000'",)),
    Odd("backtick-in-header", "```json title=`a`\n{}\n```\n", ("1:1 json !=json title=`a`",),
        ("1:1 can't be read",)),
    Odd("mermaid-like-unknown", '```json custom="x"\n{}\n```\n', ("1:1 json custom=x",),
        ("1:1 unknown option 'custom'",)),
)  # fmt: skip

TEXTS = (
    Odd("crlf", '# T\r\n\r\n```json name="a"\r\n{\r\n}\r\n```\r\n',
        (Seen("3:1 json name=a", "{\n}\n", ("4:1", "5:1")),)),
    Odd("cr-only", "a\r\r```json\r{}\r```\r", ("3:1 json",)),
    Odd("mixed-ends", "a\r\n\n```json\r\n{}\n```\r\n", ("3:1 json",)),
    Odd("tab-inside", "```json\n{\n\t\"a\": 1\n}\n```\n",
        (Seen("1:1 json", '{\n\t"a": 1\n}\n', ("2:1", "3:1", "4:1")),)),
    Odd("tab-indented", "1. x\n\n\t```json\n\t{\n\t\t\"a\": 1\n\t}\n\t```\n",
        (Seen("3:2 json", '{\n\t"a": 1\n}\n', ("4:2", "5:2", "6:2")),)),
    Odd("tab-for-four-spaces", "- x\n\n    ```json\n\t{\n\t\t\"a\": 1}\n    ```\n",
        (Seen("3:5 json", '{\n\t"a": 1}\n', ("4:2", "5:2")),)),
    Odd("tab-cut-in-two", "  ```json\n\t{}\n  ```\n", (Seen("1:3 json", "  {}\n", ("2:1",)),)),
    Odd("line-separators", '```json\n{"a":\n"x\u2028y\u2029z\u0085w"}\n```\n\n```json\n{}\n```\n',
        (Seen("1:1 json", '{"a":\n"x\u2028y\u2029z\u0085w"}\n', ("2:1", "3:1")), "6:1 json")),
    Odd("form-feed", "a\x0cb\x0bc\n\n```json\n{}\n```\n", ("3:1 json",)),
    Odd("control-characters", "a\x02b\x03\n\n```json\n{}\n```\n", ("3:1 json",)),
    Odd("blank-lines", "\n\n\n```json\n\n{\n\n}\n\n```\n",
        (Seen("4:1 json", "\n{\n\n}\n\n", ("5:1", "6:1", "7:1", "8:1", "9:1")),)),
    Odd("blank-lines-of-spaces", "- x\n\n    ```json\n    {\n  \n\n    }\n    ```\n",
        (Seen("3:5 json", "{\n\n\n}\n", ("4:5", "5:3", "6:1", "7:5")),)),
    Odd("html-in-code", '```json\n{"a": "<!-- b --> <pre>"}\n```\n',
        (Seen("1:1 json", '{"a": "<!-- b --> <pre>"}\n'),)),
    Odd("chinese", '文字\n\n```json title="标题：一"\n{"键": "值"}\n```\n',
        (Seen("3:1 json title=标题：一", '{"键": "值"}\n'),)),
    Odd("empty", "```json\n```\n", (Seen("1:1 json", ""),), ("1:1 the block is empty",)),
    Odd("fence-in-inline-code", "`` ```json `` is how\n\n```json\n{}\n```\n", ("3:1 json",)),
    Odd("same-twice", "```json\n{}\n```\n\ntext\n\n```json\n{}\n```\n", ("1:1 json", "7:1 json")),
    Odd("fault-in-column", '- x\n\n    ```json\n    {"a": nope}\n    ```\n',
        (Seen("3:5 json", '{"a": nope}\n'),), ("4:11 ",)),
)  # fmt: skip

LEAKS = (
    Odd("comment", "<!--\n```json\n{}\n```\n-->\n\n```toml\na = 1\n```\n",
        (Seen("7:1 toml", "a = 1\n"),)),
    Odd("comment-on-one-line", "<!-- ```json -->\n\n```json\n{}\n```\n", ("3:1 json",)),
    Odd("comment-in-list", "- a\n\n    <!--\n    ```json\n    {}\n    ```\n    -->\n\n- b\n"),
    Odd("comment-in-attribute",
        '<b title="<!--">x</b>\n\n```json\n{}\n```\n\n<b title="-->">y</b>\n',
        ("3:1 json",)),
    Odd("comment-never-closed", "```json\n{}\n```\n\n<!-- x\n\n```json\n{}\n```\n",
        ("1:1 json", "7:1 json")),
    Odd("unclosed", "text\n\n```json\n{}\n", (), ("3:1 never closed",)),
    Odd("unclosed-swallows", "~~~~json\n{}\n\n```json\n{}\n```\n", (), ("1:1 never closed",)),
    Odd("closes-nothing", "```json\n{}\n```\n\n````\n", ("1:1 json",), ("5:1 never closed",)),
    Odd("behind-a-list-marker", "- ```json\n  {}\n  ```\n", (), ("1:3 behind a list marker",)),
    Odd("behind-a-number", "1. ```json\n   {}\n   ```\n", (), ("1:4 behind a list marker",)),
    Odd("behind-a-footnote-mark", "a[^1]\n\n[^1]: ```json\n    {}\n    ```\n", (),
        ("3:7 behind a list marker",)),
    Odd("indented-code", "text\n\n    {}\n\n    []\n\ntext\n", (), ("3:5 indented code",)),
    Odd("indented-code-in-list", "- item\n\n        {}\n", (), ("3:9 indented code",)),
    Odd("indented-code-by-tab", "text\n\n\t{}\n", (), ("3:2 indented code",)),
    Odd("indented-code-in-quote", ">     {}\n", (), ("1:7 indented code",)),
    Odd("indented-code-below-heading", "# T\n    {}\n", (), ("2:5 indented code",)),
    Odd("indented-fence", "text\n\n    ```json\n    {}\n    ```\n\n```json\n{}\n```\n",
        ("7:1 json",),
        ("3:5 indented code",)),
    Odd("indented-after-same-text", "- item\n\n    {}\n\n        {}\n", (), ("5:9 indented code",)),
    Odd("raw-pre", "a\n\n<pre>x</pre>\n", (), ("3:1 raw <pre>",)),
    Odd("raw-pre-upper", '<PRE class="x">x</PRE>\n', (), ("1:1 raw <pre>",)),
    Odd("raw-pre-in-text", "see <pre>x</pre> and <pre>y</pre>\n", (),
        ("1:5 raw <pre>", "1:22 raw <pre>")),
    Odd("raw-textarea", "<textarea>x</textarea>\n", (), ("1:1 raw <textarea>",)),
    Odd("pre-in-comment", "<!-- <pre>x</pre> -->\n\ntext\n"),
    Odd("pre-in-inline-code", "`<pre>` is an element; so is &lt;pre>\n"),
    Odd("pre-behind-false-comment",
        '<b title="<!--">a</b>\n\n<pre>x</pre>\n\n<b title="-->">b</b>\n', (),
        ("1:1 no fence of it makes",)),
)  # fmt: skip

INCLUDES = (
    Odd("include", '```json\n--8<-- "odd/one.json"\n```\n',
        (Seen("1:1 json", '{\n  "a": 1\n}\n',
         ("snippets/odd/one.json:1:1", "snippets/odd/one.json:2:1",
        "snippets/odd/one.json:3:1")),), (), {"snippets/odd/one.json": '{\n  "a": 1\n}\n'}),
    Odd("include-in-list", '- x\n\n    ```json\n    --8<-- "odd/two.json"\n    ```\n',
        (Seen("3:5 json", '{\n  "a": 1\n}\n',
         ("snippets/odd/two.json:1:1", "snippets/odd/two.json:2:1",
        "snippets/odd/two.json:3:1")),), (), {"snippets/odd/two.json": '{\n  "a": 1\n}\n'}),
    Odd("include-in-quote", '> ```json\n> --8<-- "odd/quoted.json"\n> ```\n',
        (Seen("1:3 json", '{\n\n  "a": 1\n}\n',
         tuple(f"snippets/odd/quoted.json:{n}:1" for n in range(1, 5))),), (),
        {"snippets/odd/quoted.json": '{\n\n  "a": 1\n}\n'}),
    Odd("include-lines", '```json\n--8<-- "odd/three.json:2:2"\n```\n',
        (Seen("1:1 json", "{}\n", ("snippets/odd/three.json:2:1",)),), (),
        {"snippets/odd/three.json": "[]\n{}\n[]\n"}),
    Odd("include-region", '```json\n--8<-- "odd/four.json:r"\n```\n',
        (Seen("1:1 json", "  {}\n", ("snippets/odd/four.json:2:1",)),), (),
        {"snippets/odd/four.json": "# --8<-- [start:r]\n  {}\n# --8<-- [end:r]\n"}),
    Odd("include-several", '```json\n--8<--\nodd/five.json:1:1\nodd/five.json:3:3\n--8<--\n```\n',
        (Seen("1:1 json", "[\n]\n",
         ("snippets/odd/five.json:1:1", "snippets/odd/five.json:3:1")),), (),
        {"snippets/odd/five.json": "[\n1\n]\n"}),
    Odd("include-page-with-fence", 'a\n\n--8<-- "odd/six.md"\n',
        (Seen("3:1 json name=six", "{}\n", ("snippets/odd/six.md:4:1",)),), (),
        {"snippets/odd/six.md": 'text\n\n```json name="six"\n{}\n```\n'}),
    Odd("include-page-in-list", '- a\n\n    --8<-- "odd/seven.md"\n',
        (Seen("3:5 json", "{}\n", ("snippets/odd/seven.md:2:1",)),), (),
        {"snippets/odd/seven.md": "```json\n{}\n```\n"}),
    Odd("include-in-an-include", 'a\n\n> b\n\n--8<-- "odd/outer.md"\n',
        (Seen("5:1 json", "{}\n", ("snippets/odd/inner.json:2:1",)),), (),
        {"snippets/odd/outer.md": '- x\n\n    ```json\n    --8<-- "odd/inner.json:2:2"\n    ```\n',
         "snippets/odd/inner.json": "[]\n{}\n[]\n"}),
    Odd("include-with-crlf", '```json\n--8<-- "odd/crlf.json"\n```\n',
        (Seen("1:1 json", "{\n}\n",
         ("snippets/odd/crlf.json:1:1", "snippets/odd/crlf.json:2:1")),), (),
        {"snippets/odd/crlf.json": "{\r\n}\r\n"}),
    Odd("include-fault-inside", '- x\n\n    ```json\n    --8<-- "odd/bad.json"\n    ```\n',
        (Seen("3:5 json", '{\n  "a": nope}\n', ("snippets/odd/bad.json:1:1",
        "snippets/odd/bad.json:2:1")),),
        ("snippets/odd/bad.json:2:8 shown at docs/include-fault-inside.md:4",),
        {"snippets/odd/bad.json": '{\n  "a": nope}\n'}),
    Odd("include-header-fault", 'a\n\n--8<-- "odd/header.md"\n',
        (Seen("3:1 json wrong=x", "{}\n", ("snippets/odd/header.md:4:1",)),),
        ("snippets/odd/header.md:3:1 unknown option 'wrong'",),
        {"snippets/odd/header.md": 'a\n\n```json wrong="x"\n{}\n```\n'}),
    Odd("include-missing", '```json\n--8<-- "odd/nothing.json"\n```\n', (Seen("1:1 json", ""),),
        ("2:1 no file 'odd/nothing.json'",)),
    Odd("include-escaped", '```text file="a"\n;--8<-- "odd/x.json"\n```\n',
        (Seen("1:1 text file=a", '--8<-- "odd/x.json"\n', ("2:1",)),)),
)  # fmt: skip

MATTER = (
    Odd("matter", "---\ntitle: t\n---\n\n```json\n{}\n```\n", ("5:1 json",)),
    Odd("matter-with-dots", "---\ntitle: t\n...\n```json\n{}\n```\n", ("4:1 json",)),
    Odd("matter-with-blanks", "---  \ntitle: t\n---\t\n```json\n{}\n```\n", ("4:1 json",)),
    Odd("matter-with-crlf", "---\r\ntitle: t\r\n---\r\n\r\n```json\r\n{}\r\n```\r\n",
        ("5:1 json",)),
    Odd("matter-behind-a-bom", "\ufeff---\ntitle: t\n---\n```json\n{}\n```\n", ("4:1 json",)),
    Odd("bom", "\ufeff```json\n{}\n```\n", ("1:1 json",)),
    Odd("matter-empty", "---\n---\n\n```json\n{}\n```\n", ("4:1 json",)),
    Odd("matter-of-nothing", "---\n# nothing\n---\n\n```json\n{}\n```\n", ("5:1 json",),
        ("2:1 front matter is not a mapping",)),
    Odd("matter-with-fence", "---\ntitle: |\n  ```json\n  {}\n  ```\n---\n\n```json\n{}\n```\n",
        ("8:1 json",)),
    Odd("matter-with-wrong-date", "---\ntitle: t\ndate: 2026-02-30\n---\n\n```json\n{}\n```\n",
        ("6:1 json",), ("3:7 mend the value",)),
    Odd("matter-not-yaml", "---\ntitle: [\n---\n\n```json\n{}\n```\n", ("5:1 json",), ("3:1 ",)),
    Odd("rule-not-matter", "text\n\n---\n\n```json\n{}\n```\n", ("5:1 json",)),
    Odd("multimarkdown", "title: t\nmore: a\n    b\n\n```json\n{}\n```\n", ("5:1 json",)),
    Odd("multimarkdown-then-fence", "title: t\n```json\n{}\n```\n", ("2:1 json",)),
)  # fmt: skip

LONG = Odd(
    "very-long",
    "".join(f'## {n}\n\n```json name="n{n}"\n{{}}\n```\n\n' for n in range(400)),
    tuple(f"{n * 6 + 3}:1 json name=n{n}" for n in range(400)),
)

PAGES = (*CONTAINERS, *HEADERS, *TEXTS, *LEAKS, *INCLUDES, *MATTER, LONG)
