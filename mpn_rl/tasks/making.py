"""Single Gymnasium environments: found by id, made, and fit for Q-learning or refused."""

import contextlib
import difflib
import importlib
import logging
import warnings
from collections.abc import Iterable
from functools import cache
from typing import Any

import gymnasium
from gymnasium import spaces
from gymnasium.envs.registration import EnvSpec

from mpn_rl.errors import TaskError, UserError
from mpn_rl.parameters.task_ids import PACKAGES, package_of
from mpn_rl.tasks.breakage import is_ours, told
from mpn_rl.tasks.interface import Looked
from mpn_rl.tasks.wrapping import bounded, wrapped

log = logging.getLogger(__name__)


def make_environment(
    env_id: str,
    render: bool = False,
    *,
    max_episode_steps: int | None = None,
    env_wrappers: str | None = None,
) -> gymnasium.Env:
    """One environment of this id, looked at; if `render`, one that gives images, where it can.

    Its episodes are cut at `max_episode_steps`, as they come out of the wrappers; None: at the
    environment's own limit, or at `EPISODE_BOUND` if it has none. Raises UserError, with the
    nearest known ids, if there is none; TaskError if it cannot be made.
    """
    find_environment(env_id)
    with warnings.catch_warnings():
        # environments that draw nothing often do not say so
        warnings.filterwarnings("ignore", message=".*render_mode")
        try:
            # a limit that is given holds for what comes out of the wrappers, so it stands outside
            limit = -1 if env_wrappers and max_episode_steps else max_episode_steps
            env = _make(env_id, render, limit)
            if env_wrappers:
                env = wrapped(env, env_id, env_wrappers, max_episode_steps)
        except (Exception, SystemExit) as error:
            if is_ours(error):
                raise
            raise TaskError(f"task {env_id!r} cannot be made: {told(error)}") from error
    return bounded(Looked(env, env_id))


def _make(env_id: str, render: bool, max_episode_steps: int | None) -> gymnasium.Env:
    # what Gymnasium's checker says is translated by tasks.checking
    keywords: dict[str, Any] = {
        "disable_env_checker": True,
        "max_episode_steps": max_episode_steps,
    }
    if render:
        with contextlib.suppress(TypeError):  # it has no such keyword
            return gymnasium.make(env_id, render_mode="rgb_array", **keywords)
    return gymnasium.make(env_id, **keywords)


def find_environment(env_id: str, further_names: Iterable[str] = ()) -> EnvSpec:
    """Import the module of a "module:id" and look the id up in Gymnasium's registry.

    Raises UserError if the module cannot be imported, or if the id is unknown, naming the nearest
    of the registered ids and `further_names`.
    """
    module, _, name = env_id.rpartition(":")
    module = module or package_of(name)
    if module:
        try:
            importlib.import_module(module)
        except ImportError as error:
            help_text = "; config/README.md says how to install it" if module in PACKAGES else ""
            raise UserError(
                f"task {env_id!r}: its module {module!r} cannot be imported ({error}){help_text}"
            ) from error
        except (Exception, SystemExit) as error:
            raise TaskError(
                f"task {env_id!r}: its module {module!r} cannot be imported: {told(error)}"
            ) from error
    if name in gymnasium.registry:
        return gymnasium.registry[name]
    known = sorted({*gymnasium.registry, *further_names})
    near = difflib.get_close_matches(name, known, n=3, cutoff=0.5)
    hint = f"; the nearest known ones are {', '.join(near)}" if near else ""
    raise UserError(f"task {env_id!r} is neither a task of mpn-rl nor a Gymnasium id{hint}")


def discrete_actions(env_id: str, space: spaces.Space[Any]) -> spaces.Discrete:
    """`space`, if it is Discrete; UserError otherwise."""
    if isinstance(space, spaces.Discrete):
        return space
    raise UserError(
        f"task {env_id!r} cannot be used: its action space is {space}, but Q-learning needs a "
        "finite set of actions (Discrete)"
    )


def entry_point_of(env_id: str) -> Any:
    """What an id stands for now: it tells what was registered under the same id before."""
    return find_environment(env_id).entry_point


@cache
def tell(line: str, level: int = logging.INFO) -> None:
    """Log a line once in a process, however many environments it holds for."""
    log.log(level, "%s", line)
