"""Put what `mpn-rl init` lays out, and the workflow that such a project runs, into the wheel."""

from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

PARTS = ("Snakefile", "workflow", "config", "profiles")


class Project(BuildHookInterface):
    """Adds the parts as mpn_rl/project/; an editable install has them."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Name the files of one wheel; `version` is "standard" or "editable"."""
        if version != "editable":
            build_data["force_include"] |= {part: f"mpn_rl/project/{part}" for part in PARTS}
