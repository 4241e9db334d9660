"""The memory cores, tasks and learners of the project, by name.

No class that it names is imported here, so that a config is read without torch or gymnasium. A new
one is one entry more, with the model of the parameters that its constructor takes. A class of
anybody's own needs none: it is named as "module:Class".
"""

from dataclasses import dataclass
from pkgutil import resolve_name
from typing import Any

from mpn_rl.parameters import learners, networks, tasks
from mpn_rl.parameters.fields import Parameters
from mpn_rl.parameters.plugins import is_plugin, plugged


@dataclass(frozen=True)
class Entry:
    """A class, "module:Class", and the model of its own parameters; whether a core has an M.

    The last columns of a `recurrent` M, as many as hidden units, are of synapses between these.
    `compiled` is the "module:function" that makes a core's layer for compiled networks, or says how
    compiled loops play a task; empty where there is none.
    """

    target: str
    model: type[Parameters] = Parameters
    plastic: bool = False
    recurrent: bool = False
    compiled: str = ""

    @property
    def parameters(self) -> tuple[str, ...]:
        """The names of its own hyper-parameters."""
        return tuple(self.model.model_fields)

    def load(self) -> Any:
        """The class, imported."""
        return resolve_name(self.target)

    def load_compiled(self) -> Any:
        """The function that `compiled` names, imported."""
        return resolve_name(self.compiled)


@dataclass(frozen=True)
class Plugin(Entry):
    """A class of anybody's own; `kind` is core or task."""

    kind: str = "core"

    def load(self) -> Any:
        """The class, imported; UserError where it cannot be."""
        return plugged(self.target, self.kind)


class Table(dict[str, Entry]):
    """Entries by name, in which each "module:Class" has one too, without an M.

    So has what stands for it in a run's id.
    """

    def __init__(self, kind: str, entries: dict[str, Entry]) -> None:
        """The project's own entries, of cores or tasks by `kind`."""
        super().__init__(entries)
        self._kind = kind

    def __contains__(self, name: object) -> bool:
        """Whether it is one of the project's, or a plug-in."""
        return super().__contains__(name) or is_plugin(name)

    def __missing__(self, name: str) -> Entry:
        """The entry of a plug-in."""
        return Plugin(name, kind=self._kind)


_CORES: dict[str, Entry] = {
    "mpn": Entry(
        "mpn_rl.networks.mpn:MPN",
        networks.MPNParameters,
        plastic=True,
        compiled="mpn_rl.compiled.mpn:core",
    ),
    "mpn-recurrent": Entry(
        "mpn_rl.networks.mpn_recurrent:RecurrentMPN",
        networks.PlasticParameters,
        plastic=True,
        recurrent=True,
        compiled="mpn_rl.compiled.mpn_recurrent:core",
    ),
    "mpn-frozen": Entry(
        "mpn_rl.networks.mpn_frozen:FrozenMPN",
        networks.FrozenMPNParameters,
        compiled="mpn_rl.compiled.frozen:core",
    ),
    "rnn": Entry(
        "mpn_rl.networks.rnn:RNN", networks.RNNParameters, compiled="mpn_rl.compiled.cells:core"
    ),
    "gru": Entry(
        "mpn_rl.networks.gru:GRU", networks.GatedParameters, compiled="mpn_rl.compiled.cells:core"
    ),
    "lstm": Entry(
        "mpn_rl.networks.lstm:LSTM", networks.GatedParameters, compiled="mpn_rl.compiled.cells:core"
    ),
    "mpn-random": Entry(
        "mpn_rl.networks.mpn_random:RandomMPN",
        networks.RandomMPNParameters,
        plastic=True,
        compiled="mpn_rl.compiled.mpn:core",
    ),
    "frame-stack": Entry(
        "mpn_rl.networks.frame_stack:FrameStack",
        networks.FrameStackParameters,
        compiled="mpn_rl.compiled.frame_stack:core",
    ),
    "delta": Entry(
        "mpn_rl.networks.delta:Delta",
        networks.DeltaParameters,
        compiled="mpn_rl.compiled.delta:core",
    ),
}

