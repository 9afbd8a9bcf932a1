"""The README's picture is drawn from the imports as they are now."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

from checkout import ROOT

PICTURE = ROOT / "docs" / "assets" / "architecture.svg"


def test_the_picture_is_what_the_imports_say(tmp_path: Path) -> None:
    made = tmp_path / "architecture.svg"
    subprocess.run([sys.executable, ROOT / "ci" / "architecture.py", made], check=True)
    same = made.read_bytes() == PICTURE.read_bytes()
    assert same, "the imports changed: run .venv/bin/python ci/architecture.py"


def test_the_picture_stands_alone_in_light_and_dark() -> None:
    picture = PICTURE.read_text(encoding="utf-8")
    assert "docs/assets/architecture.svg" in (ROOT / "README.md").read_text(encoding="utf-8")
    assert "@media(prefers-color-scheme:dark){#assay{" in picture
    assert "<title id=" in picture
    assert not re.search(r"href=|url\((?!#)|https?://(?!www\.w3\.org/2000/svg)", picture)
