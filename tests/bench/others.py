"""What the same work costs without assay: each program alone, and the least that was found."""

from __future__ import annotations

import resource
import time
from collections.abc import Sequence
from pathlib import Path

from assay import sharing
from assay.boxes import Boxes
from assay.sandbox import own, sandbox_uid
from assay.toolchains import Toolchains
from bench.costs import Cost, run


class Outside:
    """Go used directly, with assay's own caches and user but without a box."""

    def __init__(self, toolchains: Toolchains, room: Path) -> None:
        self.toolchains, self.room = toolchains, room
        self.user = sandbox_uid()

    def go(self, version: str, cwd: Path, *arguments: str) -> Cost:
        """Run the go command; it has to succeed."""
        root = self.toolchains.root(version)
        env = {
            "PATH": f"{root}/bin:/usr/bin:/bin", "GOROOT": str(root), "HOME": str(self.room),
            "GOCACHE": str(self.toolchains.builds), "GOMODCACHE": str(self.toolchains.modules),
            "GOENV": "off", "GOFLAGS": "-buildvcs=false", "GOTOOLCHAIN": "local",
            "GOPROXY": "off", "CGO_ENABLED": "0", "TMPDIR": str(self.room),
        }  # fmt: skip
        cost = run([root / "bin" / "go", *arguments], cwd, env, user=self.user)
        if cost.code:
            raise SystemExit(f"go {' '.join(arguments)}: {cost.output}")
        return cost

    def one_by_one(self, version: str, texts: Sequence[str]) -> float:
        """CPU seconds of `go run` for each program, as most tools do it."""
        tree = self._tree(version, {f"p{n:04}": text for n, text in enumerate(texts)})
        return sum(
            self.go(version, tree, "run", f"./programs/p{n:04}").cpu_s for n in range(len(texts))
        )

    def floor(self, version: str, texts: Sequence[str]) -> float:
        """CPU seconds of vetting, linking as one binary, and running every program."""
        names = [f"p{n:04}" for n in range(len(texts))]
        packages = {
            n: sharing.as_package(t, n) + "\nvar AssayMain func() = main\n"
            for n, t in zip(names, texts, strict=True)
        }
        tree = self._tree(version, packages)
        spent = self.go(version, tree, "vet", "./...").cpu_s
        imports = "".join(f'\t"page/programs/{n}"\n' for n in names)
        cases = "".join(f'\tcase "{n}":\n\t\t{n}.AssayMain()\n' for n in names)
        main = f'package main\n\nimport (\n\t"os"\n\n{imports})\n\nfunc main() {{\n'
        main += f"\tswitch os.Args[0] {{\n{cases}\t}}\n}}\n"
        (tree / "main.go").write_text(main, encoding="utf-8")
        spent += self.go(version, tree, "build", "-ldflags=-s -w", "-o", "all", ".").cpu_s
        runs = [run([n], tree, {}, user=self.user, executable=tree / "all") for n in names]
        return spent + sum(r.cpu_s for r in runs)

    def _tree(self, version: str, packages: dict[str, str]) -> Path:
        tree = self.room / f"tree-{time.monotonic_ns()}"
        for name, text in packages.items():
            place = tree / "programs" / name
            place.mkdir(parents=True)
            (place / "main.go").write_text(text, encoding="utf-8")
        (tree / "go.mod").write_text(f"module page\n\ngo {version.rpartition('.')[0]}\n")
        own(tree)
        return tree


def box_start(boxes: Boxes, binary: Path) -> Cost:
    """Start one box with a program that does nothing; assay's own share is in it."""
    began, before = time.monotonic(), _spent()
    outcome = boxes.run(boxes.program(binary, "main", None))
    if not outcome.ok:
        raise SystemExit(f"a box can't be started: {outcome.describe()} {outcome.output}")
    return Cost(_spent() - before, time.monotonic() - began, 0, 0, "")


def _spent() -> float:
    both = (resource.getrusage(w) for w in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(u.ru_utime + u.ru_stime for u in both)
