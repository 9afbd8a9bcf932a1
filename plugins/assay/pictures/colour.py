"""Give every colour of a drawing a counterpart for the dark scheme."""

from __future__ import annotations

import colorsys
import re
from collections.abc import Mapping
from dataclasses import dataclass, field

# The colours that `mermaid.py` asks for: name of the CSS variable a site may set, light, dark.
ROLES = (
    ("text", "#1f2433", "#e3e6f0"),
    ("line", "#5a6275", "#a3abc0"),
    ("fill", "#eef1fd", "#2b3252"),
    ("border", "#5566b8", "#8795e0"),
    ("label", "#fefefe", "#1e2129"),
    ("group", "#f6f7fa", "#262a36"),
    ("group-border", "#c3c9dc", "#4b5369"),
    ("note", "#fff6dc", "#463c1d"),
    ("note-border", "#c79a25", "#b8933a"),
    ("plate", "#ffffff00", "#c5cbdc"),  # behind icons: many are drawn in black or navy
)
ROLE = {name: light for name, light, _ in ROLES}

# CSS names that drawing engines and authors' `style` lines use; others stay as they are.
_NAMES = {
    "black": "#000000", "white": "#ffffff", "red": "#ff0000", "green": "#008000",
    "blue": "#0000ff", "navy": "#000080", "orange": "#ffa500", "yellow": "#ffff00",
    "purple": "#800080", "gray": "#808080", "grey": "#808080", "lightgrey": "#d3d3d3",
    "lightgray": "#d3d3d3", "darkgrey": "#a9a9a9", "darkgray": "#a9a9a9", "pink": "#ffc0cb",
    "lightblue": "#add8e6", "lightgreen": "#90ee90", "brown": "#a52a2a", "gold": "#ffd700",
    "silver": "#c0c0c0", "teal": "#008080", "firebrick": "#b22222", "darkgreen": "#006400",
    "darkblue": "#00008b", "darkorange": "#ff8c00", "steelblue": "#4682b4", "tomato": "#ff6347",
}  # fmt: skip
_COLOUR = re.compile(
    r"#[0-9a-fA-F]{3,8}\b|\b(?:rgb|hsl)a?\([^()]*\)"
    rf"|(?<![\w-])(?:{'|'.join(_NAMES)})(?![\w-])"
)
_NUMBER = re.compile(r"-?\d+(?:\.\d+)?%?")


@dataclass(frozen=True, slots=True)
class Colour:
    """Red, green, blue and opacity, each between 0 and 1."""

    red: float
    green: float
    blue: float
    alpha: float = 1.0

    @property
    def css(self) -> str:
        """Write the colour as #rrggbb, or #rrggbbaa where it isn't opaque."""
        parts = [self.red, self.green, self.blue] + ([] if self.alpha >= 1 else [self.alpha])
        return "#" + "".join(f"{round(min(max(part, 0), 1) * 255):02x}" for part in parts)

    @property
    def dark(self) -> Colour:
        """Turn the lightness round, hold the hue, and calm strong colours down."""
        hue, light, strength = colorsys.rgb_to_hls(self.red, self.green, self.blue)
        red, green, blue = colorsys.hls_to_rgb(hue, 0.93 - 0.72 * light, strength * 0.6)
        return Colour(red, green, blue, self.alpha)


def read(text: str) -> Colour | None:
    """Read a CSS colour; None where it isn't one with three channels."""
    text = _NAMES.get(text.strip().lower(), text.strip().lower())
    if text.startswith("#"):
        digits = text[1:] if len(text) > 5 else "".join(digit * 2 for digit in text[1:])
        if len(digits) not in (6, 8):
            return None
        values = [int(digits[i : i + 2], 16) / 255 for i in range(0, len(digits), 2)]
        return Colour(*values)
    numbers = _NUMBER.findall(text)
    if len(numbers) not in (3, 4):
        return None
    first, second, third = (float(number.rstrip("%")) for number in numbers[:3])
    alpha = float(numbers[3].rstrip("%")) / (100 if "%" in numbers[3] else 1) if numbers[3:] else 1
    if text.startswith("hsl"):
        red, green, blue = colorsys.hls_to_rgb(first % 360 / 360, third / 100, second / 100)
        return Colour(red, green, blue, alpha)
    whole = 100 if "%" in numbers[0] else 255
    return Colour(first / whole, second / whole, third / whole, alpha)


@dataclass
class Palette:
    """Collect the colours of one drawing as CSS variables, in order of appearance."""

    names: dict[str, str] = field(default_factory=dict)
    colours: dict[str, Colour] = field(default_factory=dict)
    _replaced: dict[str, str] = field(default_factory=dict)

    def replace(self, value: str) -> str:
        """Put `var(…)` in the place of each colour of a CSS value."""
        if value not in self._replaced:
            self._replaced[value] = _COLOUR.sub(self._variable, value)
        return self._replaced[value]

    def _variable(self, match: re.Match[str]) -> str:
        colour = read(match[0])
        if colour is None:
            return match[0]
        name = self.names.setdefault(colour.css, f"--d{len(self.names)}")
        self.colours[colour.css] = colour
        return f"var({name})"

    def rules(self, root: str) -> str:
        """Write the variables for the light and for the dark scheme of the page."""
        if not self.names:
            return ""
        light = ";".join(f"{name}:{_shown(css, css)}" for css, name in self.names.items())
        dark = ";".join(
            f"{name}:{_shown(css, _DARK.get(css) or self.colours[css].dark.css)}"
            for css, name in self.names.items()
        )
        return f'#{root}{{{light}}}[data-md-color-scheme="slate"] #{root}{{{dark}}}'


_DARK: Mapping[str, str] = {light: dark for _, light, dark in ROLES}
_ROLE_OF: Mapping[str, str] = {light: name for name, light, _ in ROLES}


def _shown(css: str, value: str) -> str:
    role = _ROLE_OF.get(css)
    return f"var(--assay-diagram-{role},{value})" if role else value
