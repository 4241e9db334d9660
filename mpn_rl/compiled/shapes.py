"""What weights a network has that is compiled: their names in a checkpoint, and their shapes."""

from collections.abc import Mapping
from typing import Any

from mpn_rl.observations import ObservationForm
from mpn_rl.parameters.hyperparameters import Hyperparameters

Shapes = dict[str, tuple[int, ...]]
GATES = {"rnn": 1, "gru": 3, "lstm": 4}


def shapes(hp: Hyperparameters, form: ObservationForm, num_actions: int) -> Shapes:
    """Name -> shape of every weight."""
    width = form.seen_dim if hp.encoder == "none" else hp.encoder_dim
    encoder = _encoder(hp, form.seen_dim, width)
    return {**encoder, **_core(hp, width), **_read_out(hp, num_actions)}


def misfit(wanted: Shapes, weights: Mapping[str, Any]) -> str | None:
    """How weights are others than are wanted; None where they are these."""
    for name in {**wanted, **weights}:
        if name not in weights:
            return f"{name} is missing"
        if name not in wanted:
            return f"{name} is none of its weights"
        if weights[name].shape != wanted[name]:
            return f"size mismatch for {name}: {weights[name].shape} instead of {wanted[name]}"
    return None


def trained_numbers(hp: Hyperparameters, weights: Mapping[str, Any]) -> int:
    """How many numbers training adapts."""
    fixed = ["encoder.W", "encoder.b"]
    for k in range(hp.num_layers):
        drawn = hp.core == "mpn-random" or not hp.learn_eta
        fixed += [f"core.layers.{k}.eta"] if drawn else []
        fixed += [] if hp.learn_lambda else [f"core.layers.{k}.lambda_raw"]
    return sum(weight.size for name, weight in weights.items() if name not in fixed)


def _encoder(hp: Hyperparameters, inputs: int, width: int) -> Shapes:
    if hp.encoder == "none":
        return {}
    if hp.encoder == "random":
        return {"encoder.W": (width, inputs), "encoder.b": (width,)}
    norm = _norm("encoder.norm", width) if hp.layer_norm else {}
    return {**_linear("encoder.linear", inputs, width), **norm}


def _core(hp: Hyperparameters, inputs: int) -> Shapes:
    hidden = hp.hidden_dim
    if hp.core in ("mpn", "mpn-random"):
        return _plastic(hp, inputs)
    if hp.core == "mpn-recurrent":
        return _plastic(hp, inputs + hidden)
    if hp.core == "mpn-frozen":
        widths = [inputs] + (hp.num_layers - 1) * [hidden]
        fixed: Shapes = {f"core.weights.{k}": (hidden, w) for k, w in enumerate(widths)}
        bias: Shapes = {f"core.biases.{k}": (hidden,) for k in range(hp.num_layers) if hp.bias}
        return {**fixed, **bias}
    if hp.core == "frame-stack":
        bias = {"core.b": (hidden,)} if hp.bias else {}
        return {"core.W": (hp.num_frames, hidden, inputs), **bias}
    if hp.core == "delta":
        made = 2 * hidden + 2 * (hp.key_dim or inputs) + 1
        return {"core.W": (made, inputs), **({"core.b": (made,)} if hp.bias else {})}
    rows, layer = GATES[hp.core] * hidden, f"core.{hp.core}"
    biases = {f"{layer}.bias_{of}_l0": (rows,) for of in ("ih", "hh")} if hp.bias else {}
    weights = {f"{layer}.weight_ih_l0": (rows, inputs), f"{layer}.weight_hh_l0": (rows, hidden)}
    return {**weights, **biases}


def _plastic(hp: Hyperparameters, inputs: int) -> Shapes:
    hidden, found = hp.hidden_dim, Shapes()
    eta_shape, lambda_shape = hp.rate_shapes()
    for k in range(hp.num_layers):
        layer, width = f"core.layers.{k}", hidden if k else inputs
        of_rates: Shapes = {
            "scalar": (),
            "pre": (width,),
            "post": (hidden, 1),
            "full": (hidden, width),
        }
        found[f"{layer}.W"] = (hidden, width)
        if hp.bias:
            found[f"{layer}.b"] = (hidden,)
        found[f"{layer}.eta"] = of_rates[eta_shape]
        found[f"{layer}.lambda_raw"] = of_rates[lambda_shape]
    return found


def _read_out(hp: Hyperparameters, num_actions: int) -> Shapes:
    hidden = hp.hidden_dim
    norm, head = (_norm("q_head.0", hidden), "q_head.1") if hp.layer_norm else ({}, "q_head")
    if not hp.dueling:
        return {**norm, **_linear(head, hidden, num_actions)}
    value = _linear(f"{head}.value", hidden, 1)
    return {**norm, **value, **_linear(f"{head}.advantage", hidden, num_actions)}


def _linear(name: str, inputs: int, width: int) -> Shapes:
    return {f"{name}.weight": (width, inputs), f"{name}.bias": (width,)}


def _norm(name: str, width: int) -> Shapes:
    return {f"{name}.weight": (width,), f"{name}.bias": (width,)}
