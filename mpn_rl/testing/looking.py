"""Plug-ins of a sweep, tried before anything is trained with them.

As it runs their code, it is a program of its own: hyper-parameters come in as lines of JSON, a line
each goes out, as `tasks.checking` does.
"""

import json
import os
import sys
from typing import Any

from mpn_rl.errors import UserError
from mpn_rl.parameters.hyperparameters import Hyperparameters
from mpn_rl.parameters.plugins import is_plugin
from mpn_rl.parameters.points import read_point
from mpn_rl.tasks.breakage import told
from mpn_rl.testing import check_core, check_task


def refusal(point: Hyperparameters) -> str | None:
    """Why nothing can be trained with the plug-ins of a run; None where it can."""
    for kind, name, check in (("task", point.task, check_task), ("core", point.core, check_core)):
        try:
            if is_plugin(name):
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
        answer: dict[str, Any] = {"refused": refusal(read_point(json.loads(line))), "advice": []}
        print(json.dumps(answer), file=answers, flush=True)


if __name__ == "__main__":
    main()
