"""Python with the large libraries imported: runs scripts as `python` would, each in a child.

Nine tenths of a job of a tiny sweep are the import of torch, numba, pandas and matplotlib. Here
one process imports them, never the package; the children of it that run scripts import that from
the project of their own. `launcher()` is an executable to be called in place of Python's.
"""

import atexit
import functools
import gc
import json
import os
import runpy
import select
import shutil
import socket
import subprocess
import sys
import tempfile
from contextlib import suppress
from pathlib import Path

ROOT = Path(__file__).parents[2]
LIBRARIES = (
    "gymnasium",
    "imageio",
    "matplotlib.backends.backend_agg",
    "matplotlib.backends.backend_pdf",
    "matplotlib.figure",
    "numba",
    "pandas",
    "scipy.stats",
    "torch",
)
LAUNCHER = """\
#!{python} -IS
import json, os, socket, sys
if sys.argv[1].startswith("-"):
    os.execv({python!r}, [{python!r}, *sys.argv[1:]])
with socket.socket(socket.AF_UNIX) as server:
    server.connect({path!r})
    request = json.dumps([sys.argv[1:], os.getcwd(), dict(os.environ)]).encode()
    socket.send_fds(server, [len(request).to_bytes(8, "big")], [0, 1, 2])
    server.sendall(request)
    sys.exit(int(server.makefile().read()))
"""


def environment() -> dict[str, str]:
    """The variables of this process; byte code is kept, as it is unless someone forbids it."""
    left_out = "PYTHONDONTWRITEBYTECODE"
    return {
        **{name: value for name, value in os.environ.items() if name != left_out},
        "PYTHONWARNINGS": "ignore",
    }


@functools.cache
def launcher() -> Path:
    """The executable that has a script run; what serves it ends with this process."""
    folder = Path(tempfile.mkdtemp(prefix="mpn-rl-"))
    executable, address = folder / "python", str(folder / "socket")
    executable.write_text(LAUNCHER.format(python=sys.executable, path=address))
    executable.chmod(0o700)
    server = subprocess.Popen(
        [sys.executable, "-P", "-m", __name__, address],
        cwd=ROOT,
        env=environment(),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        start_new_session=True,
    )

    def end() -> None:
        server.communicate()
        shutil.rmtree(folder)

    atexit.register(end)
    assert server.stdout is not None
    assert server.stdout.readline() == b"ready\n"
    return executable


def become(folder: str, variables: dict[str, str], command: list[str], files: list[int]) -> None:
    """Take on what a new process would be given: folder, environment, arguments, three files."""
    for number, file in enumerate(files):
        os.dup2(file, number)
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(variables)
    assert not [name for name in sys.modules if name.split(".")[0] == "mpn_rl"]
    sys.path[:0] = filter(None, variables.get("PYTHONPATH", "").split(os.pathsep))
    sys.argv = command


def _serve(address: str) -> None:
    """Run what is asked for at the address until the standard input ends."""
    for name in LIBRARIES:
        __import__(name)
    gc.freeze()
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(address)
        listener.listen()
        print("ready", flush=True)
        while sys.stdin not in select.select([listener, sys.stdin], [], [])[0]:
            asked, _ = listener.accept()
            if os.fork() == 0:
                listener.close()
                _answer(asked)
            asked.close()
            with suppress(ChildProcessError):
                while os.waitpid(-1, os.WNOHANG)[0]:
                    pass


def _answer(asked: socket.socket) -> None:
    """Run one script in a child, tell its exit code and end."""
    head, files, _, _ = socket.recv_fds(asked, 8, 3)
    size = int.from_bytes(head, "big")
    with asked.makefile("rb") as request:
        command, folder, variables = json.loads(request.read(size))
    child = os.fork()
    if child == 0:
        asked.close()
        become(folder, variables, command, files)
        sys.path.insert(0, str(Path(command[0]).parent))
        runpy.run_path(command[0], run_name="__main__")
        sys.exit()
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    asked.sendall(str(code if code >= 0 else 128 - code).encode())
    os._exit(0)


if __name__ == "__main__":
    _serve(sys.argv[1])
