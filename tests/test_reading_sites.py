"""mkdocs.yml decides how a page is read: its extensions, what it inherits, what plugins add."""

from __future__ import annotations

from pathlib import Path

import pytest

from checkout import Checkout, Done

PLAIN = "site_name: x\ntheme: {name: mkdocs}\nplugins: [assay]\n"
LISTED = PLAIN + "markdown_extensions:\n"
CALLED = """\
  - toc:
      slugify: !!python/object/apply:pymdownx.slugs.slugify
        kwds: {case: lower}
"""
BLOCK = "```json\n{}\n```\n"


def site(root: Path, **files: str) -> Checkout:
    """Write a site; names have `__` for a slash and `_` for a dot before the ending."""
    made = Checkout(root)
    for name, text in {"docs__index_md": BLOCK, "mkdocs_yml": PLAIN, **files}.items():
        path = name.replace("__", "/")
        stem, _, ending = path.rpartition("_")
        made.write(f"{stem}.{ending}", text)
    return made


def both(made: Checkout, **environment: str) -> Done:
    """Check the site, and build it: strict where the check found nothing."""
    checked = made.assay("check", "--format", "json", **environment)
    assert checked.code in (0, 1), checked.error
    built = made.build(**environment)
    assert (built.code == 0) == (checked.code == 0), checked.output + built.error
    return checked


def blocks(checked: Done) -> list[tuple[int, str]]:
    return [(b["line"], b["language"]) for b in checked.json["blocks"]]


def test_without_any_extension_fences_are_read(tmp_path: Path) -> None:
    assert blocks(both(site(tmp_path))) == [(1, "json")]


@pytest.mark.parametrize(
    "extension",
    [
        "  - extra\n",
        "  - meta\n",
        "  - codehilite\n",
        "  - fenced_code\n",
        "  - markdown.extensions.fenced_code\n",
        "  - pymdownx.extra\n",
        "  - pymdownx.superfences: {relaxed_headers: true}\n",
        "  - pymdownx.superfences: {preserve_tabs: true}\n",
        "  - pymdownx.superfences: {disable_indented_code_blocks: true}\n",
        "  - pymdownx.highlight: {linenums: true}\n  - pymdownx.superfences\n",
        "  - pymdownx.highlight: {use_pygments: false}\n",
        "  - pymdownx.critic\n  - pymdownx.inlinehilite\n  - pymdownx.quotes\n",
        CALLED,
        "  - toc:\n      slugify: !!python/name:markdown.extensions.toc.slugify_unicode\n",
    ],
)
def test_whatever_extensions_are_there(tmp_path: Path, extension: str) -> None:
    page = 'text\n\n- a\n\n\t```json\n\t{\n\t\t"a": 1\n\t}\n\t```\n\n' + BLOCK
    made = site(tmp_path, mkdocs_yml=LISTED + extension, docs__index_md=page)
    assert blocks(both(made)) == [(5, "json"), (11, "json")]


def test_front_matter_that_an_extension_takes_off_moves_no_line(tmp_path: Path) -> None:
    page = "---\ntitle: t\n---\n\nkey: taken away\n\n```json\n{]\n```\n"
    made = site(tmp_path, mkdocs_yml=LISTED + "  - meta\n", docs__index_md=page)
    checked = both(made)
    assert blocks(checked) == [(7, "json")]
    assert [p for p, _ in checked.places] == ["docs/index.md:8:2"]


def test_what_mkdocs_yml_inherits(tmp_path: Path) -> None:
    made = site(
        tmp_path,
        mkdocs_yml="INHERIT: base.yml\nsite_name: x\n",
        base_yml="INHERIT: deep/root.yml\nmarkdown_extensions: [admonition]\n",
        deep__root_yml=PLAIN + "markdown_extensions: [footnotes]\ndocs_dir: pages\n",
        pages__index_md="!!! note\n    ```json\n    {}\n    ```\n",
    )
    assert blocks(both(made)) == [(2, "json")]


def test_inheriting_from_nowhere_is_one_line(tmp_path: Path) -> None:
    made = site(tmp_path, mkdocs_yml="INHERIT: base.yml\n")
    done = made.assay("check")
    assert (done.code, done.output) == (2, "")
    assert done.error == (
        "assay: mkdocs.yml: INHERIT names 'base.yml', which isn't there; mend it\n"
    )


def test_the_environment_decides(tmp_path: Path) -> None:
    snippets = "  - pymdownx.snippets: {base_path: !ENV [ABSENT_PATH, PARTS, parts]}\n"
    made = site(
        tmp_path,
        mkdocs_yml=LISTED + snippets,
        docs__index_md='```json\n--8<-- "a.json"\n```\n',
        parts__a_json="{}\n",
        others__a_json="{]\n",
    )
    assert both(made).code == 0
    wrong = both(made, PARTS="others")
    assert [p for p, _ in wrong.places] == ["others/a.json:1:2"]


def test_an_absent_variable_alone_is_nothing(tmp_path: Path) -> None:
    yml = "site_name: !ENV [ABSENT_NAME, x]\nsite_author: !ENV [ABSENT]\n" + PLAIN[13:]
    assert both(site(tmp_path, mkdocs_yml=yml)).code == 0


