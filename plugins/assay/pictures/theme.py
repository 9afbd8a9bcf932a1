"""The site's look as mermaid's theme variables: which of them has which colour."""

from __future__ import annotations

from functools import cache
from typing import Any

from assay.pictures.colour import ROLE

# Hues for mind maps, branches and charts: pale enough for dark text on them, and their borders.
_PALE = ("#d5dcfa", "#cfeedd", "#fde2c4", "#f6d3e0", "#cdebf3", "#e6dcf7", "#efe9c0", "#dfe3ea")
_STRONG = ("#5566b8", "#27805a", "#ab5a0c", "#b03a69", "#1d7f99", "#7a55b8", "#7d6e12", "#6b7385")
_SERIES = 12

# https://mermaid.js.org/config/theming.html; names that it doesn't list are in theme-base.js.
_VARIABLES = {
    "text": """primaryTextColor secondaryTextColor tertiaryTextColor textColor titleColor
        nodeTextColor noteTextColor actorTextColor signalTextColor labelTextColor loopTextColor
        labelColor transitionLabelColor stateLabelColor classText taskTextColor taskTextLightColor
        taskTextOutsideColor taskTextDarkColor quadrantPointTextFill quadrantXAxisTextFill
        quadrantYAxisTextFill quadrantTitleFill quadrant1TextFill quadrant2TextFill
        quadrant3TextFill quadrant4TextFill commitLabelColor tagLabelColor pieTitleTextColor
        pieSectionTextColor pieLegendTextColor""",
    "line": """lineColor defaultLinkColor actorLineColor signalColor transitionColor
        specialStateColor innerEndBackground""",
    "fill": """primaryColor mainBkg actorBkg stateBkg compositeTitleBackground taskBkgColor
        quadrant1Fill""",
    "border": """primaryBorderColor nodeBorder actorBorder activationBorderColor compositeBorder
        taskBorderColor activeTaskBorderColor quadrantPointFill
        quadrantExternalBorderStrokeFill""",
    "label": """background edgeLabelBackground sequenceNumberColor labelBackgroundColor
        attributeBackgroundColorOdd rowOdd altSectionBkgColor commitLabelBackground
        pieStrokeColor""",
    "group": """secondaryColor tertiaryColor clusterBkg labelBoxBkgColor activationBkgColor
        altBackground compositeBackground attributeBackgroundColorEven rowEven sectionBkgColor
        sectionBkgColor2 quadrant3Fill""",
    "group-border": """secondaryBorderColor tertiaryBorderColor clusterBorder labelBoxBorderColor
        gridColor doneTaskBorderColor quadrantInternalBorderStrokeFill pieOuterStrokeColor""",
    "note": "noteBkgColor tagLabelBackground quadrant4Fill",
    "note-border": "noteBorderColor tagLabelBorder",
}


@cache
def variables() -> dict[str, Any]:
    """Name a colour for every theme variable, so that none is derived by the engine."""
    theme: dict[str, Any] = {
        name: ROLE[role] for role, names in _VARIABLES.items() for name in names.split()
    }
    theme |= {
        "activeTaskBkgColor": _PALE[1], "doneTaskBkgColor": _PALE[7], "critBkgColor": _PALE[2],
        "critBorderColor": _STRONG[2], "todayLineColor": _STRONG[3], "quadrant2Fill": _PALE[1],
        "pieOpacity": "1", "xyChart": _chart(), "fontSize": "16px",
    }  # fmt: skip
    for index in range(_SERIES):
        pale, strong = _PALE[index % len(_PALE)], _STRONG[index % len(_STRONG)]
        theme |= dict.fromkeys(
            (f"cScale{index}", f"pie{index + 1}", f"gitInv{index}", f"fillType{index}"), pale
        )
        theme |= dict.fromkeys((f"cScalePeer{index}", f"cScaleInv{index}", f"git{index}"), strong)
        theme[f"cScaleLabel{index}"] = ROLE["text"]
        theme[f"gitBranchLabel{index}"] = ROLE["label"]
    return theme


def _chart() -> dict[str, str]:
    palette = (_PALE[0], _STRONG[2], _STRONG[1], _STRONG[3])
    colours = {"backgroundColor": "transparent", "titleColor": ROLE["text"]}
    for axis in ("xAxis", "yAxis"):
        colours |= dict.fromkeys((f"{axis}LabelColor", f"{axis}TitleColor"), ROLE["text"])
        colours |= dict.fromkeys((f"{axis}TickColor", f"{axis}LineColor"), ROLE["line"])
    return colours | {"plotColorPalette": ",".join(palette)}
