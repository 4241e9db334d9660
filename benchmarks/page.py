"""Write docs/performance.md from what `make bench` found: `python -m benchmarks.page`.

A table stands between `<!-- bench: NAME -->` and `<!-- end -->`, where NAME is one of those in
results/benchmarks.json; what was not measured stays as it is. `compiled_room` is counted.
"""

import json
from pathlib import Path
from typing import Any

from benchmarks.markdown import markdown, renewed
from benchmarks.turns import ROOT
from mpn_rl.artifacts.files import atomic_write_text

FOUND, PAGE = ROOT / "results" / "benchmarks.json", ROOT / "docs" / "performance.md"
ROOM = ROOT / "mpn_rl" / "compiled"


def rewritten(text: str, found: dict[str, Any]) -> str:
    """Return the page with every block updated that `found` has."""
    made = {name: markdown(rows) for name, rows in found["tables"].items()}
    made |= {"marks": found["marks"] + "\n", "about": found["about"] + "\n"}
    return renewed(text, r"bench: (\w+)", made.get)


def lines_of(room: Path) -> list[list[str]]:
    """The modules of a room and how many lines they have."""
    counts = {path.name: len(path.read_text().splitlines()) for path in sorted(room.glob("*.py"))}
    rows = [[name, str(count)] for name, count in counts.items()]
    return [["module", "lines"], *rows, ["all", f"{sum(counts.values()):,}"]]


def main() -> None:
    """Write the page anew."""
    found = json.loads(FOUND.read_text())
    found["tables"]["compiled_room"] = lines_of(ROOM)
    atomic_write_text(PAGE, rewritten(PAGE.read_text(), found))


if __name__ == "__main__":
    main()
