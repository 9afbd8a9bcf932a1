"""Numbers: taken out of real output, written in prose, and compared."""

from __future__ import annotations

import math
import posixpath
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from assay.model import Link, Page

SCHEME = "measure:"
SIZES = {"B": 1.0, "kB": 1e3, "KB": 1e3, "MB": 1e6, "GB": 1e9,
         "KiB": 2.0**10, "MiB": 2.0**20, "GiB": 2.0**30}  # fmt: skip
TIMES = {"ns": 1e-9, "µs": 1e-6, "us": 1e-6, "微秒": 1e-6, "ms": 1e-3, "毫秒": 1e-3, "s": 1.0,
         "秒": 1.0, "min": 60.0, "分钟": 60.0}  # fmt: skip
KINDS: Mapping[str, tuple[str, float]] = {
    **{unit: ("size", factor) for unit, factor in SIZES.items()},
    **{unit: ("time", factor) for unit, factor in TIMES.items()},
    "%": ("share", 1.0),
}
SPEC = re.compile(r"\s*(?P<name>[\w-]+)(?::(?P<unit>[^=\s]+))?=(?P<pattern>.+)", re.DOTALL)
NUMBER = re.compile(r"[-+−]?\d[\d,]*(?:\.\d+)?")


@dataclass(frozen=True, slots=True)
class Spec:
    """One entry of `capture="name:unit=regex"`."""

    name: str
    unit: str
    pattern: re.Pattern[str]


def specs(option: str) -> Iterator[Spec]:
    """Read a capture option; raises ValueError with what is wrong."""
    for part in re.split(r";\s*(?=[\w-]+(?::[^=\s]+)?=)", option):
        match = SPEC.match(part)
        if not match:
            raise ValueError(f'capture {part!r} can\'t be read; write "name:unit=regex"')
        try:
            pattern = re.compile(match["pattern"], re.MULTILINE)
        except re.error as error:
            raise ValueError(f"capture {match['name']!r}: not a regex: {error}") from error
        if pattern.groups != 1:
            message = f"capture {match['name']!r}: {pattern.groups} groups; exactly one is needed"
            raise ValueError(message)
        yield Spec(match["name"], match["unit"] or "", pattern)


def timed(unit: str) -> bool:
    """Whether it is the unit of a time, or of a rate such as `次/s`: no two runs agree on it."""
    return unit.rpartition("/")[2] in TIMES


def take(spec: Spec, output: str) -> float | None:
    """Return the captured number, None where the output doesn't have it."""
    match = spec.pattern.search(output)
    number = NUMBER.search(match[1]) if match else None
    return _float(number[0]) if number else None


def _float(text: str) -> float:
    return float(text.replace(",", "").replace("−", "-"))


@dataclass(frozen=True, slots=True)
class Written:
    """A number in prose: value, unit, and the step of its last written digit."""

    value: float
    unit: str
    step: float


def written(text: str) -> Written | None:
    """Read `约 3.6 MB`, `2,600 次`, `12%`: the number and what follows it."""
    match = NUMBER.search(text)
    if not match:
        return None
    digits = match[0].partition(".")[2]
    after = text[match.end() :].strip()
    unit = next((u for u in sorted(KINDS, key=len, reverse=True) if after.startswith(u)), "")
    return Written(_float(match[0]), unit, 10.0 ** -len(digits))


def tolerance(title: str) -> float | None:
    """Read a title such as `±30%` as a share; None where it isn't one."""
    match = re.fullmatch(r"\s*[±]\s*(\d+(?:\.\d+)?)\s*%\s*", title)
    return float(match[1]) / 100 if match else None


def compare(text: str, title: str, value: float, unit: str) -> str | None:
    """Say why the written number disagrees with the captured one; None if it agrees."""
    number = written(text)
    if number is None:
        return f"{text!r} holds no number; write one, such as '3.6 MB'"
    kind, factor = KINDS.get(number.unit, ("count", 1.0))
    real_kind, real_factor = KINDS.get(unit, ("count", 1.0))
    if kind != real_kind:
        return f"{text!r} has the unit {number.unit!r}, captured was {unit!r}; write one that fits"
    real = value * real_factor / factor
    share = tolerance(title) if title else None
    if title and share is None:
        return f'the tolerance {title!r} can\'t be read; write "±30%"'
    if share is None and timed(unit):
        what = "a time" if kind == "time" else "a rate"
        return f'{text!r} is {what}; give a tolerance such as "±30%"'
    allowed = abs(number.value) * share if share is not None else number.step / 2
    if math.isfinite(real) and abs(real - number.value) <= allowed * (1 + 1e-9):
        return None
    return f"{text!r} was written, {shown(real, number)} was measured; run assay accept to take it"


def shown(real: float, number: Written) -> str:
    """Write a real value the way the author wrote his."""
    digits = max(0, round(-math.log10(number.step)))
    return f"{real:,.{digits}f} {number.unit}".rstrip()


def rewrite(text: str, value: float, unit: str) -> str:
    """Put a captured value in place of the number of `text`, as precisely as it was written."""
    match, number = NUMBER.search(text), written(text)
    kind, factor = KINDS.get(number.unit if number else "", ("count", 1.0))
    real_kind, real_factor = KINDS.get(unit, ("count", 1.0))
    if match is None or number is None or kind != real_kind:
        return text
    digits = max(0, round(-math.log10(number.step)))
    comma = "," if "," in match[0] else ""
    plus = "+" if match[0].startswith("+") else ""
    made = f"{value * real_factor / factor:{plus}{comma}.{digits}f}"
    made = made.replace("-", "−") if match[0].startswith("−") else made
    return f"{text[: match.start()]}{made}{text[match.end() :]}"


def meant(page: Page, link: Link) -> tuple[str, str, str]:
    """Split the target of a bound number into page, name and toolchain ('' if none).

    `measure:name`, `measure:page#name` and `measure:name@1.26` are understood.
    """
    rest, _, toolchain = link.target.removeprefix(SCHEME).partition("@")
    other, hash_sign, name = rest.rpartition("#")
    path = page.path
    if hash_sign and other:
        path = posixpath.normpath(posixpath.join(posixpath.dirname(page.path), other))
    return path, name, toolchain
