"""The built site in Chromium: whole drawings in light and dark, and nothing asked of anyone else.

Screenshots of every page are left in .cache/screenshots, to be looked at.
"""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from browser import FOUND, Chromium, Tab, served
from checkout import ROOT, Checkout, copied

pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.skipif(FOUND is None, reason="chromium is not here; `ci/missing python3 test`"),
]
DRAWINGS = sorted((ROOT / "tests" / "diagrams").rglob("*.mmd"))
MEASURE = (ROOT / "tests" / "browser.js").read_text(encoding="utf-8")
SHOTS = ROOT / ".cache" / "screenshots"
WINDOWS = [(width, scheme) for width in (390, 1280) for scheme in ("light", "dark")]
SYSTEM = """\
from diagrams import Cluster, Diagram, Edge
from diagrams.k8s.compute import Deployment
from diagrams.onprem.database import PostgreSQL

with Diagram("下单"):
    with Cluster("集群里的服务"):
        orders = [Deployment("订单服务"), Deployment("库存服务")]
    orders >> Edge(label="读写") >> PostgreSQL("主库")
"""
# Labels wider than their box, two at one place, one cut off, one unseen, one too small.
SPOILT = """\
<!doctype html><meta charset="utf-8">
<figure class="assay-diagram"><div style="background:#fff"><svg viewBox="0 0 300 100" width="300">
<title>坏</title><g font-size="16" font-family="sans-serif" fill="#000">
<rect x="5" y="5" width="40" height="30" fill="#ddd"/><text x="8" y="25">太长的文字</text>
<rect x="220" y="5" width="40" height="30" fill="#ddd"/>
<text x="240" y="25" text-anchor="middle">居中也太长</text>
<text x="130" y="25">上面</text><text x="140" y="28">下面</text>
<text x="280" y="60">出界</text><text x="10" y="90" fill="#eee">看不见</text>
<text x="100" y="90" font-size="6">很小</text></g></svg></div></figure>
"""


def fixture_page() -> str:
    """Write a page with every diagram of the tests, one of them twice, and one of a system."""
    matter = "---\ntitle: 图\ndescription: 所有种类的图\n---\n\n# 图\n"
    fences = [
        f'```mermaid title="{path.stem}"\n{path.read_text(encoding="utf-8").strip()}\n```\n'
        for path in (*DRAWINGS, DRAWINGS[0])
    ]
    return "\n".join([matter, *fences, f'```diagrams title="下单的路径"\n{SYSTEM}```\n'])