CORES = Table("core", _CORES)

_TRIALS = "mpn_rl.tasks.trial_bank:trials"
_TASKS: dict[str, Entry] = {
    "DelayedMatch-v0": Entry(
        "mpn_rl.tasks.delayed_match:DelayedMatch", tasks.DelayParameters, compiled=_TRIALS
    ),
    "ContextDecision-v0": Entry(
        "mpn_rl.tasks.context_decision:ContextDecision", tasks.EvidenceParameters, compiled=_TRIALS
    ),
    "GoNogo-v0": Entry("mpn_rl.tasks.go_nogo:GoNogo", tasks.DelayParameters, compiled=_TRIALS),
    "DelayedComparison-v0": Entry(
        "mpn_rl.tasks.delayed_comparison:DelayedComparison", tasks.DelayParameters, compiled=_TRIALS
    ),
    "DelayedPairedAssociation-v0": Entry(
        "mpn_rl.tasks.delayed_paired_association:DelayedPairedAssociation",
        tasks.DelayParameters,
        compiled=_TRIALS,
    ),
    "PerceptualDecision-v0": Entry(
        "mpn_rl.tasks.perceptual_decision:PerceptualDecision",
        tasks.EvidenceParameters,
        compiled=_TRIALS,
    ),
    "RepeatPrevious-v0": Entry(
        "mpn_rl.tasks.repeat_previous:RepeatPrevious",
        tasks.RepeatPreviousParameters,
        compiled=_TRIALS,
    ),
    "RepeatFirst-v0": Entry(
        "mpn_rl.tasks.repeat_first:RepeatFirst", tasks.MemoryLengthParameters, compiled=_TRIALS
    ),
    "MemoryLength-v0": Entry(
        "mpn_rl.tasks.memory_length:MemoryLength", tasks.MemoryLengthParameters, compiled=_TRIALS
    ),
    "TMaze-v0": Entry(
        "mpn_rl.tasks.t_maze:TMaze",
        tasks.TMazeParameters,
        compiled="mpn_rl.tasks.t_maze_bank:t_maze",
    ),
    "PositionCartPole-v1": Entry(
        "mpn_rl.tasks.cartpole:PositionCartPole", compiled="mpn_rl.tasks.cartpole_bank:partial"
    ),
    "VelocityCartPole-v1": Entry(
        "mpn_rl.tasks.cartpole:VelocityCartPole", compiled="mpn_rl.tasks.cartpole_bank:partial"
    ),
    "NoisyPositionCartPole-v1": Entry(
        "mpn_rl.tasks.noisy_cartpole:NoisyPositionCartPole",
        tasks.NoiseParameters,
        compiled="mpn_rl.tasks.cartpole_bank:noisy",
    ),
}
TASKS = Table("task", _TASKS)
# what stands for any other Gymnasium id
FOREIGN = Entry("", tasks.GymnasiumParameters)
# the tasks that compiled loops may play: one of Gymnasium's as well, if nothing is around it
_CARTPOLE = Entry("", tasks.GymnasiumParameters, compiled="mpn_rl.tasks.cartpole_bank:whole")
PLAYED: dict[str, Entry] = {**TASKS, "CartPole-v1": _CARTPOLE}

# What fills in the hyper-parameters that are null; named here, so that only runs with such depend
# on it.
RECIPE = Entry("mpn_rl.parameters.recipe:filled_in")

LEARNERS: dict[str, Entry] = {
    "dqn": Entry("mpn_rl.learning.dqn:RecurrentDQN", learners.DQNParameters),
    "pqn": Entry("mpn_rl.learning.pqn:PQN", learners.PQNParameters),
}


def task_entry(task: str) -> Entry:
    """The entry of a task of the project, or what stands for any other."""
    return TASKS[task] if task in TASKS else FOREIGN  # noqa: SIM401, `get` knows no plug-ins
