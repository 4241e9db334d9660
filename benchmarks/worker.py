"""A process that measures one candidate when asked: python -m benchmarks.worker MODULE:FUNCTION …

FUNCTION gets the remaining arguments, prepares (builds, compiles, warms up) and returns what takes
one measurement: a function that returns a dictionary of numbers. Each line read asks for one; the
answer is a line of JSON. The process keeps to one core, and to one thread by the environment that
`turns.Worker` gives it.
"""

import json
import os
import sys
import time
from pkgutil import resolve_name


def main() -> None:
    """Prepare, say how many seconds of processor time that took, answer until there is no line."""
    answers = os.fdopen(os.dup(1), "w", buffering=1)
    os.dup2(2, 1)  # what libraries print is no answer
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    name, *arguments = sys.argv[1:]
    measure = resolve_name(name)(*arguments)
    print(json.dumps({"prepared": time.process_time()}), file=answers)
    for _ in sys.stdin:
        print(json.dumps(measure()), file=answers)


if __name__ == "__main__":
    main()