@pytest.fixture(scope="module")
def site(proven: Checkout, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the whole site, with a page more that has every kind of diagram."""
    made = copied(proven.root, tmp_path_factory.mktemp("browser") / "copy")
    made.write("docs/pictures.md", fixture_page())
    checked = made.assay("check", "docs/pictures.md")
    assert checked.code == 0, checked.output + checked.error
    built = made.build()
    assert built.code == 0, built.error
    return made.root / "site"


@pytest.fixture(scope="module")
def url(site: Path) -> Iterator[str]:
    with served(site) as address:
        yield address


@pytest.fixture(scope="module")
def chromium(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chromium]:
    browser = Chromium(tmp_path_factory.mktemp("profile"))
    yield browser
    browser.close()


@pytest.fixture
def tab(chromium: Chromium, request: pytest.FixtureRequest) -> Iterator[Tab]:
    made = Tab(chromium, *getattr(request, "param", (1280, "light")))
    yield made
    made.close()


def strangers(tab: Tab, url: str) -> list[str]:
    """List what the page and its workers asked of anyone but the site since it was opened."""
    own = (f"{url}/", "about:", "data:")
    asked = [r.removeprefix("blob:") for r in tab.requests]
    return [f"asks for {r}" for r in asked if not r.startswith(own)]


def faults(tab: Tab, address: str, url: str) -> list[str]:
    """Open a page and list what is wrong with it."""
    tab.open(address)
    found = [*tab.evaluate(MEASURE), *tab.troubles, *strangers(tab, url)]
    # The theme's script numbers code blocks, some of them twice.
    ids = tab.evaluate("[...document.querySelectorAll('[id]:not([id^=__code])')].map(e => e.id)")
    found += [f"two elements have the id {i}" for i in sorted({i for i in ids if ids.count(i) > 1})]
    if tab.evaluate("document.documentElement.scrollWidth > innerWidth"):
        found.append("the page scrolls sideways")
    return found


@pytest.mark.parametrize("tab", WINDOWS, indirect=True, ids=lambda w: f"{w[0]}-{w[1]}")
def test_every_page_is_whole_and_asks_nobody_else(
    tab: Tab, site: Path, url: str, request: pytest.FixtureRequest
) -> None:
    window = request.node.callspec.id
    shutil.rmtree(SHOTS / window, ignore_errors=True)
    drawn, found = 0, []
    for page in sorted(site.rglob("*.html")):
        path = page.relative_to(site).as_posix()
        found += [f"{path}: {fault}" for fault in faults(tab, f"{url}/{path}", url)]
        tab.screenshot(SHOTS / window / f"{path.replace('/', '.').removesuffix('.html')}.png")
        drawings = tab.evaluate("document.querySelectorAll('.assay-diagram svg').length")
        if path == "pictures/index.html":
            assert drawings == len(DRAWINGS) + 2
        drawn += drawings
    assert found == []
    assert drawn > len(DRAWINGS) + 2, "the site's own diagrams are missing"


def test_what_a_reader_does_asks_nobody_else(tab: Tab, url: str) -> None:
    tab.open(f"{url}/pictures/")
    tab.evaluate("document.querySelectorAll('details').forEach(e => { e.open = true })")
    tab.click(".assay-diagram svg text")
    tab.evaluate("document.querySelector('[data-md-toggle=search]').click()")
    tab.evaluate("document.querySelector('.md-search__input').focus()")
    tab.call("Input.insertText", text="运行")
    results = "document.querySelectorAll('.md-search-result__item').length"
    # The theme listens for keys, which inserted text has none of; its index may still be loading.
    typed = "document.querySelector('.md-search__input').dispatchEvent(new Event('keyup'))"
    deadline = time.monotonic() + 60
    while not tab.evaluate(results) and time.monotonic() < deadline:
        tab.evaluate(typed)
        time.sleep(0.2)
    assert tab.evaluate(results), "the search found nothing"
    assert strangers(tab, url) == []
    assert any("search" in request for request in tab.requests)


# Each way in which a page, or a picture in it, can ask another host for something.
OUTSIDE = {
    "image": '<img src="http://a.example/x.png">',
    "script": '<script src="//a.example/x.js"></script>',
    "style": '<link rel="stylesheet" href="http://a.example/x.css">',
    "import": '<style>@import "http://a.example/x.css";</style>',
    "font": "<style>@font-face { font-family: f; src: url(http://a.example/x.woff2) }"
    "p { font-family: f }</style><p>字</p>",
    "picture": '<svg viewBox="0 0 9 9"><image href="http://a.example/x.png" width="9"/></svg>',
    "fill": '<svg viewBox="0 0 9 9"><rect fill="url(http://a.example/x.svg#p)" width="9" '
    'height="9"/></svg>',
    "frame": '<iframe src="http://a.example/"></iframe>',
    "fetch": "<script>fetch('http://a.example/').catch(() => 0)</script>",
    "beacon": "<script>navigator.sendBeacon('http://a.example/', 'x')</script>",
    "worker": "<script>new Worker(URL.createObjectURL(new Blob([`fetch('http://a.example/')"
    ".catch(() => 0)`])))</script>",
    "socket": "<script>new WebSocket('ws://a.example/')</script>",
    "another port": '<img src="http://localhost:9/x.png">',
}


@pytest.mark.parametrize("way", OUTSIDE)
def test_a_request_to_anyone_else_is_noticed(tab: Tab, tmp_path: Path, way: str) -> None:
    text = f"<!doctype html><meta charset=utf-8><title>x</title>{OUTSIDE[way]}"
    (tmp_path / "index.html").write_text(text, encoding="utf-8")
    with served(tmp_path) as address:
        tab.open(f"{address}/index.html")
        found = strangers(tab, address)
    assert found, "nothing was noticed"
    assert all("a.example" in line or "localhost:9/" in line for line in found)


def test_the_measurement_finds_what_is_wrong(tab: Tab, tmp_path: Path) -> None:
    (tmp_path / "index.html").write_text(SPOILT, encoding="utf-8")
    with served(tmp_path) as address:
        tab.open(address)
        found = tab.evaluate(MEASURE)
    assert [fault.removeprefix("坏: ") for fault in found] == [
        "“太长的文字” runs into a rect",
        "“居中也太长” leaves its rect",
        "“上面” overlaps “下面”",
        "“出界” is clipped",
        "“看不见” has a contrast of 1.2",
        "“很小” is 6.0 px high",
    ]


def test_dark_is_not_light(chromium: Chromium, url: str) -> None:
    colours = []
    for scheme in ("light", "dark"):
        tab = Tab(chromium, 1280, scheme)
        tab.open(f"{url}/pictures/")
        style = "getComputedStyle(document.querySelector('.assay-diagram svg text')).fill"
        colours.append(tab.evaluate(style))
        tab.close()
    assert len(set(colours)) == 2


def test_text_can_be_selected(tab: Tab, url: str) -> None:
    tab.open(f"{url}/pictures/")
    tab.click(".assay-diagram svg text", times=3)
    selected = tab.evaluate("getSelection().toString().trim()")
    assert selected
    assert selected in tab.evaluate("document.querySelector('.assay-diagram svg').textContent")


def test_the_source_is_one_click_away(tab: Tab, url: str) -> None:
    tab.open(f"{url}/pictures/")
    shown = "document.querySelector('.assay-diagram details').innerText.includes('控制器每 15 秒')"
    assert not tab.evaluate(shown)
    tab.click(".assay-diagram details summary")
    assert tab.evaluate(shown)


@pytest.mark.parametrize("tab", [(390, "light")], indirect=True)
def test_a_wide_drawing_scrolls_on_a_phone(tab: Tab, url: str) -> None:
    tab.open(f"{url}/pictures/")
    sheets = tab.evaluate(
        "[...document.querySelectorAll('.assay-diagram-sheet')].map(e => { e.scrollLeft = 40;"
        "return [e.scrollWidth > e.clientWidth, e.scrollLeft, e.tabIndex] })"
    )
    scrolling = [sheet for sheet in sheets if sheet[0]]
    assert all(left > 0 and tab_index == 0 for _, left, tab_index in scrolling)
    assert 5 < len(scrolling) < len(sheets), "some are wide and some shrink"


def test_a_screen_reader_hears_name_and_labels(tab: Tab, url: str) -> None:
    tab.open(f"{url}/pictures/")
    tab.call("Accessibility.enable")
    tree = tab.call("Accessibility.getFullAXTree")["nodes"]
    images = [
        (node["name"]["value"], node.get("description", {}).get("value", ""))
        for node in tree
        if node.get("role", {}).get("value") == "image" and not node["ignored"]
    ]
    said = dict(images)
    assert {path.stem for path in DRAWINGS} | {"下单的路径"} <= set(said)
    assert "控制器每 15 秒读一次指标" in said["autoscale"]
    assert "订单服务" in said["下单的路径"]
