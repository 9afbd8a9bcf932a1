"""What takes times or rates runs alone; what runs out of time in the compiler is no finding."""

from __future__ import annotations

import threading
import time
from typing import Any

import pytest

from assay import judge as judging
from assay import rounds
from assay.boxes import Boxes
from assay.captures import compare, timed
from assay.outcome import Outcome, Verdict
from assay.sandbox import Spec
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


@pytest.mark.slow
def test_a_compiler_that_runs_out_of_time_is_no_finding(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = Boxes.run

    def run(self: Boxes, spec: Spec) -> Outcome:
        if spec.argv[:2] == ("go", "build"):
            return Outcome(Verdict.TIMEOUT, 120_000, "", 120_000)
        return real(self, spec)

    monkeypatch.setattr(Boxes, "run", run)
    site.page("# Page\n\n```go\npackage main\n\nfunc main() {}\n```\n")
    result = site.assay("check", "--no-cache")
    assert result.code == 3, result.output
    assert "'go build' ended with timeout after 120 s; check again" in result.output
