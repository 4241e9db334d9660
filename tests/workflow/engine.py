"""Snakemake's command line in the child of a process that has imported it already.

Importing the engine takes longer than a dry run. A server imports it once and forks for each call;
the child sets folder, environment, search path and outputs as a shell would and runs `main`. The
server has never seen `mpn_rl`, so that every call imports the sources of its own project.
"""

import atexit
import functools
import gc
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from select import select

from tests.workflow import interpreter
from tests.workflow.interpreter import ROOT


def call(
    folder: Path, arguments: tuple[str, ...], environment: Mapping[str, str], seconds: float
) -> subprocess.CompletedProcess[str]:
    """Run `snakemake` with these arguments in `folder`; TimeoutExpired beyond so many seconds."""
    with tempfile.TemporaryDirectory() as said:
        out, err = Path(said, "out"), Path(said, "err")
        request = {
            "folder": str(folder),
            "arguments": arguments,
            "out": str(out),
            "err": str(err),
            "environment": dict(environment),
            "python": str(interpreter.launcher()),
        }
        code = _server().ask(json.dumps(request), seconds)
        if code is None:
            raise subprocess.TimeoutExpired(["snakemake", *arguments], seconds)
        return subprocess.CompletedProcess(
            ["snakemake", *arguments], code, out.read_text(), err.read_text()
        )


class Server:
    """The process that forks; it ends with this one."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-P", "-m", __name__],
            cwd=ROOT,
            env=interpreter.environment(),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        atexit.register(self.end)

    def ask(self, request: str, seconds: float) -> int | None:
        """The exit code of a call, or None if it takes too long; then this server is gone."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(f"{request}\n")
        self._process.stdin.flush()
        if select([self._process.stdout], [], [], seconds)[0]:
            return int(self._process.stdout.readline())
        self._process.kill()
        _server.cache_clear()
        return None

    def end(self) -> None:
        """Let the server end, and wait for it."""
        self._process.communicate()


@functools.cache
def _server() -> Server:
    return Server()


def _serve() -> None:
    """Answer each line of the input, a request, by a line with the exit code."""
    import snakemake.report  # noqa: F401
    from snakemake.cli import get_argument_parser

    get_argument_parser()  # which looks for plugins
    answers = os.fdopen(os.dup(1), "w")
    gc.freeze()
    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            answers.close()
            _become(json.loads(line))
        _, status = os.waitpid(child, 0)
        answers.write(f"{os.waitstatus_to_exitcode(status)}\n")
        answers.flush()


def _become(request: dict) -> None:
    """Be the command from here on."""
    names = [
        (os.devnull, os.O_RDONLY),
        (request["out"], os.O_WRONLY | os.O_CREAT),
        (request["err"], os.O_WRONLY | os.O_CREAT),
    ]
    files = [os.open(name, how, 0o600) for name, how in names]
    command = str(Path(sys.executable).with_name("snakemake"))
    interpreter.become(
        request["folder"], request["environment"], [command, *request["arguments"]], files
    )
    sys.executable = request["python"]  # with which the engine runs scripts
    from snakemake.cli import main

    main(request["arguments"])


if __name__ == "__main__":
    _serve()
