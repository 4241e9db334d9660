"""The state of a sweep as one page for a browser, which loads itself anew: no script, no link."""

import time
from html import escape

from mpn_rl.sweep.status.overview import Overview
from mpn_rl.sweep.status.rows import COLUMNS, Row, header, left_out, names_of, rows

_STYLE = """
body { font: 15px/1.5 system-ui, sans-serif; margin: 2rem; color: #1a1a1a; background: #fff }
h1 { font-size: 1.3rem; margin: 0 } p { margin: .2rem 0 }
.bar { display: flex; height: 12px; margin: 1rem 0; border-radius: 6px; overflow: hidden;
  background: #e6e6e6 }
table { border-collapse: collapse; margin-top: 1rem; font-size: 13px }
th, td { text-align: left; padding: .25rem .7rem .25rem 0; vertical-align: top;
  border-bottom: 1px solid #e6e6e6 }
td { font-variant-numeric: tabular-nums; white-space: nowrap }
td:last-child { white-space: normal; min-width: 12em }
pre { margin: .3rem 0; font-size: 12px; white-space: pre-wrap; color: #555 }
.state::before { content: "●"; margin-right: .4em; color: var(--c) }
.running { --c: #0072b2 } .failed { --c: #d55e00 } .held { --c: #cc79a7 } .stale { --c: #e69f00 }
.waiting { --c: #999 } .done { --c: #009e73 } .bar > * { background: var(--c) }
.waiting td { color: #777 } footer { margin-top: 1rem; color: #777; font-size: 13px }
@media (prefers-color-scheme: dark) { body { background: #151515; color: #e6e6e6 }
  th, td { border-color: #333 } .bar { background: #333 } pre { color: #aaa } }
"""


def page(overview: Overview, refresh_seconds: float, most: int | None = None) -> str:
    """The page's text; it loads itself anew every `refresh_seconds`."""
    first, *more = header(overview)
    found = rows(overview, most)
    names = [*names_of(overview), *COLUMNS]
    at = time.strftime("%d %b %Y %H:%M:%S", time.localtime(overview.at))
    return "\n".join(
        [
            '<!doctype html><html lang="en"><head><meta charset="utf-8">',
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            f'<meta http-equiv="refresh" content="{max(1, round(refresh_seconds))}">',
            f"<title>{escape(first)}</title><style>{_STYLE}</style></head><body>",
            f"<h1>{escape(first)}</h1>",
            *(f"<p>{escape(line)}</p>" for line in more),
            _bar(overview),
            "<table><thead><tr>",
            *(f"<th>{escape(name)}</th>" for name in names),
            "</tr></thead><tbody>",
            *(_row(row) for row in found),
            "</tbody></table>",
            f"<p>{escape(left_out(overview, found))}</p>",
            f"<footer>as of {at}; <code>mpn-rl status --watch --html FILE</code> keeps this page "
            "up to date</footer></body></html>",
            "",
        ]
    )


def _bar(overview: Overview) -> str:
    parts = (
        f'<span class="{kind}" style="flex:{count}" title="{count:,} {kind}"></span>'
        for kind, count in overview.counts.items()
    )
    return f'<div class="bar">{"".join(parts)}</div>'


def _row(row: Row) -> str:
    state, *rest = row.cells
    span = len(row.name) + len(row.cells)
    log = f'<tr><td colspan="{span}"><pre>{escape(chr(10).join(row.lines))}</pre></td></tr>'
    cells = [
        *(f"<td>{escape(text)}</td>" for text in row.name),
        f'<td class="state">{escape(state)}</td>',
        *(f"<td>{escape(text)}</td>" for text in rest),
    ]
    return f'<tr class="{row.kind}">{"".join(cells)}</tr>{log if row.lines else ""}'
