"""The report's look: one style sheet for light and dark, and the colours of memory types."""

from __future__ import annotations

import re

from mtrrviz.core.memtype import MEMORY_TYPES, MemoryType

TYPE_COLOURS = {
    MemoryType.UC: "#BB0022",
    MemoryType.WC: "#EECC11",
    MemoryType.WT: "#337777",
    MemoryType.WP: "#5500DD",
    MemoryType.WB: "#22CCAA",
}
"""The colours that the window has too, the same on light and dark ground."""

DARK_LETTERS = frozenset({MemoryType.WC, MemoryType.WB})
"""Types whose colour is so light that letters on it are dark."""

VCPU_COLOURS = 8
"""So many colours of vCPUs there are; further ones repeat them."""

_LIGHT = """\
--ground: #ffffff; --panel: #f4f6f8; --line: #d3d9e0; --text: #1b1f26; --dim: #525b69;
--accent: #1f6fd0; --stale: #e07800; --band: #e6ebf1;
--v0: #1f6fd0; --v1: #c25e00; --v2: #7a3fd1; --v3: #8a6d00;
--v4: #c2266e; --v5: #0e7c93; --v6: #557a00; --v7: #9c4a42;"""
_DARK = """\
--ground: #14171c; --panel: #1b1f26; --line: #333b47; --text: #e8ebef; --dim: #a3abb8;
--accent: #5aa9ff; --stale: #ffb454; --band: #262b34;
--v0: #5aa9ff; --v1: #ff9f5a; --v2: #b58cff; --v3: #f2d15c;
--v4: #ff7fb2; --v5: #7fd4e8; --v6: #c3e27a; --v7: #e6a6a0;"""

_RULES = """\
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 1120px; padding: 24px 20px 48px; background: var(--ground);
  color: var(--text); font: 14px/1.5 system-ui, "Segoe UI", "DejaVu Sans", sans-serif; }
h1 { font-size: 24px; line-height: 1.25; margin: 0 0 4px; }
h2 { font-size: 17px; margin: 36px 0 8px; padding-top: 12px; border-top: 1px solid var(--line); }
h3 { font-size: 14px; margin: 20px 0 6px; }
p, ul { margin: 6px 0 10px; max-width: 84ch; }
.dim { color: var(--dim); }
.legend { max-width: none; } .legend span:first-child { margin-left: 0; }
.legend span { white-space: nowrap; margin-right: 14px; }
.scroll { overflow-x: auto; }
/* So that zooming in enlarges their words as well; what does not fit is scrolled to. */
.scroll svg, .scroll canvas { min-width: 900px; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; margin: 6px 0 14px; }
caption { text-align: left; color: var(--dim); padding-bottom: 4px; }
th, td { text-align: left; padding: 3px 14px 3px 0; border-bottom: 1px solid var(--line);
  vertical-align: top; }
th { color: var(--dim); font-weight: 600; }
th.n, td.n { text-align: right; white-space: nowrap; }
svg { display: block; width: 100%; height: auto; background: var(--panel);
  border: 1px solid var(--line); border-radius: 4px; margin: 6px 0 10px; }
svg text { fill: var(--text); font-size: 11px; font-variant-numeric: tabular-nums; }
svg text.dim { fill: var(--dim); }
svg .line { stroke: var(--line); } svg .band { fill: var(--band); }
svg .stale { fill: var(--stale); }
svg .count { fill: none; stroke: var(--dim); stroke-width: 1.5; } svg .dma { fill: var(--accent); }
svg .hole { fill: url(#hatch); } svg .hatch { stroke: var(--dim); stroke-opacity: .45; }
svg .tint { fill-opacity: .3; } svg text.onlight { fill: #1b1f26; } svg text.ondark { fill: #fff; }
.badge { border: 1px solid var(--line); border-radius: 3px; padding: 0 5px; color: var(--dim);
  font-size: 12px; }
.legend .swatch { display: inline-block; width: 12px; height: 12px; border-radius: 2px;
  margin: 0 5px 0 14px;  vertical-align: -1px; }
#player { position: sticky; top: 0; z-index: 1; background: var(--ground); padding: 8px 0; }
#player[hidden] { display: none; } #player p { margin: 2px 0; }
#player button, #player select { font: inherit; color: var(--text); background: var(--panel);
  border: 1px solid var(--dim); border-radius: 4px; padding: 3px 12px; min-height: 28px; }
#player :focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }
#player output { margin-left: 12px; font-variant-numeric: tabular-nums; }
#player input { display: block; width: 100%; margin: 8px 0 2px; accent-color: var(--accent); }
svg .playhead { stroke: var(--text); stroke-width: 1.5; }
.counter { font-variant-numeric: tabular-nums; max-width: none; min-height: 1.5em; }
canvas { display: block; width: 100%; border: 1px solid var(--line); border-radius: 4px;
  background: var(--panel); margin: 6px 0 10px; }
summary { cursor: pointer; color: var(--accent); margin: 4px 0; }
@media print { body { max-width: none; } .scroll svg, .scroll canvas { min-width: 0; }
  #player { display: none; } h2 { break-after: avoid; }
  svg, tr { break-inside: avoid; } }
"""


def light_colours() -> dict[str, str]:
    """Return the colours on light ground by name, such as "text", "stale" or "v0"."""
    return dict(re.findall(r"--(\w+): ([^;]+);", _LIGHT))


def picture_style(class_name: str) -> str:
    """Return the rules of a picture by itself: in light colours, and for ``class_name`` alone.

    No variable is left in them, as viewers other than browsers do not know any.
    """
    values = light_colours()
    types = "".join(f"svg .t{t.value} {{ fill: {TYPE_COLOURS[t]}; }}\n" for t in MEMORY_TYPES)
    vcpus = "".join(
        f"svg .v{n} {{ stroke: var(--v{n}); fill: var(--v{n}); }}\n" for n in range(VCPU_COLOURS)
    )
    vm = "svg .vm { stroke: var(--text); fill: var(--text); }\n"
    rules = re.findall(r"svg (?:text|\.)[^{]*\{[^}]*\}", _RULES + vcpus + vm + types)
    text = "\n".join(rules).replace("svg ", f".{class_name} ")
    return re.sub(r"var\(--(\w+)\)", lambda found: values[found[1]], text)


def style_sheet() -> str:
    """Return the style sheet, dark where the reader's system is."""
    types = "".join(f".t{t.value} {{ fill: {TYPE_COLOURS[t]}; }}\n" for t in MEMORY_TYPES)
    swatches = "".join(f".s{t.value} {{ background: {TYPE_COLOURS[t]}; }}\n" for t in MEMORY_TYPES)
    vcpus = "".join(
        f".v{n} {{ stroke: var(--v{n}); fill: var(--v{n}); }}\n"
        f".b{n} {{ background: var(--v{n}); }}\n"
        for n in range(VCPU_COLOURS)
    )
    vm = ".vm { stroke: var(--text); fill: var(--text); }\n"
    return (
        f":root {{ color-scheme: light dark; {_LIGHT} }}\n"
        f"@media (prefers-color-scheme: dark) {{ :root {{ {_DARK} }} }}\n"
        f"{_RULES}{types}{swatches}{vcpus}{vm}"
    )
