"""What is published: the blocks that were checked, their marks, and nothing from elsewhere."""

from __future__ import annotations

import functools
import http.server
import json
import posixpath
import threading
import urllib.error
import urllib.request
import zipfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urldefrag, urljoin, urlsplit

import pytest
from filelock import FileLock

from assay.project import Project
from checkout import PROGRAMS, ROOT, Checkout, copied, ran
from published import Document, hosts, style_references

pytestmark = [pytest.mark.slow, pytest.mark.timeout(1800)]

BELOW = "/some/path/"
# Named by the theme's scripts in comments and messages, or asked only in a case that
# `test_the_theme_has_no_reason_to_ask_others` shuts out.
NAMED = frozenset(
    {
        "api.github.com", "bit.ly", "clipboardjs.com", "code.google.com", "github.com",
        "lunrjs.com", "snowball.tartarus.org", "tartarus.org", "unpkg.com", "www.mozilla.org",
    }
)  # fmt: skip
OTHER_LANGUAGES = frozenset({"tinyseg.js", "wordcut.js"})  # Japanese and Thai; never loaded here


@pytest.fixture(scope="session")
def site(proven: Checkout) -> Path:
    """The built site; shared, so not to be edited."""
    with FileLock(proven.root.parent / "site.lock"):
        if not (proven.root / "site").exists():
            built = proven.build()
            assert built.code == 0, built.error
    return proven.root / "site"


@pytest.fixture(scope="session")
def evidence(site: Path) -> Any:
    """The published evidence."""
    return json.loads((site / "evidence.json").read_text(encoding="utf-8"))


@functools.cache
def document(path: Path) -> Document:
    return Document(path)


def documents(site: Path) -> list[tuple[Path, Document]]:
    return [(path, document(path)) for path in sorted(site.rglob("*.html"))]


def built(site: Path, page: str) -> Document:
    """The document of a page, named by its path in the repository."""
    name = page.removeprefix("docs/").removesuffix(".md").removesuffix("index").rstrip("/")
    return document(site / name / "index.html")


def test_the_blocks_that_were_checked_are_the_blocks_that_are_shown(
    proven: Checkout, site: Path
) -> None:
    checked = Counter(b["page"] for b in json.loads(proven.text("check.json"))["blocks"])
    project = Project(proven.root)
    for path in project.page_paths():
        seen = [b.digest for b in project.page(path).blocks]
        shown = [b.attributes["data-assay-digest"] for b in built(site, path).blocks]
        assert shown == seen, path
        assert len(seen) == checked[path], path
    everything = sum(len(d.blocks) for _, d in documents(site))
    assert everything == checked.total() > 0


def test_every_block_carries_one_mark_that_says_everything(site: Path) -> None:
    for path, page in documents(site):
        for number, block in enumerate(page.blocks, 1):
            where = f"{path.relative_to(site)} block {number}"
            assert block.attributes["id"] == f"block-{number}"
            assert len(block.marks) == 1, where
            mark = block.marks[0]
            assert mark.summary.strip(), where
            status = block.attributes["data-assay-status"]
            assert status in ("passed", "failed-as-shown", "skipped"), where
            assert mark.rows["重跑"].startswith("assay check --no-cache docs/"), where
            if status == "skipped":
                assert mark.rows["理由"].strip(), where
                continue
            assert mark.rows["检查"].strip(), where
            assert "assay " in mark.rows["版本"], where
            assert mark.rows["日期"].count("-") == 2, where


def test_marks_open_without_a_script(site: Path) -> None:
    for path, page in documents(site):
        for element in page.elements:
            if "assay-mark" in element.classes:
                assert element.tag == "details", path
            handlers = [n for n in element.attributes if n.startswith("on")]
            assert not handlers, f"{path}: {element.tag} {handlers}"


def test_the_evidence_agrees_with_the_marks(site: Path, evidence: Any) -> None:
    for page in evidence["pages"]:
        shown = built(site, page["path"]).blocks
        for known, block in zip(page["blocks"], shown, strict=True):
            mark = block.marks[0]
            assert block.attributes["data-assay-digest"] == known["digest"]
            assert block.attributes["data-assay-status"] == known["status"]
            assert mark.rows.get("检查", "").split("、") == known["checks"]
            assert mark.rows["日期"] == known["date"]
            for name, version in known["tools"].items():
                assert name == "go" or f"{name} {version}" in mark.rows["版本"]
            for version in known["toolchains"]:
                assert version in mark.summary
            for command in known["commands"]:
                assert " ".join(command["argv"]).strip() in mark.commands
                if command["argv"][0] not in ("gofmt", "go"):
                    assert command["output"].strip()[:500] in mark.commands


