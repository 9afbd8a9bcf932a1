"""A page whose server dies or hangs: a finding at the command that noticed, and nothing is left."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from conftest import Site

TOML = '[profiles.paths]\n"docs/**" = "lab"\n'
START = """---
needs: [initdb, pg_ctl, postgres, psql]
---
# Page

```console ready="localhost:45432"
$ initdb -D data -U postgres -A trust --no-sync >initdb.log
$ pg_ctl -D data -l postgres.log -w -t 10 -o "-p 45432 -k /tmp -c fsync=off" start >pg_ctl.log
$ asked() { psql -h localhost -p 45432 -U postgres -A -t -c "$1"; }
$ asked "SELECT 40 + 2"
42
```
"""
MASTER = "$(head -1 data/postmaster.pid)"
ASK = '$ asked "SELECT 1"\n1\n'


def left() -> set[str]:
    """The processes of these tests' server, whoever else's runs on this machine."""
    found = set()
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            words = path.read_bytes().split(b"\0")
        except OSError:
            continue
        if words[0].endswith(b"postgres") and b"45432" in words:
            found.add(path.parent.name)
    return found


@pytest.fixture
def serving(site: Site) -> Site:
    site.write({"assay.toml": TOML})
    return site


@pytest.mark.slow
def test_a_server_that_is_well(serving: Site) -> None:
    serving.page(f"{START}\n```console\n{ASK}```\n")
    result = serving.assay("check")
    assert result.code == 0, result.output
    assert not left()


@pytest.mark.slow
def test_a_server_that_dies(serving: Site) -> None:
    serving.page(
        f"{START}\n```console\n$ kill -9 $(head -1 data/postmaster.pid)\n$ sleep 1\n{ASK}{ASK}```\n"
    )
    result = serving.assay("check")
    assert result.code == 1
    assert len(result.findings) == 1
    assert result.findings[0].startswith("docs/index.md:17:1: the command ended with exit 2, 0 is")
    assert not left()


@pytest.mark.slow
def test_a_server_that_hangs(serving: Site) -> None:
    serving.page(
        f'{START}\n```console timeout="3s"\n$ kill -STOP $(head -1 data/postmaster.pid)\n{ASK}```\n'
    )
    started = time.monotonic()
    result = serving.assay("check")
    assert time.monotonic() - started < 60
    assert result.code == 1
    assert len(result.findings) == 1
    assert result.findings[0].startswith("docs/index.md:16:1: the command ended with timeout")
    assert not left()


@pytest.mark.slow
def test_a_server_that_does_not_start(serving: Site) -> None:
    serving.page(START.replace("-k /tmp", "-k /nowhere"))
    result = serving.assay("check")
    assert result.code == 1
    assert result.findings[0].startswith("docs/index.md:8:1: the command ended with exit 1")
    assert not left()
