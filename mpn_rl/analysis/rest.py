"""The tables of fixed points and timescales of a trained core, phase by phase."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from mpn_rl.analysis.fixed_points import FixedPoint, Floats, Layer, fixed_points
from mpn_rl.analysis.holding import lasting, time_constant, told
from mpn_rl.analysis.memory_maps import MemoryMap, memory_map
from mpn_rl.analysis.plastic_maps import plastic_layers
from mpn_rl.analysis.slow_points import SlowPoint, nearest, settled, slow_points
from mpn_rl.interruption import check
from mpn_rl.parameters.catalogue import CORES
from mpn_rl.parameters.hyperparameters import Hyperparameters

# A row of a table, by the names of its columns.
Row = dict[str, Any]
WHOLE = -1


@dataclass(frozen=True)
class Recorded:
    """One seed's episodes: x (episode, time, input), h (episode, time, hidden), phases, variables.

    Both of the latter (episode, time); a phase is -1 behind an episode's end.
    """

    x: NDArray[np.floating]
    h: NDArray[np.floating]
    phases: NDArray[np.integer]
    variables: Mapping[str, NDArray[np.floating]]

    def mean_input(self, phase: int) -> Floats:
        """The mean x (input,) over the steps of a phase."""
        mean: Floats = self.x[self.phases == phase].mean(axis=0, dtype=np.float64)
        return mean

    def ends(self, phase: int) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
        """The episodes that have the phase, and the last time at which each is in it."""
        within = self.phases == phase
        episodes = np.flatnonzero(within.any(axis=1))
        last = within.shape[1] - 1 - within[:, ::-1].argmax(axis=1)
        return episodes, last[episodes]

    def at_ends(self, phase: int) -> tuple[Floats, dict[str, Floats]]:
        """h (trial, hidden) and the variables (trial,) at the last steps of a phase."""
        episodes, times = self.ends(phase)
        variables = {
            name: each[episodes, times].astype(np.float64) for name, each in self.variables.items()
        }
        return self.h[episodes, times].astype(np.float64), variables


@threadpool_limits.wrap(limits=1)  # the same bytes with any number of threads
def rest_tables(
    hp: Hyperparameters,
    weights: Mapping[str, Any],
    recorded: Recorded,
    phase_names: tuple[str, ...],
    num_states: int,
) -> tuple[list[Row], list[Row]]:
    """Rows of POINTS and of TIMESCALES of one seed, seed aside; none without memory, or with λ = 1.

    One MPN layer is told exactly; of other cores the points are those that a search from the first
    `num_states` recorded episodes finds.
    """
    layers = plastic_layers(hp, weights) if CORES[hp.core].plastic else []
    if any(np.any(layer.lambda_decay >= 1) for layer in layers):
        return [], []  # M grows as long as there is input
    points: list[Row] = []
    scales: list[Row] = []
    for number, name in enumerate(phase_names):
        check()
        if not (recorded.phases == number).any():
            continue
        if hp.core != "mpn-recurrent" and len(layers) == 1:
            found, scale = _exact(layers[0], recorded, number)
        elif (of := memory_map(hp, weights)) is not None:
            found, scale = _searched(of, recorded, number, num_states)
        else:
            return [], []
        points += [{**row, "phase": name} for row in found]
        scales.append({**scale, **_rates(layers), "phase": name})
    return points, scales


def as_table(rows: list[Row], kind: np.dtype[np.void]) -> NDArray[np.void]:
    """Rows of POINTS or TIMESCALES as such, to six digits; what is missing is nan or empty."""
    empty = {name: "" if kind[name].kind == "U" else math.nan for name in kind.names or ()}
    return np.array([tuple(_short({**empty, **row}[n]) for n in empty) for row in rows], kind)


def _short(value: Any) -> Any:
    return float(f"{value:.6g}") if isinstance(value, float) else value


def _exact(layer: Layer, recorded: Recorded, phase: int) -> tuple[list[Row], Row]:
    points = fixed_points(layer, recorded.mean_input(phase))
    h, variables = recorded.at_ends(phase)
    decay = np.broadcast_to(layer.lambda_decay, layer.W.shape).max(axis=1)
    rows: list[Row] = []
    counts = dict.fromkeys(_COUNTED, 0)
    found: set[str] = set()
    for unit in range(len(layer.W)):
        own = [point for point in points if point.unit == unit]
        shares, names = _reaches(own, h[:, unit], variables)
        for name in _kinds(own, names):
            counts[name] += 1
        found.update(names)
        rows += [
            {**point._asdict(), "stable": point.stable, "lambda": decay[unit], "share": share}
            | {"holds": " ".join(names)}
            for point, share in zip(own, shares, strict=True)
        ]
    return rows, counts | _lasting(points, [name for name in variables if name in found])


_COUNTED = ("bistable_units", "holding_units", "swinging_units", "swinging_holding_units")


def _kinds(points: list[FixedPoint], names: list[str]) -> list[str]:
    """As which of _COUNTED a unit counts that holds variables of these names."""
    if swings(points):
        return ["swinging_units", *(["swinging_holding_units"] if names else [])]
    if sum(point.stable for point in points) > 1:
        return ["bistable_units", *(["holding_units"] if names else [])]
    return []


def swings(points: list[FixedPoint]) -> bool:
    """Whether a unit with these points goes back and forth around its only one.

    Its multiplier is below -1: on which side the unit is changes from step to step, and what it
    holds with it, so that it tells as much after every second step.
    """
    return len(points) == 1 and points[0].multiplier < -1.0


def _reaches(
    points: list[FixedPoint], h: Floats, variables: Mapping[str, Floats]
) -> tuple[list[float], list[str]]:
    """The share of trials in each point's reach, from a unit's h (trial,), and what that tells.

    Steps keep the order of outputs where a unit with one λ has two stable points, so that the
    unstable point between is the border of their reaches. A unit that swings is on either side of
    its point; the share is that of the trials above.
    """
    stable, borders = ([p.h for p in points if p.stable is kind] for kind in (True, False))
    place = np.searchsorted(borders, h)
    if swings(points):
        return [float((place == 1).mean())], told(place, variables)
    if len(stable) != len(borders) + 1:
        return [math.nan] * len(points), []
    shares = iter([float((place == k).mean()) for k in range(len(stable))])
    names = told(place, variables) if borders else []
    return [next(shares) if point.stable else math.nan for point in points], names


def _searched(
    of: MemoryMap, recorded: Recorded, phase: int, num_states: int
) -> tuple[list[Row], Row]:
    x, (episodes, times) = recorded.mean_input(phase), recorded.ends(phase)
    episodes, times = episodes[:num_states], times[:num_states]
    r, memory = _replayed(of, recorded.x[episodes], times)
    end = settled(of, x, memory)
    points = slow_points(of, x, np.stack([end, r], axis=1).reshape(-1, r.shape[1]))
    at = [nearest(points, each) for each in end]
    place = np.array([-1 if k is None else k for k in at])
    variables = {n: v[:num_states] for n, v in recorded.at_ends(phase)[1].items()}
    names = told(place, variables) if (place >= 0).all() else []
    rows = [
        {
            "unit": WHOLE,
            "h": float(np.sqrt(np.square(of.output(point.r)).mean())),
            "multiplier": point.multiplier,
            "stable": point.stable,
            "share": float((place == k).mean()),
            "holds": " ".join(names),
        }
        for k, point in enumerate(points)
    ]
    counts = {"stable_points": sum(point.stable for point in points)}
    return rows, counts | _lasting(points, names)


def _replayed(
    of: MemoryMap, x: NDArray[np.floating], times: NDArray[np.intp]
) -> tuple[Floats, Floats]:
    """r (episode, size) and memories after the steps at `times` (episode,), from x of all steps."""
    memory = of.start(len(x))
    memories = np.zeros_like(memory)
    kept = None
    for time in range(int(times.max()) + 1):
        check()
        r, memory = of.step(np.nan_to_num(x[:, time].astype(np.float64)), memory)
        kept = np.zeros_like(r) if kept is None else kept
        kept[times == time], memories[times == time] = r[times == time], memory[times == time]
    assert kept is not None
    return kept, memories


def _lasting(points: Sequence[FixedPoint | SlowPoint], holds: list[str]) -> Row:
    """What follows from the multipliers, and from which variables are held for good."""
    sizes = [abs(point.multiplier) for point in points]
    slowest = max((abs(p.multiplier) for p in points if p.stable), default=math.nan)
    return {
        "effective_tau": time_constant(slowest),
        "growth_per_step": max(sizes, default=math.nan),
        "holds": " ".join(holds),
        "horizon": math.inf if holds else lasting(slowest),
    }


def _rates(layers: list[Layer]) -> Row:
    """η and λ of the synapse that forgets slowest, and how long it would remember by itself."""
    if not layers:
        return {}
    rates = [
        (np.broadcast_to(each.lambda_decay, each.W.shape), np.broadcast_to(each.eta, each.W.shape))
        for each in layers
    ]
    decay, eta = (np.concatenate([pair[k].ravel() for pair in rates]) for k in (0, 1))
    at = int(decay.argmax())
    slowest = float(decay[at])
    return {
        "eta": float(eta[at]),
        "lambda": slowest,
        "tau": time_constant(slowest),
        "horizon_without_writing": lasting(slowest),
    }