def test_what_ran_shows_its_commands(proven: Checkout, evidence: Any) -> None:
    running = {"console", "go-run", "go-build", "go-test"}
    project = Project(proven.root)
    count = 0
    for known in evidence["pages"]:
        blocks = project.page(known["path"]).blocks
        for written, block in zip(blocks, known["blocks"], strict=True):
            if not running & {*block["checks"]}:
                continue
            count += 1
            supplied = block["language"] == "output" or written.option("file")
            assert block["commands"] or supplied or "console" not in block["checks"], block["id"]
            assert block["toolchains"], block["id"]
    assert count


def test_marks_name_only_the_toolchains_that_judged(proven: Checkout, evidence: Any) -> None:
    project = Project(proven.root)
    single = 0
    for known in evidence["pages"]:
        blocks = project.page(known["path"]).blocks
        for block, entry in zip(blocks, known["blocks"], strict=True):
            meant = (block.option("go") or "").split()
            if meant and block.language in ("console", "go"):
                assert [v.rpartition(".")[0] for v in entry["toolchains"]] == meant
                single += len(meant) == 1
            elif block.language == "console":
                assert entry["toolchains"] == [project.toolchains.newest]
    assert single >= 2


def test_the_home_page_counts_from_the_evidence(site: Path, evidence: Any) -> None:
    home = document(site / "index.html")
    coverage = next(t for t in home.tables if t[0][0] == "章")
    total = [int(cell) for cell in coverage[-1][1:]]
    rows = [[int(cell) for cell in row[1:]] for row in coverage[1:-1]]
    assert total == [sum(column) for column in zip(*rows, strict=True)]

    courses = [t for t in home.tables if t[0][0] == "课"]
    blocks = {p["title"]: len(p["blocks"]) for p in evidence["pages"]}
    for row in (row for table in courses for row in table[1:]):
        assert int(row[4]) == blocks[row[0]], row[0]

    taught = {p["path"].split("/")[1] for p in evidence["pages"] if p["title"] in
              {row[0] for table in courses for row in table[1:]}}  # fmt: skip
    pages = [p for p in evidence["pages"] if p["path"].split("/")[1] in taught]
    status = Counter(b["status"] for p in pages for b in p["blocks"])
    assert total[0] == status.total()
    assert total[5] == status["failed-as-shown"]
    assert sum(total[1:5]) == status["passed"]
    numbers = sum(
        "assay-measure" in e.classes for p in pages for e in built(site, p["path"]).elements
    )
    assert total[6] == numbers
    assert evidence["counts"]["blocks"] == sum(len(p["blocks"]) for p in evidence["pages"])


def test_two_builds_are_the_same_bytes(proven: Checkout, tmp_path: Path) -> None:
    made = []
    for number, day in enumerate(("1000000000", "2000000000")):
        place = copied(proven.root, tmp_path / f"copy{number}")
        done = place.build(
            SITE_URL=f"https://courses.example{BELOW}", SOURCE_DATE_EPOCH=day,
            PYTHONHASHSEED=str(number), TZ=("UTC", "Asia/Shanghai")[number],
        )  # fmt: skip
        assert done.code == 0, done.error
        made.append(place.root / "site")
    first, second = ({p.relative_to(m): p for p in m.rglob("*") if p.is_file()} for m in made)
    assert first.keys() == second.keys()
    different = [str(n) for n, p in first.items() if p.read_bytes() != second[n].read_bytes()]
    assert not different
    sub_path(made[0])


def test_no_request_leaves_the_site(site: Path) -> None:
    for path, page in documents(site):
        foreign = [a for a in page.loaded() if urlsplit(a).scheme != "data" and urlsplit(a).netloc]
        assert not foreign, path
        for element in page.elements:
            if element.tag == "script":
                assert not hosts(element.text), path
            refresh = element.attributes.get("http-equiv", "").lower()
            assert refresh != "refresh", path
    for path in site.rglob("*.css"):
        assert not [a for a in style_references(path.read_text()) if urlsplit(a).netloc], path
    for path in site.rglob("*.js"):
        if path.name not in OTHER_LANGUAGES:
            assert hosts(path.read_text(encoding="utf-8")) <= NAMED, path


def test_the_theme_has_no_reason_to_ask_others(site: Path) -> None:
    for path, page in documents(site):
        for element in page.elements:
            assert "mermaid" not in element.classes, f"{path}: the theme would fetch mermaid"
            part = element.attributes.get("data-md-component")
            assert part not in ("source", "consent"), f"{path}: the theme would ask a code host"


