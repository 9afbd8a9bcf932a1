"""Files of the checkout and the cache: hashing by content, writing atomically."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import shutil
import stat
import tempfile
from collections.abc import Iterator
from pathlib import Path

from assay.errors import UnableError


class Hashes:
    """Content hashes, remembered by path, size, mtime and inode so that a file is read once."""

    def __init__(self, kept: Path | None = None) -> None:
        self._kept = kept
        self._known: dict[str, list[int | str]] = {}
        self._dirty = False
        if kept is not None:
            with contextlib.suppress(OSError, ValueError, RecursionError):
                known = json.loads(kept.read_text(encoding="utf-8"))
                self._known = known if isinstance(known, dict) else {}

    @staticmethod
    def text(text: str) -> str:
        """Hash text."""
        return hashlib.sha256(text.encode("utf-8", "surrogateescape")).hexdigest()[:24]

    def file(self, path: Path) -> str:
        """Hash a file's content; an absent file has the hash ''."""
        try:
            status = os.stat(path)
        except OSError:
            return ""
        if not stat.S_ISREG(status.st_mode):
            return ""  # reading a pipe would wait for ever
        stamp = [status.st_size, status.st_mtime_ns, status.st_ino]
        entry = self._known.get(str(path))
        if isinstance(entry, list) and entry[:3] == stamp and len(entry) == 4:
            return str(entry[3])
        try:
            value = hashlib.sha256(path.read_bytes()).hexdigest()[:24]
        except OSError:
            return ""
        self._known[str(path)] = [*stamp, value]
        self._dirty = True
        return value

    def tree(self, folder: Path) -> tuple[tuple[str, str], ...]:
        """Hash every regular file below `folder`: sorted (relative POSIX path, hash)."""
        found: list[tuple[str, str]] = []
        for base, folders, names in os.walk(folder):
            folders[:] = sorted(f for f in folders if not f.startswith("."))
            for name in names:
                path = Path(base, name)
                if path.is_file() and not path.is_symlink():
                    found.append((path.relative_to(folder).as_posix(), self.file(path)))
        return tuple(sorted(found))

    def save(self) -> None:
        """Keep the stamps for the next run."""
        if self._kept is not None and self._dirty:
            write_atomically(self._kept, json.dumps(self._known))
            self._dirty = False


def write_atomically(path: Path, content: str | bytes) -> None:
    """Write a file that others see whole or not at all; raises UnableError on a full disk."""
    data = content.encode() if isinstance(content, str) else content
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=".new-")
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(data)
            os.chmod(name, 0o644)
            os.replace(name, path)
        except BaseException:
            with contextlib.suppress(OSError):
                os.unlink(name)
            raise
    except OSError as error:
        reason = error.strerror or "write failed"
        what = "below .cache" if ".cache" in path.parts else repr(path.name)
        raise UnableError(
            f"can't write {what}: {reason}; free space or mend the folder's rights"
        ) from error


@contextlib.contextmanager
def folder_made(place: Path) -> Iterator[Path]:
    """Give a new folder to fill, which others see at `place` whole or not at all.

    Where two runs make it at once, the first one's stays.
    """
    place.parent.mkdir(parents=True, exist_ok=True)
    new = Path(tempfile.mkdtemp(dir=place.parent, prefix=".new-"))
    try:
        new.chmod(0o755)  # boxes run as another user
        yield new
        try:
            os.rename(new, place)
        except OSError:
            if not place.is_dir():
                raise
    finally:
        shutil.rmtree(new, ignore_errors=True)
