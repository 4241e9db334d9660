"""The commands by name, and how their failures are shown."""

import errno
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from pkgutil import resolve_name

from mpn_rl import __version__
from mpn_rl.errors import UserError, printable
from mpn_rl.sweep.cli.flags import FlagError, Parser, check_flags

# A command is a module with `add_flags(parser)` and `run(arguments) -> exit code`, whose docstring
# is its help, or an object with these and `about`. Nothing heavy is imported before `run`.
COMMANDS = {
    "init": "mpn_rl.sweep.cli.init",
    "train": "mpn_rl.sweep.cli.train",
    "resume": "mpn_rl.sweep.cli.resume",
    "eval": "mpn_rl.sweep.cli.stages:EVAL",
    "render": "mpn_rl.sweep.cli.stages:RENDER",
    "analyze collect": "mpn_rl.sweep.cli.stages:COLLECT",
    "analyze plot": "mpn_rl.sweep.cli.stages:PLOT",
    "analyze decode": "mpn_rl.sweep.cli.stages:DECODE",
    "analyze fixed-points": "mpn_rl.sweep.cli.stages:FIXED_POINTS",
    "analyze lesion": "mpn_rl.sweep.cli.stages:LESION",
    "analyze generalise": "mpn_rl.sweep.cli.stages:GENERALISE",
    "analyze memory": "mpn_rl.sweep.cli.stages:MEMORY",
    "compare": "mpn_rl.sweep.cli.compare",
    "choose": "mpn_rl.sweep.cli.choose",
    "check": "mpn_rl.sweep.cli.check",
    "status": "mpn_rl.sweep.cli.status",
    "audit": "mpn_rl.sweep.cli.audit",
    "explain": "mpn_rl.sweep.cli.explain",
    "accept": "mpn_rl.sweep.cli.accept",
    "prune": "mpn_rl.sweep.cli.prune",
    "export": "mpn_rl.sweep.cli.export",
    "doctor": "mpn_rl.sweep.cli.doctor",
    "condor": "mpn_rl.sweep.cli.condor",
}
EXAMPLES = {
    "init": ("mpn-rl init memory",),
    "": (
        "mpn-rl train --experiment-name first",
        "mpn-rl eval first",
        "mpn-rl render first",
        "mpn-rl analyze collect first && mpn-rl analyze plot first",
        "mpn-rl check config/config.yaml",
    ),
    "train": (
        "mpn-rl train --experiment-name first",
        "mpn-rl train --task RepeatPrevious-v0 --k 4 --core gru --seeds 0 1 2 3 --seeds-at-once 2",
        "mpn-rl train --task my_tasks:Guess-v0   # of my_tasks.py in this folder",
    ),
    "resume": ("mpn-rl resume first", "mpn-rl resume first --num-steps 200000"),
    "eval": ("mpn-rl eval first --num-eval-episodes 500",),
    "render": ("mpn-rl render first --seed 0",),
    "compare": (
        "mpn-rl compare first second",
        "mpn-rl compare results",
        "mpn-rl compare results other/results --output curves.png",
    ),
    "choose": ("mpn-rl choose config/choose.yaml --output report.yaml",),
    "check": ("mpn-rl check config/config.yaml",),
    "audit": ("mpn-rl audit results",),
    "explain": ("mpn-rl explain results/summary.pdf",),
    "accept": ("mpn-rl accept results",),
    "prune": ("mpn-rl prune", "mpn-rl prune --delete"),
    "doctor": ("mpn-rl doctor --profile profiles/htcondor",),
}
GROUPS = {"analyze": "record and draw what happens inside trained agents"}
_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO}


def run(argv: Sequence[str] | None = None) -> None:
    """Run one command and exit; see `main`."""
    parser = build_parser()
    given = sys.argv[1:] if argv is None else argv
    if not given:
        parser.print_help()
        raise SystemExit(2)
    arguments, rest = parser.parse_known_args(given)
    check_flags(arguments.parser, rest)
    try:
        code = arguments.run(arguments)
        sys.stdout.flush()
    except UserError as error:
        for line in str(error).splitlines():
            print(f"mpn-rl: {printable(line)}", file=sys.stderr)
        code = 2 if isinstance(error, FlagError) else 1
    except BrokenPipeError:  # `mpn-rl eval … | head`
        sys.stderr.close()
        code = 1
    except OSError as error:
        # a stream has no name; what is wrong with files comes as a UserError
        if error.filename is not None or error.errno not in _FULL:
            raise
        with Path(os.devnull).open("w") as nowhere:  # the interpreter tries once more as it ends
            os.dup2(nowhere.fileno(), sys.stdout.fileno())
        print(f"mpn-rl: the output cannot be written: {error.strerror}", file=sys.stderr)
        code = 1
    raise SystemExit(code)


def build_parser() -> Parser:
    """The parser of all commands."""
    parser = Parser(
        prog="mpn-rl", description="Multi-plasticity networks in deep reinforcement learning."
    )
    parser.add_argument("--version", action="version", version=f"mpn-rl {__version__}")
    top = parser.add_subparsers(metavar="command", required=True, title="commands")
    groups = {}
    for name, target in COMMANDS.items():
        found = resolve_name(target)
        about = getattr(found, "about", None) or found.__doc__.strip()
        *group, last = name.split()
        where = top
        if group:
            if group[0] not in groups:
                grouped = top.add_parser(group[0], help=GROUPS[group[0]])
                groups[group[0]] = grouped.add_subparsers(metavar="command", required=True)
            where = groups[group[0]]
        summary = about.splitlines()[0]
        command = where.add_parser(
            last, help=summary[0].lower() + summary[1:].rstrip("."), description=about
        )
        found.add_flags(command)
        command.examples = EXAMPLES.get(name, ())
        command.set_defaults(run=found.run, parser=command)
    parser.examples = EXAMPLES[""]
    return parser
