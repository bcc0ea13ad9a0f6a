"""A bar chart as SVG, without a plotting library."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from pathlib import Path

NAMES = {
    "raw_loop": "google-genai, bare loop",
    "ours": "prefect-gemini each",
    "map_async": "Prefect .map, async",
    "map_sync": "Prefect .map, sync",
    "with_pydantic_ai": "pydantic-ai, PrefectDurability",
    "with_marvin": "marvin",
    "with_langextract": "langextract",
    "with_instructor": "instructor",
}
ROW, LEFT, WIDTH = 30, 230, 720


def bars(path: Path, values: Mapping[str, float], *, title: str) -> None:
    """Draw one bar a value, the longest first."""
    rows = sorted(values.items(), key=lambda item: -item[1])
    most = max(values.values(), default=1.0)
    height = 50 + ROW * len(rows)
    style = "text{font:14px system-ui,sans-serif;fill:#222}.t{font-weight:600}rect{fill:#9aa7b8}.us{fill:#1a73e8}"
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" role="img">',
        f"<title>{escape(title)}</title><style>{style}</style>",
        f'<rect width="{WIDTH}" height="{height}" style="fill:#fff"/><text class="t" x="10" y="26">{escape(title)}</text>',
    ]
    for number, (name, value) in enumerate(rows):
        y, long = 44 + ROW * number, (WIDTH - LEFT - 80) * value / most
        kind = ' class="us"' if name == "ours" else ""
        parts.append(
            f'<text x="{LEFT - 10}" y="{y + 16}" text-anchor="end">{escape(NAMES.get(name, name))}</text>'
            f'<rect{kind} x="{LEFT}" y="{y}" width="{long:.1f}" height="22"/>'
            f'<text x="{LEFT + long + 8:.1f}" y="{y + 16}">{value:.1f}</text>'
        )
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join([*parts, "</svg>"]) + "\n")
