"""Links inside the site lead somewhere; nothing is fetched."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Mapping
from urllib.parse import unquote, urlsplit

from assay.bench import Bench
from assay.model import Finding, Link, Page, Unit

NAME = "links"


def claims(unit: Unit) -> bool:
    """Every page."""
    return unit.kind == "page"


def tools() -> Mapping[str, str]:
    """Judged by assay itself."""
    return {}


def check(unit: Unit, bench: Bench) -> Iterator[Finding]:
    """Yield links to pages, files or anchors that don't exist."""
    for link in unit.page.links:
        fault = _fault(unit.page, link, bench)
        if fault:
            yield Finding(link.position, NAME, fault)


def _fault(page: Page, link: Link, bench: Bench) -> str | None:
    parts = urlsplit(link.target)
    if parts.scheme or parts.netloc:
        if parts.scheme in ("http", "https"):
            return None if parts.netloc else f"link {link.target!r} has no host"
        known = parts.scheme in ("mailto", "measure", "data")
        return None if known else f"link {link.target!r} has the unknown scheme {parts.scheme!r}"
    path = unquote(parts.path)
    if path.startswith("/"):
        return f"link {link.target!r} is absolute; write it relative to the page"
    folder = posixpath.dirname(page.path)
    target = posixpath.normpath(posixpath.join(folder, path)) if path else page.path
    return _target(link, target, unquote(parts.fragment), bench)


def _target(link: Link, target: str, anchor: str, bench: Bench) -> str | None:
    site = bench.site
    docs = site.settings.docs.relative_to(site.settings.root).as_posix()
    if target != docs and not target.startswith(f"{docs}/"):
        return f"link {link.target!r} leaves the docs folder; link a page or a file below {docs!r}"
    if target in site.anchors:
        return _anchor(target, anchor, bench)
    if (site.settings.root / target).is_file():
        return None
    return f"link {link.target!r} leads nowhere: no {target!r}"


def _anchor(target: str, anchor: str, bench: Bench) -> str | None:
    known = bench.site.anchors[target]
    if not anchor or anchor in known:
        return None
    return f"no anchor {anchor!r} in {target}; it has {', '.join(repr(a) for a in known[:8])}"
