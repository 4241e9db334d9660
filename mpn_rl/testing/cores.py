"""What every memory core keeps to."""

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor

from mpn_rl.networks import make_core
from mpn_rl.networks.core import Core, zero_where

_TIME, _BATCH = 9, 4


def check_core(name: str, *, input_dim: int = 6, hidden_dim: int = 10, **parameters: Any) -> None:
    """Raise AssertionError, which says what is wrong, where a core breaks its interface.

    `name` is "module:Class", also with options ("module:Class(leak=0.3)"), or a core of the
    project's, with `parameters`. What is checked: shapes; a first state of zeros; weights and
    outputs that depend on the generator alone; `unroll` as `step` after step, with resets inside,
    in values and gradients (1e-4 in 32 bits, 1e-7 in 64); no batch element that sees another;
    arguments left as they are; weights of 32 bits, of which each has a part in h. Raises UserError
    where the core cannot be made.
    """

    def made(seed: int) -> Core[Any]:
        generator = torch.Generator().manual_seed(seed)
        sizes = {"input_dim": input_dim, "hidden_dim": hidden_dim}
        return make_core(name, **sizes, generator=generator, **parameters)

    core, again, other = made(0), made(0), made(1)
    _check_weights(core, again, other)
    _check_shapes(core)
    _check_unroll(core, 1e-4)
    _check_apart(core)
    _check_unroll(core.double(), 1e-7)


def _inputs(core: Core[Any]) -> tuple[Tensor, Tensor, Tensor]:
    """x (time, batch, input), a state that has seen something, and starts inside the sequence."""
    generator = torch.Generator().manual_seed(2)
    x = torch.randn(_TIME, _BATCH, core.input_dim, generator=generator)
    x = x.to(next(core.parameters()).dtype)
    _, state = _pair("step", core.step(x.flip(0)[0], core.init_state(_BATCH)))
    start = torch.zeros(_TIME, _BATCH, dtype=torch.bool)
    start[0, 0] = start[4, 0] = start[4, 2] = start[8, 3] = True
    return x, state.detach(), start


def _pair(how: str, result: Any) -> tuple[Tensor, Tensor]:
    """What `step` or `unroll` gives, if it is as it should be."""
    match result:
        case (Tensor() as h, Tensor() as state):
            return h, state
    raise AssertionError(f"{how} does not give two tensors, h and the next state")


def _check_weights(core: Core[Any], again: Core[Any], other: Core[Any]) -> None:
    own, same, others = (dict(one.named_parameters()) for one in (core, again, other))
    assert own, "the core has no parameters to be trained"
    for name, weight in own.items():
        assert weight.dtype == torch.float32, f"{name} is of {weight.dtype}, not torch.float32"
        assert torch.equal(weight, same[name]), f"{name} is not drawn from the generator alone"
    drawn = any(not torch.equal(weight, others[name]) for name, weight in own.items())
    assert drawn, "no weight depends on the generator: all seeds would begin alike"


def _check_shapes(core: Core[Any]) -> None:
    first = core.init_state(_BATCH)
    shape, expected = tuple(first.shape), (_BATCH, *core.state_shape)
    assert shape == expected, f"init_state gives {shape}, not (batch, *state_shape) {expected}"
    assert not first.any(), "init_state gives a state that is not zero, as resets make it"
    x, state, start = _inputs(core)
    for how, result, lead in (
        ("step", core.step(x[0], state), (_BATCH,)),
        ("unroll", core.unroll(x, state, start), (_TIME, _BATCH)),
    ):
        h, last = _pair(how, result)
        wanted = (*lead, core.hidden_dim)
        assert tuple(h.shape) == wanted, f"{how} gives h {tuple(h.shape)}, not {wanted}"
        assert last.shape == state.shape, f"{how} gives a state {tuple(last.shape)}, not {expected}"
        assert bool(torch.isfinite(h).all()), f"{how} gives numbers that are not finite"
        assert h.requires_grad, f"{how} gives h without a gradient: nothing would be learned by it"


def _step_by_step(
    core: Core[Any], x: Tensor, state: Tensor, start: Tensor
) -> tuple[Tensor, Tensor]:
    outputs = []
    for x_t, start_t in zip(x, start, strict=True):
        h, state = core.step(x_t, zero_where(start_t, state))
        outputs.append(h)
    return torch.stack(outputs), state


def _near(one: Tensor, other: Tensor, tolerance: float) -> bool:
    one, other = one.detach(), other.detach()
    most, size = (one - other).abs().max(), other.abs().max()
    return bool(most <= tolerance * size.clamp(min=1.0))


def _check_unroll(core: Core[Any], tolerance: float) -> None:
    x, state, start = _inputs(core)
    kept = [one.clone() for one in (x, state, start)]
    core.step(x[0], state)
    _check_kept((x, state, start), kept)
    weights = [weight for weight in core.parameters() if weight.requires_grad]
    found = []
    for way in (core.unroll, lambda *given: _step_by_step(core, *given)):
        seen = x.clone().requires_grad_()
        h, last = way(seen, state, start)
        loss = (
            h * torch.linspace(-1.0, 1.0, h.numel()).reshape(h.shape)
        ).sum() + last.square().sum()
        found.append([h, last, *torch.autograd.grad(loss, [seen, *weights], allow_unused=True)])
    named = ["h", "the last state", "the gradient of x"]
    named += [f"the gradient of {name}" for name, w in core.named_parameters() if w.requires_grad]
    for name, unrolled, stepped in zip(named, *found, strict=True):
        if unrolled is None and stepped is None:
            raise AssertionError(f"{name} does not exist: the output does not depend on it")
        same = unrolled is not None and stepped is not None
        same = same and _near(unrolled, stepped, tolerance)
        assert same, f"{name} of unroll is not that of step after step, zeroed where `start`"
    _check_kept((x, state, start), kept)


def _check_kept(given: Sequence[Tensor], kept: Sequence[Tensor]) -> None:
    for name, now, before in zip(("x", "the state", "start"), given, kept, strict=True):
        assert torch.equal(now, before), f"unroll or step changes {name} that it is given"


def _check_apart(core: Core[Any]) -> None:
    x, state, start = _inputs(core)
    with torch.no_grad():
        whole, _ = core.unroll(x, state, start)
        alone, _ = core.unroll(x[:, :1], state[:1], start[:, :1])
    assert _near(whole[:, :1], alone, 1e-4), (
        "a batch element gives other outputs beside others than alone"
    )
