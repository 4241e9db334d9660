"""Tasks that others wrote and plug-ins are looked at before anything is trained, elsewhere.

That is in another process. What was found sound is kept, so that it is not looked at again until
its own modules or Gymnasium change. The project's own tasks and cores need no looking at.
"""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from mpn_rl.artifacts.files import atomic_write_text
from mpn_rl.errors import TaskError
from mpn_rl.parameters.catalogue import TASKS
from mpn_rl.parameters.hyperparameters import Hyperparameters
from mpn_rl.parameters.plugins import is_plugin
from mpn_rl.parameters.points import read_point, resolved
from mpn_rl.parameters.task_ids import own_name, package_of
from mpn_rl.sweep.ledger.code.modules import hashed
from mpn_rl.sweep.ledger.code.own_modules import own_modules
from mpn_rl.sweep.plan import canonical_json, task_setting

PROGRAM, OF_PLUGINS = "mpn_rl.tasks.checking", "mpn_rl.testing.looking"
SECONDS_EACH = 120
FORMAT = 1


def look_at_tasks(
    points: Iterable[Hyperparameters],
    kept: Path | None = None,
    analyses: Mapping[str, str] | None = None,
) -> Iterator[str]:
    """Look at the plug-ins of these points and tasks that others wrote; yield what is to be said.

    `analyses`, by the names that the config gives them, are tried on a first run's setting of each
    task.

    Sound ones are remembered in the file `kept`. Raises TaskError, with a line for each of them
    that nothing can be trained with.
    """
    points = [*points]
    settings = [_looked_at(point) for point in points if own_name(point.task) not in TASKS]
    settings += [one for one in map(_plugins, points) if one]
    own: dict[str, list[str]] = {}  # by what the config names
    for key, name in (analyses or {}).items():
        own.setdefault(name, []).append(f"analyses.{key}: ")
    settings += [{"analysis": name, **task} for name in own for task in _tried_on(points)]
    asked = {_key(setting): setting for setting in settings}
    sound = _read(kept) if kept is not None and asked else {}
    asked = {key: setting for key, setting in asked.items() if key not in sound}
    if not asked:
        return
    names = dict.fromkeys(name for one in asked.values() for name in _told_names(one))
    yield f"looking at {', '.join(names)}: their code is run"
    looked = [*_looked(asked.values(), PROGRAM), *_looked(asked.values(), OF_PLUGINS)]
    for _, answer in looked:
        yield from answer["advice"]
    refused = [(one, answer["refused"]) for one, answer in looked if answer["refused"]]
    if refused:
        lines = (
            head + said for one, said in refused for head in own.get(one.get("analysis", ""), [""])
        )
        raise TaskError("\n".join(dict.fromkeys(lines)))
    if kept is not None:
        now = [_key(setting) for setting, answer in looked if answer["looked"]]
        with suppress(OSError):  # it is looked at again then
            atomic_write_text(kept, json.dumps({**sound, **dict.fromkeys(now, True)}) + "\n")


def _looked(settings: Iterable[dict[str, Any]], program: str) -> list[tuple[dict[str, Any], Any]]:
    """What a program is there for, and what it says of each."""
    own = [one for one in settings if _program(one) == program]
    return [*zip(own, _answers(own, program), strict=False)] if own else []


def _looked_at(point: Hyperparameters) -> dict[str, Any]:
    """The task of a run, and whether it has to show an image."""
    needs_image = {"encoder": "conv"} if point.encoder == "conv" else {}
    return {**task_setting(point), **needs_image}


def _plugins(point: Hyperparameters) -> dict[str, Any]:
    """The task and the core of a run that are plug-ins, by kind."""
    named = {"task": point.task, "core": point.core}
    return {kind: name for kind, name in named.items() if is_plugin(name)}


def _told_names(setting: Mapping[str, Any]) -> list[str]:
    """What is looked at: of an analysis not the task that it is tried on."""
    return [setting["analysis"]] if "analysis" in setting else [*_names(setting).values()]


def _tried_on(points: Iterable[Hyperparameters]) -> list[dict[str, Any]]:
    """A setting of each task that analyses can be tried on; nothing stands for tasks of others.

    An episode of those may be long.
    """
    quick = {
        point.task: task_setting(point) if own_name(point.task) in TASKS else {}
        for point in reversed([*points])
    }
    return [*{canonical_json(setting): setting for setting in quick.values()}.values()]


def _program(setting: Mapping[str, Any]) -> str:
    return OF_PLUGINS if any(map(is_plugin, setting.values())) else PROGRAM


def _names(setting: Mapping[str, Any]) -> dict[str, str]:
    return {kind: setting[kind] for kind in ("task", "core", "analysis") if kind in setting}


def _read(kept: Path) -> dict[str, bool]:
    try:
        return dict(json.loads(kept.read_bytes()))
    except (OSError, ValueError, TypeError):
        return {}


def _key(setting: dict[str, Any]) -> str:
    """One text for a task as it is: its setting, its own modules or its package, Gymnasium."""
    named = _names(setting).values()
    own = {part: module for name in named for part, module in own_modules(name).items()}
    digests = {name: module.digest for name, module in own.items()}
    data = [hashed(path.read_bytes()) for module in own.values() for path in module.data]
    place = None if own else [*map(_place, named)]
    place = place[0] if place is not None and len(place) == 1 else place
    return hashed(canonical_json([FORMAT, setting, digests, data, place, version("gymnasium")]))


def _place(task: str) -> list[Any] | None:
    """Where the module of a task is installed, and since when."""
    module = task.rpartition(":")[0] or package_of(task)
    with suppress(ImportError, ValueError, AttributeError, OSError):
        spec = find_spec(module.partition(".")[0])
        if spec is not None and spec.origin is not None:
            return [spec.origin, Path(spec.origin).stat().st_mtime_ns]
    return None


def _answers(settings: Sequence[dict[str, Any]], program: str) -> list[dict[str, Any]]:
    """What the program says of each task setting, as far as it came."""
    points = [one if "analysis" in one else resolved(read_point(one)) for one in settings]
    lines = [json.dumps(point) for point in points]
    process = subprocess.Popen(
        [sys.executable, "-P", "-m", program],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        errors="replace",
    )
    try:
        out, err = process.communicate("\n".join(lines), timeout=SECONDS_EACH * len(lines))
    except subprocess.TimeoutExpired:
        process.kill()
        out, err = process.communicate()
        said = f"nothing was seen of it in {SECONDS_EACH * len(lines)} s; it is taken as it is"
        last = {"refused": None, "looked": False, "advice": [_about(settings, out, said)]}
        return [*_read_answers(out), last]
    except BaseException:
        process.kill()
        raise
    answers = _read_answers(out)
    if len(answers) < len(settings):
        said = f"it ended the process that looked at it ({_ending(process.returncode, err)})"
        answers.append({"refused": _about(settings, out, said), "looked": True, "advice": []})
    return answers


def _read_answers(out: str) -> list[dict[str, Any]]:
    return [{"looked": True, **json.loads(line)} for line in out.splitlines()]


def _about(settings: Sequence[dict[str, Any]], out: str, said: str) -> str:
    names = _names(settings[len(out.splitlines())])
    return f"{' and '.join(f'{kind} {name!r}' for kind, name in names.items())}: {said}"


def _ending(code: int, err: str) -> str:
    """How a process ended, and its last words."""
    how = signal.Signals(-code).name if code < 0 else f"exit code {code}"
    return ": ".join([how, *err.strip().splitlines()[-1:]])
