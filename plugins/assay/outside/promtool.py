"""promtool test rules: one process for the test files of many blocks."""

from __future__ import annotations

import shutil
import xml.etree.ElementTree as ET
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from assay import gohelper
from assay.boxes import Boxes
from assay.errors import UnableError
from assay.sandbox import Mount, own, scratch

# Its exit codes: every test passed, and one failed.
TOLD = (0, 1)
REPORT = "report.xml"


def judge(boxes: Boxes, requests: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Answer `{"file", "files": [{"name", "text"}]}`: what is wrong with the file, or its tests."""
    unit = scratch.room(boxes.scratch(), "unit")
    try:
        tests = []
        for number, request in enumerate(requests):
            for file in request["files"]:
                folder = unit / "work" / str(number)
                place = folder / file["name"]
                if not place.resolve().is_relative_to(folder.resolve()):
                    raise UnableError(f"{file['name']!r} leaves the folder of its page")
                place.parent.mkdir(parents=True, exist_ok=True)
                place.write_text(file["text"], encoding="utf-8")
            tests.append(f"{number}/{request['file']}")
        own(unit)
        argv = ("promtool", "test", "rules", f"--junit={REPORT}", *tests)
        spec = boxes.tool(unit, argv, python=False)
        binary = Mount(gohelper.binary(boxes, "promtool"), "/tools/bin/promtool", "ro")
        mounts = (*spec.mounts, binary)
        outcome = boxes.run(replace(spec, mounts=mounts, limits=gohelper.JUDGE))
        report = unit / "work" / REPORT
        text = report.read_text(encoding="utf-8") if report.is_file() else ""
    finally:
        shutil.rmtree(unit, ignore_errors=True)
    if outcome.verdict != "exit" or outcome.code not in TOLD:
        said = outcome.output.strip()[-300:]
        raise UnableError(f"promtool failed: {outcome.describe()}: {said}")
    return _by_file(text)


def _by_file(report: str) -> list[dict[str, Any]]:
    """Read the report: promtool wrote it, of tests that came through its own reader."""
    try:
        suites = ET.fromstring(report).findall("testsuite")  # noqa: S314 - see above
    except ET.ParseError as error:
        raise UnableError(f"promtool gave a report that can't be read: {error}") from error
    return [
        {
            "error": "\n".join(e.text or "" for e in suite.iter("error")),
            "groups": [
                [f.text or "" for f in case.findall("failure")] for case in suite.iter("testcase")
            ],
        }
        for suite in suites
    ]
