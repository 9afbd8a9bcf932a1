"""Definitions of custom resources come from pinned modules, or the block can't be judged."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from uuid import uuid4

import pytest

from assay import crds
from assay.toolchains import cache_dir
from conftest import Site

ROUTE = """# Route

```yaml
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: {name: order}
spec:
  rules: [{backendRefs: [{name: order, port: 80}]}]
```
"""


def test_every_source_has_a_version_a_sum_and_a_place() -> None:
    listed = crds.sources()
    assert len({(s.module, s.path) for s in listed}) == len(listed) >= 10
    for source in listed:
        assert source.version.startswith("v")
        assert source.total.startswith("h1:")
        assert source.path.endswith(("/", ".yaml"))


@pytest.mark.slow
def test_a_module_with_another_sum_is_no_pass(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    other = replace(crds.sources()[0], total="h1:another")
    nowhere = cache_dir() / "scratch" / f"crds-{uuid4()}"
    monkeypatch.setattr(crds, "sources", lambda: (other,))
    monkeypatch.setattr(crds, "_place", lambda boxes: Path(nowhere))
    site.write({"docs/index.md": ROUTE, "docs/again.md": ROUTE})
    result = site.assay("check")
    assert result.code == 3, result.output + result.error
    assert "not h1:another" in result.output
    assert "2 unable" in result.output
    assert not nowhere.exists()
