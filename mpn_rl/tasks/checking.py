"""A task that others wrote, tried before anything is trained on it.

Gymnasium's passive checker looks at the first steps, in its own words; these are translated, and
what it misses is seen by `tasks.interface` while the task is played. As it runs the code of the
task, it is a program of its own: hyper-parameters come in as lines of JSON, a line each goes out.
"""

import json
import os
import re
import sys
import time
import warnings
from collections.abc import Iterator
from contextlib import closing
from typing import Any

import numpy as np
from gymnasium import spaces
from gymnasium.utils.passive_env_checker import check_action_space, check_observation_space
from gymnasium.wrappers import PassiveEnvChecker
from numpy.typing import NDArray

from mpn_rl.errors import NotFiniteError, TaskError, UserError
from mpn_rl.observations import without_image
from mpn_rl.parameters.hyperparameters import Hyperparameters
from mpn_rl.parameters.points import read_point
from mpn_rl.tasks.base import VectorTask
from mpn_rl.tasks.breakage import innermost
from mpn_rl.tasks.build import build_task
from mpn_rl.tasks.gymnasium_task import GymnasiumTask
from mpn_rl.tasks.making import make_environment

SEED = 0
STEPS = 64
EPISODES = 16  # so many that differ in nothing are no chance, also where two kinds are drawn from
SECONDS = 5.0  # of slow environments fewer steps are played

# Findings of Gymnasium's checker, and what they mean here; "" where they do not matter.
TRANSLATIONS = {
    r"was expecting numpy array dtype to be (\S+), actual type: (\S+)": "its observations are of "
    r"type \2, where its space says \1",
    r"was expecting a (?:numpy array|tuple), actual type: <class '([^']+)'>": "its observations "
    r"are of type \1, where its space has an array or a tuple",
    r"should be an int or np.int64, actual type: <class '([^']+)'>": "its observations are of "
    r"type \1, where its space has whole numbers",
    r"Expects `(\w+)` signal to be a boolean, actual type: <class '([^']+)'>": r"its `\1` is of "
    r"type \2, not bool",
    r"reward returned by `step\(\)` must be .* actual type: <class '([^']+)'>": r"its reward is of "
    r"type \1; the one number in it is used",
    r"The observations returned by .* share an object": "it changes and gives the same array "
    "again; each observation is copied",
    r"maximum and minimum values are equal": "some bounds of its observation space are equal: such "
    "entries carry no information",
    r"The infos returned|render|`?options`|default seed argument|`seed`|return_info": "",
    # by playing, with entry and bounds
    r"is not within the observation space|Casting input x": "",
}


def check_task(hyperparameters: Hyperparameters) -> list[str]:
    """Advice on the task; raises UserError where nothing could be trained on it."""
    name = hyperparameters.task
    check_spaces(name)
    # told in the units of the task itself
    task = build_task(hyperparameters.model_copy(update={"observation_scaling": "none"}), 1)
    if hyperparameters.encoder == "conv" and (why := without_image(task.observation_form)):
        raise UserError(f"task {name!r}: {why}")
    try:
        advice = advice_on_play(task)
    except NotFiniteError as error:
        if _gives_it_at_once(task):
            raise
        advice = [f"{error}: seeds that meet such a number fail"]
    finally:
        task.close()
    if type(task) is GymnasiumTask:  # NeuroGym's are seeded in a way of their own
        advice += translated(findings(name))
    return [text if text.startswith("task ") else f"task {name!r}: {text}" for text in advice]


def check_spaces(env_id: str) -> None:
    """Raise TaskError for what Gymnasium's checker calls wrong with the spaces."""
    env = make_environment(env_id)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            check_observation_space(env.observation_space)
            check_action_space(env.action_space)
        if _is_empty(env.observation_space):
            raise TaskError(
                f"task {env_id!r} cannot be used: its observation space is empty: "
                f"{env.observation_space}"
            )
    except AssertionError as error:
        raise TaskError(f"task {env_id!r} breaks Gymnasium's interface: {error}") from error
    finally:
        env.close()


def _is_empty(space: spaces.Space[Any]) -> bool:
    """Whether a space has no number at all; one with parts that Gymnasium cannot lay flat has."""
    try:
        return space.is_np_flattenable and not spaces.flatdim(space)
    except NotImplementedError:  # of MiniGrid's missions, say
        return False


