"""What an environment that others wrote must give, looked at in every reset and step.

https://gymnasium.farama.org/api/env/ is the interface. What breaks it would be learned from as
if it were sound: NumPy spreads one number over a whole row.
"""

import inspect
import logging
from collections.abc import Callable
from typing import Any, NoReturn

import gymnasium
from gymnasium import spaces

from mpn_rl.errors import NotFiniteError, TaskError
from mpn_rl.tasks.breakage import broken, is_ours, told
from mpn_rl.tasks.samples import (
    LARGEST,
    BeyondError,
    UnsoundError,
    as_array,
    cleaner,
    one_number,
    shown,
)

log = logging.getLogger(__name__)

RESET_GIVES = "the two values (observation, info)"
SEVERAL = (tuple, list)
STEP_GIVES = "the five values (observation, reward, terminated, truncated, info)"


class Looked(gymnasium.Wrapper):
    """An environment whose every reset and step is looked at.

    Observations come as the space's own samples do (arrays, whole numbers), the reward as a float,
    both flags as bools. Raises TaskError for what is not as its spaces say, and for any exception
    inside the environment; NotFiniteError for a number beyond what float32 holds.
    """

    def __init__(self, env: gymnasium.Env, name: str) -> None:
        """`name` is the task's, for messages."""
        super().__init__(env)
        self.name = name
        self._check_spaces()
        self._clean = cleaner(self.observation_space)
        self._steps = 0
        self._check_reset_arguments()

    def _check_spaces(self) -> None:
        for which in ("observation_space", "action_space"):
            space = getattr(self.env, which, None)
            if not isinstance(space, spaces.Space):
                kind = f"{type(space).__module__}.{type(space).__name__}"
                raise TaskError(
                    f"task {self.name!r} has {shown(space) if space is None else kind} as its "
                    f"`{which}`, instead of a space of gymnasium.spaces"
                )

    def _check_reset_arguments(self) -> None:
        # Gymnasium's own wrappers hand on both
        needed = ("seed",) if self.env is self.unwrapped else ("seed", "options")
        parameters = inspect.signature(self.unwrapped.reset).parameters
        if any(one.kind is inspect.Parameter.VAR_KEYWORD for one in parameters.values()):
            return
        for missing in (name for name in needed if name not in parameters):
            raise TaskError(
                f"task {self.name!r} has a `reset` that takes no `{missing}`, instead of "
                "reset(*, seed=None, options=None)"
            )

    def reset(self, *, seed: int | None = None, **keywords: Any) -> tuple[Any, dict[str, Any]]:
        """Start an episode; the observation, cleaned, and what else is said."""
        self._steps = 0
        result = self._call("reset", RESET_GIVES, self.env.reset, seed=seed, **keywords)
        if not isinstance(result, SEVERAL) or len(result) != 2:
            raise self._error(shown(result), "the result of `reset`", RESET_GIVES)
        observation, info = result
        if not isinstance(info, dict):
            raise self._error(shown(info), "the second value of `reset`", "the dict `info`")
        return self._observation(observation), info

    def step(self, action: Any) -> tuple[Any, float, bool, bool, dict[str, Any]]:
        """Act; observation, reward and flags, cleaned, and what else is said."""
        self._steps += 1
        try:
            result = self.env.step(action)
        except (Exception, SystemExit) as error:
            self._tell(error, "step", STEP_GIVES)
        if not isinstance(result, SEVERAL) or len(result) != 5:
            raise self._error(shown(result), "the result of `step`", STEP_GIVES)
        observation, reward, terminated, truncated, info = result
        if not isinstance(info, dict):
            raise self._error(shown(info), "the fifth value of `step`", "the dict `info`")
        return (
            self._observation(observation),
            self._reward(reward),
            terminated if type(terminated) is bool else self._flag(terminated, "terminated"),
            truncated if type(truncated) is bool else self._flag(truncated, "truncated"),
            info,
        )

    def render(self) -> Any:
        """What the environment draws."""
        return self._call("render", "", self.env.render)

    def close(self) -> None:
        """Close the environment, of which nothing is needed any more."""
        try:
            self.env.close()
        except (Exception, SystemExit) as error:
            log.warning("task %r: closing it failed: %s", self.name, told(error))

    def _call(
        self, doing: str, expected: str, method: Callable[..., Any], *values: Any, **keywords: Any
    ) -> Any:
        try:
            return method(*values, **keywords)
        except (Exception, SystemExit) as error:
            self._tell(error, doing, expected)

    def _tell(self, error: BaseException, doing: str, expected: str) -> NoReturn:
        if is_ours(error):
            raise error
        raise broken(self.name, doing, error, expected) from error

    def _observation(self, given: Any) -> Any:
        try:
            return self._clean(given)
        except UnsoundError as fault:
            raise self._error(fault.given, "its observation" + fault.part, fault.expected) from None
        except BeyondError as fault:
            raise NotFiniteError(
                f"task {self.name!r} gave {fault.number} in its observation{fault.part}, "
                f"entry {fault.entry}, at {self._when()}"
            ) from None

    def _reward(self, given: Any) -> float:
        number = given if type(given) is float else one_number(given)
        if number is None:
            raise self._error(shown(given), "its reward", "one number")
        if not -LARGEST <= number <= LARGEST:
            raise NotFiniteError(
                f"task {self.name!r} gave {number:g} as its reward at {self._when()}"
            )
        return number

    def _flag(self, given: Any, name: str) -> bool:
        # a fraction is no flag: reward and flag may have changed places
        number = None if as_array(given).dtype.kind == "f" else one_number(given)
        if number not in (0.0, 1.0):
            raise self._error(shown(given), f"its `{name}`", "True or False")
        return bool(number)

    def _error(self, given: str, as_what: str, expected: str) -> TaskError:
        return TaskError(
            f"task {self.name!r} gave {given} as {as_what} at {self._when()}, instead of {expected}"
        )

    def _when(self) -> str:
        return f"step {self._steps} of its episode" if self._steps else "the start of an episode"