@pytest.mark.parametrize("where", ["$config_dir/parts", "$docs_dir/parts", ""])
def test_paths_relative_to_something(tmp_path: Path, where: str) -> None:
    snippets = f"  - pymdownx.snippets: {{base_path: !relative {where}}}\n"
    made = site(
        tmp_path,
        mkdocs_yml=LISTED + snippets,
        docs__index_md="# Index\n",
        docs__deep__page_md='```json\n--8<-- "a.json"\n```\n',
        parts__a_json="{}\n",
        docs__parts__a_json="{}\n",
        docs__deep__a_json="{}\n",
    )
    assert blocks(both(made)) == [(1, "json")]


def test_the_other_ending_of_mkdocs_yml(tmp_path: Path) -> None:
    made = site(tmp_path, mkdocs_yaml=PLAIN)
    (tmp_path / "mkdocs.yml").unlink()
    assert blocks(both(made)) == [(1, "json")]


@pytest.mark.parametrize(
    ("yml", "message"),
    [
        (LISTED + "  - nothing.there\n", "an extension can't be loaded: No module named 'nothing'"),
        (LISTED + "  - toc: {nothing: 1}\n", "an extension can't be loaded: "),
        (
            LISTED + "  - toc:\n      slugify: !!python/name:nothing.there\n",
            "No module named 'nothing'",
        ),
        (LISTED + "  - toc: !!python/object/apply:os.system [ls]\n", "'os.system' would be called"),
        (PLAIN + "docs_dir: ../docs\n", "docs_dir '../docs' is not below its own folder"),
        ("- x\n", "a mapping is expected"),
        ("site_name: [\n", "mend the file"),
    ],
)
def test_a_wrong_mkdocs_yml_is_one_line(tmp_path: Path, yml: str, message: str) -> None:
    done = site(tmp_path, mkdocs_yml=yml).assay("check")
    assert done.code == 2
    assert done.output == ""
    assert done.error.startswith("assay: mkdocs.yml: ")
    assert message in done.error
    assert done.error.count("\n") == 1


RAISES = """\
def on_page_content(html, **_):
    return html + "<pre><code>made by a plugin</code></pre>"
"""
ADDS = """\
def on_page_markdown(markdown, **_):
    return markdown + "\\n```json\\n[]\\n```\\n"
"""
REMOVES = """\
def on_page_markdown(markdown, **_):
    return markdown.replace("```json\\n{}\\n```", "")
"""


@pytest.mark.parametrize(
    ("hook", "message"),
    [
        (RAISES, "another plugin adds 1 code blocks to the page, which nothing checks"),
        (ADDS, "2 blocks were built and 1 checked"),
        (REMOVES, "0 blocks were built and 1 checked"),
    ],
)
def test_what_another_plugin_does_to_blocks_fails_the_build(
    tmp_path: Path, hook: str, message: str
) -> None:
    made = site(tmp_path, mkdocs_yml=PLAIN + "hooks: [hook.py]\n", hook_py=hook)
    assert made.assay("check").code == 0
    strict = made.build()
    assert strict.code == 1
    assert f"docs/index.md: {message}" in strict.error
    assert made.run("mkdocs", "build").code == 0


def test_a_block_that_a_plugin_adds_is_marked_unchecked(tmp_path: Path) -> None:
    made = site(tmp_path, mkdocs_yml=PLAIN + "hooks: [hook.py]\n", hook_py=ADDS)
    made.assay("check")
    made.run("mkdocs", "build")
    shown = made.text("site/index.html")
    assert shown.count('data-assay-status="passed"') == 1
    assert shown.count('data-assay-status="unchecked"') == 1


EXTENSION = """\
from markdown.extensions import Extension
from markdown.postprocessors import Postprocessor


class Adds(Postprocessor):
    def run(self, text):
        return text + "<pre>x</pre>"


class Foreign(Extension):
    def extendMarkdown(self, md):
        md.postprocessors.register(Adds(md), "adds", 20)


def makeExtension(**options):
    return Foreign(**options)
"""


def test_code_that_an_extension_makes_is_a_finding(tmp_path: Path) -> None:
    made = site(tmp_path, mkdocs_yml=LISTED + "  - foreign\n", foreign_py=EXTENSION)
    path = {"PYTHONPATH": f"{tmp_path}:{Path(__file__).parent.parent / 'plugins'}"}
    checked = both(made, **path)
    assert [p for p, _ in checked.places] == ["docs/index.md:1:1"]
    assert "code that no fence of it makes" in checked.output


CONVERTS = """\
from markdown import Markdown


def on_page_markdown(markdown, config, **_):
    Markdown(extensions=config.markdown_extensions).convert("```toml\\na = 1\\n```")
    return markdown
"""


def test_text_that_a_plugin_converts_on_its_own_disturbs_nothing(tmp_path: Path) -> None:
    made = site(tmp_path, mkdocs_yml=PLAIN + "hooks: [hook.py]\n", hook_py=CONVERTS)
    assert both(made).code == 0


def test_a_quiet_strict_build_fails_too(tmp_path: Path) -> None:
    made = site(tmp_path, docs__index_md="```json\n{]\n```\n")
    assert made.assay("check").code == 1
    quiet = made.build("--quiet")
    assert quiet.code == 1
    assert "assay: 1 warnings; build without --quiet to see them" in quiet.error


def test_pages_are_what_mkdocs_takes_for_pages(tmp_path: Path) -> None:
    made = site(tmp_path, docs__a_markdown=BLOCK, docs__b_mkd=BLOCK, docs__c_txt=BLOCK)
    made.write("docs/.hidden.md", "```json\n{]\n```\n")
    done = both(made)
    assert [b["page"] for b in done.json["blocks"]] == [
        "docs/a.markdown", "docs/b.mkd", "docs/index.md",
    ]  # fmt: skip
