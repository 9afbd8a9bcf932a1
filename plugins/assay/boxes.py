"""Which box a job gets: what is mounted, what its environment says, which limits hold."""

from __future__ import annotations

from pathlib import Path

from assay.interpreter import python_mounts
from assay.process import Outcome
from assay.sandbox import Limits, Mount, Spec, run
from assay.sources.settings import Settings
from assay.toolchains import Toolchains

# The same words on every machine: language, time zone, and Go kept off the network.
COMMON = (("LANG", "C.UTF-8"), ("TZ", "UTC"), ("HOME", "/tmp/home"))  # noqa: S108 - in the box
GO = (
    ("PATH", "/go/bin:/usr/local/bin:/usr/bin:/bin"), ("GOROOT", "/go"), ("GOPATH", "/gopath"),
    ("GOMODCACHE", "/gopath/pkg/mod"), ("GOCACHE", "/gocache"), ("GOPROXY", "off"),
    ("GOSUMDB", "off"), ("GOTOOLCHAIN", "local"), ("GOENV", "off"), ("GOWORK", "off"),
    ("GOVCS", "*:off"),
)  # fmt: skip
COMPILE_ONLY = (("CGO_ENABLED", "0"), ("GOFLAGS", "-mod=readonly -buildvcs=false"))


class Boxes:
    """Makes box specifications for one check run."""

    def __init__(self, settings: Settings, toolchains: Toolchains, unsafe: bool = False) -> None:
        self.settings, self.toolchains, self.unsafe = settings, toolchains, unsafe

    def scratch(self) -> Path:
        """The folder for unit folders and overlays, outside the checkout."""
        return self.toolchains.cache / "scratch"

    def run(self, spec: Spec) -> Outcome:
        """Run one program in one box."""
        return run(spec)

    def limits(self, profile: str, timeout_s: float | None = None) -> Limits:
        """The profile's limits, lowered by what the page asks for."""
        limits = Limits(**self.settings.profiles[profile])
        return limits.lowered(timeout_s) if timeout_s else limits

    def compile(self, version: str, unit: Path, argv: tuple[str, ...]) -> Spec:
        """Only the toolchain; the shared build cache is writable, the sources aren't."""
        mounts = (
            *self._go(version),
            Mount(self.toolchains.builds, "/gocache", "rw"),
            Mount(unit / "work", "/work", "ro"),
            Mount(unit / "out", "/out", "rw"),
        )
        env = COMMON + GO + COMPILE_ONLY
        return self._spec(argv, mounts, env, "/work", self.limits("compile"))

    def session(
        self, version: str, unit: Path, argv: tuple[str, ...], profile: str = "session"
    ) -> Spec:
        """The reader's environment; what is written to the build cache is thrown away.

        A test (with `argv`) is built as it was compiled before: with another CGO_ENABLED every
        module that imports net would be compiled again, each time.
        """
        mounts = (
            *self._go(version),
            Mount(self.toolchains.builds, "/gocache", "overlay"),
            Mount(unit / "work", "/work" if argv else "/src", "ro"),
            Mount(unit / "steps", "/steps", "ro"),
        )
        env = COMMON + GO + (COMPILE_ONLY if argv else ())
        return self._spec(argv, mounts, env, "/work", self.limits(profile))

    def program(self, binary: Path, name: str, timeout_s: float | None) -> Spec:
        """One binary and nothing else, started by the name that the box gives it."""
        mounts = (Mount(binary, f"/app/{name}", "ro"),)
        env = (*COMMON, ("PATH", "/usr/bin:/bin"))
        return self._spec((f"/app/{name}",), mounts, env, "/work", self.limits("go", timeout_s))

    def tool(self, unit: Path, argv: tuple[str, ...], python: bool) -> Spec:
        """A judge or a drawing program, with the unit's files writable."""
        mounts: tuple[Mount, ...] = (Mount(unit / "work", "/work", "rw"),)
        env = (*COMMON, ("PATH", "/tools/bin:/py/bin:/usr/bin:/bin"), ("PYTHONPATH", "/tools"))
        if python:
            mounts += python_mounts(self.toolchains.cache)
        return self._spec(argv, mounts, env, "/work", self.limits("compile"))

    def _go(self, version: str) -> tuple[Mount, ...]:
        return (
            Mount(self.toolchains.root(version), "/go", "ro"),
            Mount(self.toolchains.modules, "/gopath/pkg/mod", "ro"),
        )

    def _spec(
        self,
        argv: tuple[str, ...],
        mounts: tuple[Mount, ...],
        env: tuple[tuple[str, str], ...],
        cwd: str,
        limits: Limits,
    ) -> Spec:
        return Spec(
            argv=argv, mounts=mounts, env=env, cwd=cwd, limits=limits, scratch=self.scratch(),
            unsafe=self.unsafe,
        )  # fmt: skip
