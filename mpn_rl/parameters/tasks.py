"""The parameters that tasks have, each task's model; a constructor takes its own."""

from typing import Annotated, Literal

from pydantic import AfterValidator

from mpn_rl.parameters.fields import Count, Natural, NonNegative, Parameters, parameter
from mpn_rl.parameters.wrappers import WRAPPERS_FORM, normal_wrappers


class NoiseParameters(Parameters):
    """What NoisyPositionCartPole has."""

    observation_noise: NonNegative = parameter(
        0.1, "standard deviation of the Gaussian noise on observations"
    )


class DelayParameters(NoiseParameters):
    """What tasks have that ask after a delay."""

    delay: Natural = parameter(6, "steps between stimulus and decision [steps]")


class EvidenceParameters(Parameters):
    """What tasks have in which evidence is integrated."""

    stimulus_steps: Count = parameter(10, "length of the stimulus [steps]")
    coherence: NonNegative = parameter(1.0, "evidence of one step: mean over standard deviation")


class RepeatPreviousParameters(Parameters):
    """What RepeatPrevious has."""

    k: Count = parameter(2, "how many steps back the symbol to repeat was shown [steps]")


class MemoryLengthParameters(Parameters):
    """What MemoryLength and RepeatFirst have."""

    memory_length: Count = parameter(
        16, "how long what is shown first has to be remembered [steps]"
    )


class TMazeParameters(Parameters):
    """What TMaze has."""

    corridor_length: Count = parameter(
        10, "steps from the start of the maze to its junction [steps]"
    )


class GymnasiumParameters(Parameters):
    """What tasks have that are not the project's own."""

    env_wrappers: Annotated[str, AfterValidator(normal_wrappers)] | None = parameter(
        None,
        "Gymnasium's wrappers around the environment, the innermost first; those of other packages "
        "with their module: minigrid.wrappers.ImgObsWrapper; null: none",
        form=WRAPPERS_FORM,
    )
    observation_kind: Literal["numbers", "picture", "symbols"] | None = parameter(
        None,
        "what observations are that may be a picture as well as symbols; null: told by looking",
    )
    observation_scaling: Literal["bounds", "none"] = parameter(
        "bounds",
        "bounds: numbers that the observation space bounds are seen as shares of the larger bound, "
        "in [-1, 1]; none: as they are",
    )
