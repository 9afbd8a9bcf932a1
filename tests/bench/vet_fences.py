"""What a usual validator plugin does: run `go vet` on each fence while the site is built.

An MkDocs hook (`hooks:`), only there to be compared with. It runs in no box, remembers nothing,
and runs no program. GO names the go command.
"""

from __future__ import annotations

import os
import re
import subprocess
import tempfile
from pathlib import Path
from typing import Any

FENCE = re.compile(r"^```go.*\n((?:.*\n)*?)```$", re.MULTILINE)


def on_page_markdown(markdown: str, **_: Any) -> None:
    """Vet every Go fence of the page; a fault ends the build."""
    for text in FENCE.findall(markdown):
        with tempfile.TemporaryDirectory() as folder:
            Path(folder, "main.go").write_text(text, encoding="utf-8")
            Path(folder, "go.mod").write_text("module fence\n\ngo 1.26\n")
            subprocess.run([os.environ["GO"], "vet", "."], cwd=folder, check=True)
