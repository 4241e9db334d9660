"""Trained agents as the stages that use them need them: made of what a checkpoint holds."""

import logging
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from mpn_rl.artifacts.checkpoint import Checkpoint, read_checkpoint
from mpn_rl.artifacts.errors import ArtifactError
from mpn_rl.compiled.network import compiled_network, why_not_network
from mpn_rl.compiled.shapes import misfit, shapes, trained_numbers
from mpn_rl.errors import UserError
from mpn_rl.observations import ObservationForm, form_from, numbers, same_form
from mpn_rl.parameters.hyperparameters import Hyperparameters
from mpn_rl.parameters.points import point_of
from mpn_rl.playing.thinking import Thinking

if TYPE_CHECKING:  # what loads torch or Gymnasium
    from mpn_rl.networks.q_network import MPNDQN
    from mpn_rl.playing.rollout import Greedy
    from mpn_rl.tasks.base import VectorTask

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Trained:
    """The networks of a checkpoint at `path`, by seed; `seeds` are those that are wanted.

    `form` is that of the observations that they were trained on.
    """

    path: Path
    hyperparameters: Hyperparameters
    form: ObservationForm
    num_actions: int
    weights: Mapping[int, Mapping[str, Any]]
    seeds: tuple[int, ...]
    device: str = "cpu"

    def task(self, num_envs: int, render: bool = False) -> "VectorTask":
        """The task that they were trained on.

        Raises UserError if its observations are no longer what they were then.
        """
        from mpn_rl.tasks.build import build_task  # loads Gymnasium, which not all need

        hp = self.hyperparameters
        task = build_task(hp, num_envs, render)
        if self.seeds and not same_form(self.form, task.observation_form):
            raise UserError(
                f"task {hp.task!r}: the agents were trained on observations of {self.form}, but "
                f"the task gives {task.observation_form}; train them again"
            )
        return task

    def agents(self, num_envs: int) -> Iterator[tuple[int, "Greedy"]]:
        """(seed, agent) of each, for so many environments; compiled, where that is possible.

        Raises ArtifactError where weights do not fit.
        """
        why = self._why_not_compiled()
        if why is not None and self.seeds:
            log.info("the agents play in torch, because %s is not compiled", why)
        make = _through_torch if why is not None else _compiled
        for seed in self.seeds:
            yield seed, make(self, seed, num_envs)

    @property
    def core_inputs(self) -> int:
        """How many numbers the core is given."""
        hp = self.hyperparameters
        return self.form.seen_dim if hp.encoder == "none" else hp.encoder_dim

    def from_core(self, num_envs: int, count: int) -> Iterator[tuple[int, list["Greedy"]]]:
        """(seed, agents) of each: `count` that begin at the core, and are given its input x.

        Otherwise they are those that `agents` gives.
        """
        make = _compiled if self._why_not_compiled() is None else _through_torch
        for seed in self.seeds:
            yield seed, [make(self, seed, num_envs, self.core_inputs) for _ in range(count)]

    def modulated(self, seed: int) -> NDArray[np.float32]:
        """The weights W (hidden, synapses) of a plastic core, those of its layers side by side."""
        own, layers = self.weights[seed], range(self.hyperparameters.num_layers)
        return np.concatenate([np.asarray(own[f"core.layers.{k}.W"]) for k in layers], axis=1)

    def parameter_count(self) -> int:
        """How many numbers training adapts in each."""
        seed = next(iter(self.weights))
        if self._why_not_compiled() is None:
            return trained_numbers(self.hyperparameters, self.weights[seed])
        from mpn_rl.networks.core import parameter_count

        return parameter_count(self.network(seed))

    def network(self, seed: int) -> "MPNDQN":
        """The network of a seed in torch, which is imported only here: it takes 2 s.

        Raises ArtifactError where weights do not fit.
        """
        import torch

        from mpn_rl.networks.build import build_network

        torch.set_num_threads(1)
        given = self.hyperparameters, self.form, self.num_actions, torch.Generator()
        with torch.device("meta"):  # takes no memory, whatever sizes a file claims
            planned = build_network(*given).state_dict()
        wanted = {name: tuple(weight.shape) for name, weight in planned.items()}
        if (reason := misfit(wanted, self.weights[seed])) is not None:
            raise _unfit(self, seed, reason)
        made = build_network(*given)
        weights = {name: torch.from_numpy(array) for name, array in self.weights[seed].items()}
        made.load_state_dict(weights)
        return made

    def _why_not_compiled(self) -> str | None:
        if self.device != "cpu":
            return f"device {self.device}"
        return why_not_network(self.hyperparameters, self.form)


def load_trained(path: Path, seeds: list[int] | None = None, device: str = "cpu") -> Trained:
    """What a checkpoint holds; `seeds` None means the completed ones.

    Raises ArtifactError for a damaged checkpoint, or a seed that it does not have.
    """
    checkpoint = read_checkpoint(path)
    chosen = tuple(checkpoint.completed if seeds is None else seeds)
    for seed in (seed for seed in chosen if seed not in checkpoint.seeds):
        known = ", ".join(map(str, checkpoint.seeds))
        raise ArtifactError(f"{path}: has no seed {seed}; it has {known}")
    point, form = point_of(checkpoint.hyperparameters), _form(path, checkpoint)
    return Trained(path, point, form, checkpoint.num_actions, checkpoint.seeds, chosen, device)


def failed_seeds(path: Path) -> tuple[int, ...]:
    """The seeds of a checkpoint that failed in training; ArtifactError for a damaged one."""
    return read_checkpoint(path).failed


def _form(path: Path, checkpoint: Checkpoint) -> ObservationForm:
    if checkpoint.observation_form is None:
        return numbers(checkpoint.observation_dim)
    try:
        return form_from(checkpoint.observation_form)
    except (KeyError, TypeError) as error:
        raise ArtifactError(f"{path}: is damaged: its observation_form is no form") from error


def _compiled(trained: Trained, seed: int, num_envs: int, given: int | None = None) -> "Greedy":
    """An agent; with `given` numbers for the core in the place of observations."""
    hp, form, weights = trained.hyperparameters, trained.form, trained.weights[seed]
    if (reason := misfit(shapes(hp, form, trained.num_actions), weights)) is not None:
        raise _unfit(trained, seed, reason)
    if given is not None:
        hp, form = hp.model_copy(update={"encoder": "none"}), numbers(given)
        weights = {n: w for n, w in weights.items() if not n.startswith("encoder.")}
    made = compiled_network(hp, form, trained.num_actions, weights, num_envs)
    return Thinking(made, made.thinking(), num_envs)


def _through_torch(
    trained: Trained, seed: int, num_envs: int, given: int | None = None
) -> "Greedy":
    """As `_compiled`."""
    del num_envs
    from torch.nn import Identity

    from mpn_rl.playing.greedy import GreedyNetwork

    network = trained.network(seed).requires_grad_(False)
    if given is not None:
        network.encoder = Identity()
    return GreedyNetwork(network.to(trained.device))


def _unfit(trained: Trained, seed: int, reason: str) -> ArtifactError:
    return ArtifactError(f"{trained.path}: seed {seed} does not fit the network: {reason}")