def advice_on_play(task: VectorTask) -> list[str]:
    """What is seen where random actions are played twice with the same seed."""
    first, again = played(task), played(task)
    space = task.single_observation_space
    assert isinstance(space, spaces.Box)
    advice = []
    if any(not np.array_equal(*pair) for pair in zip(first, again, strict=False)):
        advice.append(
            "with the same seed and the same actions it does not give the same observations again: "
            "its trainings can be neither repeated nor resumed inside an episode"
        )
    elif same_whatever_seed(task):
        advice.append(
            "its episodes are the same whatever their seed: validation and evaluation play what "
            "training has played, where actions learned by heart score as well as memory"
        )
    for entry, value in _beyond(space, first):
        advice.append(
            f"entry {entry} of its observation was {value:g}, beyond the bounds "
            f"{space.low[entry]:g} to {space.high[entry]:g} of its space; it is used unchanged"
        )
    return advice


def played(task: VectorTask) -> list[NDArray[Any]]:
    """Observations (1, D) of STEPS steps of random actions."""
    actions, began = np.random.default_rng(SEED), time.monotonic()
    seen = [task.reset(seed=SEED)[0]]
    while len(seen) <= STEPS and time.monotonic() - began < SECONDS:
        observation, _, terminated, truncated, _ = task.step(
            actions.integers(task.num_actions, size=1)
        )
        ended = terminated | truncated
        if ended.any():
            observation = task.reset(options={"reset_mask": ended})[0]
        seen.append(observation)
    return seen


def same_whatever_seed(task: VectorTask) -> bool:
    """Whether the same actions meet the same in all of `EPISODES` episodes, which differ in seed.

    False where steps are too slow to tell.
    """
    began, first, played_whole = time.monotonic(), None, 0
    while played_whole < EPISODES and time.monotonic() - began < SECONDS:
        actions = np.random.default_rng(SEED)
        results: list[Any] = [task.reset()[0]]
        while len(results) <= STEPS and time.monotonic() - began < SECONDS:
            *result, _ = task.step(actions.integers(task.num_actions, size=1))
            results += result
            if bool(result[-1]) or bool(result[-2]):
                break
        first = results if first is None else first
        if len(first) != len(results) or not all(map(np.array_equal, first, results)):
            return False
        played_whole += 1
    return played_whole == EPISODES


def _beyond(space: spaces.Box, seen: list[NDArray[Any]]) -> Iterator[tuple[int, float]]:
    """The first entry that is beyond its bounds, and its value."""
    for (observation,) in seen:
        beyond = np.flatnonzero((observation < space.low) | (observation > space.high))
        if beyond.size:
            yield int(beyond[0]), float(observation[beyond[0]])
            return


def _gives_it_at_once(task: VectorTask) -> bool:
    """Whether what is not finite comes with the first observation or step."""
    try:
        task.reset(seed=SEED)
        task.step(np.zeros(1, np.int64))
    except NotFiniteError:
        return True
    return False


def findings(env_id: str) -> list[str]:
    """What Gymnasium's passive checker says of the environment's first steps, in its own words.

    What it asserts ends its look and is a finding too: `tasks.interface` has let it pass.
    """
    made, found = make_environment(env_id), []
    env = made.unwrapped
    with warnings.catch_warnings(record=True) as heard, closing(made):
        warnings.simplefilter("always")
        try:
            checked = PassiveEnvChecker(env)
            checked.reset(seed=SEED)
            for _ in range(2):
                _, _, terminated, truncated, _ = checked.step(env.action_space.sample())
                if terminated or truncated:
                    break
        except Exception as error:
            # else of the environment, where it needs the wrappers that are left out here
            if innermost(error).stem == "passive_env_checker":
                found = [str(error)]
    said = [re.sub(r"\x1b\[[\d;]*m|WARN: ", "", str(one.message)) for one in heard]
    return [*said, *found]


def translated(found: list[str]) -> list[str]:
    """Findings of the checker in the words of this package, each once."""
    return [text for text in dict.fromkeys(map(_translation, found)) if text]


def _translation(finding: str) -> str:
    for pattern, sentence in TRANSLATIONS.items():
        match = re.search(pattern, finding)
        if match:
            return match.expand(sentence)
    return f"Gymnasium's checker says: {finding}"


def main() -> None:
    """Check the task of each line of standard input."""
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # what an environment prints is no answer
    for line in sys.stdin:
        answer: dict[str, Any] = {"refused": None, "advice": []}
        try:
            answer["advice"] = check_task(read_point(json.loads(line)))
        except UserError as error:
            answer["refused"] = str(error)
        print(json.dumps(answer), file=answers, flush=True)


if __name__ == "__main__":
    main()
