"""What takes times or rates runs alone."""

from __future__ import annotations

import threading
import time
from typing import Any

import pytest

from assay import judge as judging
from assay import rounds
from assay.captures import compare, timed
from conftest import Site

TAKES = 'echo "took $SECONDS s"'
PAGE = f"""# Page

```console session="a" capture="took:s=took (\\d+) s"
$ {TAKES}
took ... s
```

```console session="b"
$ echo b
b
```

```console session="c" capture="rate:次/s=took (\\d+) s"
$ {TAKES}
took ... s
```

```console session="d" capture="files:个=(\\d+) files"
$ echo 3 files
3 files
```
"""


@pytest.mark.slow
def test_times_and_rates_are_taken_alone(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    beside: dict[str, int] = {}
    now: set[str] = set()
    guard = threading.Lock()
    real = judging.judge

    def judge(project: Any, unit: Any, *rest: Any) -> Any:
        name = unit.blocks[0].option("session") if unit.kind == "session" else ""
        with guard:
            now.add(name)
            for other in now:
                beside[other] = max(beside.get(other, 0), len(now))
        time.sleep(0.3)
        try:
            return real(project, unit, *rest)
        finally:
            with guard:
                now.discard(name)

    monkeypatch.setattr(rounds, "judge", judge)
    site.page(PAGE)
    result = site.assay("check", "--jobs", "4")
    assert result.code == 0, result.output
    assert (beside["a"], beside["c"]) == (1, 1)
    assert beside["b"] > 1, "the others still run side by side"


@pytest.mark.parametrize(
    ("unit", "expected"),
    [("s", True), ("ms", True), ("次/s", True), ("请求/秒", True), ("个", False), ("MB", False)],
)
def test_which_units_are_times(unit: str, expected: bool) -> None:
    assert timed(unit) is expected


def test_a_rate_has_a_tolerance() -> None:
    said = compare("700 次", "", 700.0, "次/s")
    assert said == "'700 次' is a rate; give a tolerance such as \"±30%\""
    assert compare("700 次", "±30%", 650.0, "次/s") is None
