"""The measurements, a function per row of the table; pairs are interleaved, medians are taken."""

from __future__ import annotations

import json
import os
import re
import statistics
import subprocess
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from assay.boxes import Boxes
from assay.sandbox import own
from assay.sources.settings import DEFAULT_TOOLCHAINS, load
from assay.toolchains import Toolchains, cache_dir, say
from bench import corpus, costs, judging
from bench.costs import Cost
from bench.others import Outside, box_start
from bench.watched import Watched

SITE = """\
site_name: measured
theme: material
markdown_extensions:
  - pymdownx.highlight
  - pymdownx.superfences
"""
BOTH, NEWEST = DEFAULT_TOOLCHAINS, DEFAULT_TOOLCHAINS[-1:]
PER_PAGE = 10
ROOT = Path(__file__).parents[2]
BOX = ROOT / "ci" / "bench-box"


@dataclass(frozen=True)
class Row:
    """A line of the table: what was measured, the bar, and whether it is met (None: no bar)."""

    work: str
    measured: str
    bar: str = ""
    met: bool | None = None


class Bench:
    """One run of the benchmark: a room for its files, and seeds that nobody has used."""

    def __init__(self, room: Path, rounds: int, seed: int) -> None:
        self.room, self.rounds, self._seed = room, rounds, seed
        self.toolchains = Toolchains(cache_dir(), BOTH)
        self.toolchains.prepare()
        self.outside = Outside(self.toolchains, room)
        self.starts: list[Cost] = []
        self._sites: dict[tuple[str, ...], Path] = {}

    def programs(self, count: int) -> list[str]:
        """Programs that no cache has seen."""
        self._seed += count
        return corpus.programs(count, self._seed)

    def site(self, name: str, fences: list[str], versions: Iterable[str] = BOTH) -> Path:
        """Write a site; its pages have ten fences each."""
        root = self.room / name
        corpus.write_site(root, fences, PER_PAGE, SITE + "plugins: [search, assay]\n")
        listed = ", ".join(f'"{v}"' for v in versions)
        (root / "assay.toml").write_text(f"toolchains = [{listed}]\n")
        return root

    def mixed(self, name: str, blocks: int, every: int) -> Path:
        """A site of data blocks in which each so many-th block is a Go program."""
        texts = iter(self.programs(blocks // every))
        fences = [
            corpus.program_fence(next(texts)) if n % every == 0 else corpus.data_fence(n)
            for n in range(blocks)
        ]
        return self.site(name, fences)

    # -- rows ------------------------------------------------------------------------------
    def starting(self) -> list[Row]:
        """What one box costs by itself."""
        boxes = Boxes(load(self.site("boxes", [])), self.toolchains)
        binary = Path("/usr/bin/true").resolve()
        box_start(boxes, binary)
        self.starts = [box_start(boxes, binary) for _ in range(100)]
        cpu, wall = costs.cpu(self.starts) * 1000, costs.wall(self.starts) * 1000
        return [Row("one box started, with a program that does nothing (median of 100)",
                    f"{cpu:.1f} ms CPU, {wall:.1f} ms wall"), self._overhead()]  # fmt: skip

    def _overhead(self) -> Row:
        """What ci/bench-box measures: the same program in a box and without one."""
        ran = subprocess.run([sys.executable, BOX], capture_output=True, text=True, check=True)
        made = json.loads(ran.stdout)
        wall, cpu = (made["box"][k] - made["plain"][k] for k in ("wall_ms", "cpu_ms"))
        shell = made["session"]
        return Row("what a box adds to a program that does nothing (medians of 100, in turn)",
                   f"{wall:.1f} ms wall, {cpu:.1f} ms CPU; a page's bash, opened and closed: "
                   f"{shell['wall_ms']:.1f} ms wall, {shell['cpu_ms']:.1f} ms CPU",
                   "≤ 15 ms wall, ≤ 10 ms CPU", wall <= 15 and cpu <= 10)  # fmt: skip

    def never_seen(self, count: int = 100) -> list[Row]:
        """Row 1: programs that no cache has seen, the standard library cached."""
        floor, both, one, alone, fewest = [], [], [], [], []
        for n in range(self.rounds):
            say(f"row 1, round {n + 1} of {self.rounds}")
            floor.append(sum(self.outside.floor(v, self.programs(count)) for v in BOTH))
            both.append(self._cold(f"both{n}", count, BOTH))
            one.append(self._cold(f"one{n}", count, NEWEST))
            alone.append(self.outside.one_by_one(NEWEST[0], self.programs(count)))
            fewest.append(self.outside.floor(NEWEST[0], self.programs(count)))
        start = costs.cpu(self.starts)
        runs = count * len(BOTH)
        least, spent = statistics.median(floor), costs.cpu(both)
        bound = least + runs * start
        usual, single = statistics.median(alone), costs.cpu(one)
        single_bound = statistics.median(fewest) + count * start
        what = f"{count} programs never seen before"
        return [
            Row(f"{what}, {len(BOTH)} toolchains: `assay check` (format, build, vet, run)",
                f"{spent:.2f} CPU s, {costs.wall(both):.1f} s wall; the floor {least:.2f} + "
                f"{runs} box starts {runs * start:.2f}: {spent / bound:.2f} ×",
                "≤ 1.25 × (floor + box starts)", spent <= 1.25 * bound),
            Row(f"the same with {count} box starts counted (one a program, not one a run)",
                f"{spent / (least + count * start):.2f} ×",
                "≤ 1.25 ×", spent <= 1.25 * (least + count * start)),
            Row(f"{what}, one toolchain each: `go run` one by one, without vet or a box",
                f"{usual:.2f} CPU s; `assay check` {single:.2f} ({single / single_bound:.2f} × "
                f"its floor and box starts): {usual / single:.2f} × less",
                "≥ 2.5 × less", usual >= 2.5 * single),
            Row(f"`assay check` with {len(BOTH)} toolchains against `go run` with one",
                f"{usual / spent:.2f} × less", "≥ 2.5 × less", usual >= 2.5 * spent),
        ]  # fmt: skip

    def _cold(self, name: str, count: int, versions: tuple[str, ...]) -> Cost:
        fences = [corpus.program_fence(t) for t in self.programs(count)]
        return costs.assay(self.site(name, fences, versions), "check")

    def pictures(self, count: int = 200) -> list[Row]:
        """Diagrams that were never drawn, and then nothing changed."""
        say(f"{count} diagrams")
        colds = []
        for n in range(self.rounds):
            self._seed += count
            site = self.site(f"drawn{n}", corpus.diagram_fences(count, self._seed))
            colds.append(costs.assay(site, "check"))
        wall = costs.wall(colds)
        cold = Row(f"{count} diagrams, all new",
                   f"{wall:.2f} s wall, {costs.cpu(colds):.2f} CPU s, start included",
                   "≤ 3 s", wall <= 3)  # fmt: skip
        return [cold, *self._nothing(site, count, 0.5)]

    def one_changed(self) -> list[Row]:
        """Row 3: one program of a hundred is edited."""
        say("row 3")
        rows = []
        for versions in (BOTH, NEWEST):
            site = self._hundred(versions)
            edits, runs = [], []
            for n in range(2 * self.rounds + 1):
                fresh = self._edited(site, n)
                edits.append(costs.assay(site, "check"))
                runs.append(self.outside.one_by_one(NEWEST[0], [fresh]))
            spent, usual = costs.cpu(edits), statistics.median(runs)
            rows.append(Row(f"1 of 100 programs changed, {_label(versions)}",
                            f"{spent:.2f} CPU s, {costs.wall(edits):.2f} s wall; `go run` of the "
                            f"file {usual:.2f}: {spent / usual:.1f} ×",
                            "≤ 3 ×", spent <= 3 * usual))  # fmt: skip
        return rows

    def watched(self) -> list[Row]:
        """The edit of row 3 while `assay watch` runs: nothing has to be started for it."""
        say("watch")
        rows = []
        for versions in (BOTH, NEWEST):
            site = self._hundred(versions)
            edits, runs = [], []
            with Watched(site) as watched:
                for n in range(2 * self.rounds + 1):
                    watched.mark()
                    fresh = self._edited(site, n)
                    edits.append(watched.told())
                    runs.append(self.outside.one_by_one(NEWEST[0], [fresh]))
            spent, wall, usual = costs.cpu(edits), costs.wall(edits), statistics.median(runs)
            rows.append(Row(f"the same edit under `assay watch`, {_label(versions)}",
                            f"{wall:.2f} s from saving to the verdict; {spent:.2f} CPU s, "
                            f"{spent / usual:.1f} × `go run`", "≤ 1 s", wall <= 1))  # fmt: skip
        return rows

    def _hundred(self, versions: tuple[str, ...]) -> Path:
        """A checked site of a hundred programs, made once."""
        if versions not in self._sites:
            fences = [corpus.program_fence(t) for t in self.programs(100)]
            self._sites[versions] = self.site(f"hundred{len(versions)}", fences, versions)
            costs.assay(self._sites[versions], "check")
        return self._sites[versions]

    def _edited(self, site: Path, number: int) -> str:
        """Put a new program into the place of the fourth page's first, and return it."""
        fresh = self.programs(100)[number * 7]
        page = site / "docs" / "p00003.md"
        text = page.read_text(encoding="utf-8")
        old = re.search(r"```go\n(.*?)```", text, re.DOTALL)
        assert old
        page.write_text(text.replace(old[1], fresh), encoding="utf-8")
        return fresh

    def growing(self, sizes: tuple[int, ...] = (2500, 5000, 10000)) -> list[Row]:
        """Rows 4 and 2: blocks by the thousand, first all new, then none."""
        rows, each, peaks = [], [], []
        for size in sizes:
            say(f"row 4, {size} blocks")
            site = self.mixed(f"blocks{size}", size, 50)
            cold = costs.assay(site, "check")
            each.append(cold.cpu_s / size)
            peaks.append(cold.peak_mb)
            rows.append(Row(f"{size:,} blocks, all new (1 in 50 a Go program)",
                            f"{cold.cpu_s:.0f} CPU s, {cold.wall_s:.0f} s wall, "
                            f"peak {cold.peak_mb:.0f} MB", "≤ 500 MB",
                            cold.peak_mb <= 500))  # fmt: skip
        memory = (peaks[-1] - peaks[0]) / (sizes[-1] - sizes[0]) * 1000
        growth = each[-1] / each[0]
        rows.append(Row(f"growth from {sizes[0]:,} to {sizes[-1]:,} blocks",
                        f"CPU a block × {growth:.2f}; {memory:.0f} MB a thousand blocks",
                        "linear: ≤ 1.15 × a block", growth <= 1.15))  # fmt: skip
        return [*self._nothing(site, sizes[-1], 3.0), *rows]

    def thousand(self) -> list[Row]:
        """Rows 2 and 5: a thousand blocks with nothing changed, and the site built of them."""
        say("rows 2 and 5")
        site = self.mixed("thousand", 1000, 10)
        cold = costs.assay(site, "check")
        rows = self._nothing(site, 1000, 0.5)
        (site / "plain.yml").write_text(SITE + "plugins: [search]\n")
        hook = Path(__file__).with_name("vet_fences.py")
        (site / "vetted.yml").write_text(SITE + f"plugins: [search]\nhooks: [{hook}]\n")
        marked, plain, vetted = [], [], []
        for n in range(self.rounds):
            marked.append(self._built(site, "mkdocs.yml"))
            plain.append(self._built(site, "plain.yml"))
            if n == 0:
                vetted.append(self._built(site, "vetted.yml"))
                own(self.toolchains.builds)  # what the hook wrote there is the box's again
        ratio = statistics.median(m.cpu_s / p.cpu_s for m, p in zip(marked, plain, strict=True))
        rows.append(Row("strict build of 100 pages, 1,000 blocks, with marks",
                        f"{costs.cpu(marked):.2f} CPU s; without the plugin "
                        f"{costs.cpu(plain):.2f}: {ratio:.2f} ×", "≤ 1.10 ×",
                        ratio <= 1.1))  # fmt: skip
        rows.append(Row("a hook that runs `go vet` on each of its 100 Go fences",
                        f"{costs.cpu(vetted) - costs.cpu(plain):.1f} CPU s more in every build; "
                        f"`assay check` of all 1,000 blocks {cold.cpu_s:.1f}, once"))  # fmt: skip
        return rows

    def configs(self) -> list[Row]:
        """Configurations of every kind, judged by tools that are built."""
        say("500 configurations")
        site = self.site("configs", judging.blocks(500))
        costs.assay(site, "check")  # what isn't built is built now
        cold = [costs.assay(site, "check", "--no-cache") for _ in range(self.rounds)]
        wall = costs.wall(cold)
        started = re.findall(r"(\d+) processes", cold[-1].output)
        return [Row("500 configurations of every kind, all new, judges built",
                    f"{wall:.1f} s wall, {costs.cpu(cold):.1f} CPU s, "
                    f"{started[-1]} processes", "≤ 15 s", wall <= 15)]  # fmt: skip

    def tools(self) -> list[Row]:
        """Every judge and program built from nothing, one after the other."""
        say("building every judge and program")
        site = self.site("tools", [])
        rows, wall = [], 0.0
        for name, cpu_s, wall_s in judging.building(
            site, self.room / "tools-cache", self.toolchains
        ):
            rows.append(Row(f"building {name}",
                            f"{cpu_s:.0f} CPU s, {wall_s / 60:.1f} minutes wall"))  # fmt: skip
            wall += wall_s
        total = Row("building all judges and programs from nothing, modules fetched",
                    f"{wall / 60:.1f} minutes wall", "≤ 35 minutes", wall <= 35 * 60)  # fmt: skip
        return [*rows, total]

    def chapter(self) -> list[Row]:
        """Chapter 2 of this project's own site: real servers, and sessions that measure alone."""
        say("chapter 2, whole and then with nothing changed")
        pages = "docs/load-testing"
        cold = costs.assay(ROOT, "check", "--no-cache", pages)
        costs.assay(ROOT, "check", pages)  # what --no-cache judged is settled now
        blocks = int(re.findall(r"(\d+) blocks", cold.output)[-1])
        row = Row(f"`assay check` of chapter 2 ({blocks} blocks) with cold evidence, tools built",
                  f"{cold.wall_s:.0f} s wall, {cold.cpu_s:.0f} CPU s, once", "≤ 300 s",
                  cold.wall_s <= 300)  # fmt: skip
        return [row, *self._nothing(ROOT, blocks, 0.5, pages)]

    def _nothing(self, site: Path, blocks: int, bar: float, *pages: str) -> list[Row]:
        again = [costs.assay(site, "check", *pages) for _ in range(2 * self.rounds + 1)]
        started = {int(m) for c in again for m in re.findall(r"(\d+) processes", c.output)}
        wall = costs.wall(again)
        where = f" ({', '.join(pages)})" if pages else ""
        return [Row(f"{blocks:,} blocks{where}, nothing changed",
                    f"{wall:.2f} s wall, {costs.cpu(again):.2f} CPU s, start included; "
                    f"processes {max(started)}", f"≤ {bar} s, 0 processes",
                    wall <= bar and started == {0})]  # fmt: skip

    def _built(self, site: Path, config: str) -> Cost:
        go = self.toolchains.root(NEWEST[0]) / "bin" / "go"
        env = {**os.environ, "PYTHONPATH": str(costs.PLUGINS), "NO_MKDOCS_2_WARNING": "1",
               "GO": str(go), "GOCACHE": str(self.toolchains.builds), "GOFLAGS": "",
               "GOENV": "off", "GOTOOLCHAIN": "local"}  # fmt: skip
        argv = [sys.executable, "-m", "mkdocs", "build", "--strict", "-q", "-f", config]
        cost = costs.run([*argv, "-d", str(self.room / "out")], site, env)
        if cost.code:
            raise SystemExit(f"mkdocs build -f {config}: {cost.output[-2000:]}")
        return cost


def _label(versions: tuple[str, ...]) -> str:
    return f"{len(versions)} toolchain{'s' * (len(versions) > 1)}"
