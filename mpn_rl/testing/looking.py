"""Plug-ins of a sweep, tried before anything is trained with them.

As it runs their code, it is a program of its own: hyper-parameters, or the name of an analysis and
a task setting that it is tried on, come in as lines of JSON, a line each goes out, as
`tasks.checking` does.
"""

import json
import os
import sys
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from mpn_rl.analysis.base import load_analysis
from mpn_rl.errors import UserError
from mpn_rl.parameters.hyperparameters import Hyperparameters
from mpn_rl.parameters.plugins import is_plugin
from mpn_rl.parameters.points import read_point
from mpn_rl.tasks.breakage import told
from mpn_rl.testing import check_analysis, check_core, check_task


def refusal(point: Hyperparameters) -> str | None:
    """Why nothing can be trained with the plug-ins of a run; None where it can."""
    for kind, name, check in (("task", point.task, check_task), ("core", point.core, check_core)):
        if is_plugin(name) and (said := _said(kind, name, check)) is not None:
            return said
    return None


def refused_analysis(name: str, setting: Mapping[str, Any]) -> str | None:
    """Why nothing can be measured by an analysis on a task; without a task it is only made."""
    return _said("analysis", name, partial(check_analysis, **setting) if setting else load_analysis)


def _said(kind: str, name: str, check: Callable[[str], Any]) -> str | None:
    """What is wrong with a plug-in; None where nothing is."""
    try:
        check(name)
    except UserError as error:
        return str(error)
    except AssertionError as error:
        return f"{kind} {name!r} breaks the interface: {error}"
    except Exception as error:
        return f"{kind} {name!r} fails: {told(error)}"
    return None


def main() -> None:
    """Check the plug-ins of each line of standard input."""
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # what a plug-in prints is no answer
    for line in sys.stdin:
        given = json.loads(line)
        name = given.pop("analysis", None)
        refused = refusal(read_point(given)) if name is None else refused_analysis(name, given)
        answer: dict[str, Any] = {"refused": refused, "advice": []}
        print(json.dumps(answer), file=answers, flush=True)


if __name__ == "__main__":
    main()