def test_the_site_works_under_a_sub_path(site: Path) -> None:
    for path, page in documents(site):
        absolute = [a for a in (*page.loaded(), *page.clicked()) if a.startswith("/")]
        assert not absolute or path.name == "404.html", path
    sub_path(site, left_out=("404.html",))


def sub_path(site: Path, left_out: tuple[str, ...] = ()) -> None:
    """Serve the site below a path and follow every reference inside it."""
    with served(site) as host:
        start = f"http://{host}{BELOW}"
        for path, page in documents(site):
            name = path.relative_to(site).as_posix()
            if name not in left_out:
                for address in (*page.loaded(), *page.clicked(), *searched(page)):
                    follow(start, urljoin(start, name), address, site)
        for style in site.rglob("*.css"):
            for address in style_references(style.read_text()):
                follow(start, start + style.relative_to(site).as_posix(), address, site)


def searched(page: Document) -> Iterator[str]:
    """Yield what the theme's search loads."""
    for element in page.elements:
        if element.attributes.get("id") == "__config":
            settings = json.loads(element.text)
            yield settings["search"]
            yield f"{settings['base'].rstrip('/')}/search/search_index.json"


def follow(start: str, page: str, address: str, site: Path) -> None:
    """Fetch an address of this site; what it names must be there."""
    target, fragment = urldefrag(urljoin(page, address))
    if urlsplit(target).netloc != urlsplit(start).netloc:
        return
    assert target.startswith(start), f"{page} refers to {address}, outside {BELOW}"
    assert fetched(target) == 200, f"{page} refers to {address}, which isn't there"
    if fragment and not fragment.startswith("__"):
        name = unquote(target.removeprefix(start))
        name = posixpath.join(name, "index.html") if name.endswith("/") or not name else name
        assert unquote(fragment) in document(site / name).ids, f"{page}: no anchor {address}"


@functools.cache
def fetched(address: str) -> int:
    try:
        with urllib.request.urlopen(address, timeout=10) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        return error.code


class served:  # noqa: N801 - used as a context manager
    """Serve a folder at /some/path/ of a free port."""

    def __init__(self, site: Path) -> None:
        class Handler(http.server.SimpleHTTPRequestHandler):
            def translate_path(self, path: str) -> str:
                inside = path.startswith(BELOW)
                name = path.removeprefix(BELOW) if inside else "nothing-is-here"
                return super().translate_path("/" + name)

            def log_message(self, *_: object) -> None:
                pass

        handler = functools.partial(Handler, directory=str(site))
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self.thread = threading.Thread(target=self.server.serve_forever)

    def __enter__(self) -> str:
        self.thread.start()
        fetched.cache_clear()
        return f"127.0.0.1:{self.server.server_address[1]}"

    def __exit__(self, *_: object) -> None:
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()


def test_the_gate_holds_without_the_plugin(copy: Checkout) -> None:
    copy.edit("mkdocs.yml", r"^  - assay:\n(    .*\n)+", "")
    copy.edit("docs/load-testing/autoscaling.md", r"^largest -> 6$", "largest -> 7")
    built_anyway = copy.build()
    assert "assay" not in built_anyway.error
    checked = copy.assay("check", "docs/load-testing/autoscaling.md")
    assert checked.code == 1, checked.output
    assert "[console]" in checked.output


@pytest.fixture(scope="session")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    done = ran(
        [str(PROGRAMS / "python"), "-m", "build", "--wheel", "--no-isolation", "-o", str(folder)],
        cwd=ROOT,
    )
    assert done.code == 0, done.output + done.error
    return next(folder.glob("*.whl"))


def test_the_wheel_has_every_file(wheel: Path) -> None:
    package = ROOT / "plugins" / "assay"
    files = {
        f"assay/{p.relative_to(package).as_posix()}"
        for p in package.rglob("*")
        if p.is_file() and "__pycache__" not in p.parts
    }
    assert files <= set(zipfile.ZipFile(wheel).namelist())


def test_the_wheels_entry_points_load(wheel: Path, tmp_path: Path) -> None:
    zipfile.ZipFile(wheel).extractall(tmp_path / "installed")
    code = """
from importlib.metadata import distribution
import assay
found = {e.name + ":" + e.group: e.load() for e in distribution("assay").entry_points}
print(assay.__file__)
print(*sorted(found), sep="\\n")
"""
    program = [str(PROGRAMS / "python"), "-c", code]
    done = ran(program, cwd=tmp_path, PYTHONPATH=str(tmp_path / "installed"))
    assert done.code == 0, done.error
    where, *names = done.output.splitlines()
    assert where == str(tmp_path / "installed" / "assay" / "__init__.py")
    assert names == [
        "assay:console_scripts", "assay:markdown.extensions", "assay:mkdocs.plugins"
    ]  # fmt: skip
