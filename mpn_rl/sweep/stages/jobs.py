"""A job of the workflow: from what the engine hands over to a stage that is run."""

import gc
import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mpn_rl.errors import UserError
from mpn_rl.interruption import advise
from mpn_rl.sweep.ledger.in_force import code_in_force
from mpn_rl.sweep.ledger.listing import analysis_of
from mpn_rl.sweep.stages.runner import given_at, run_stage

if TYPE_CHECKING:
    from mpn_rl.sweep.stages.resuming import MachineSettings

_WORDS = {"block": "seeds ", "seed": "seed ", "episode": "episode "}


def label_of(rule: str, wildcards: Mapping[str, str]) -> str:
    """What lines of a job's log begin with on the terminal: `train … seeds 0-3`."""
    shown = [name for name in wildcards if name != "block" or "seed" not in wildcards]
    return " ".join([rule, *(_WORDS.get(name, "") + wildcards[name] for name in shown)])


def settings_of(params: Mapping[str, Any]) -> dict[str, Any]:
    """The settings of a job from its params: `fps=4`, each behind its name, or JSON objects.

    An object is what training is given, and what earlier versions gave all stages.
    """
    settings: dict[str, Any] = {}
    for text in (text for name, text in params.items() if name != "code"):
        name, _, value = text.partition("=")
        settings |= json.loads(text) if text.startswith("{") else {name: json.loads(value)}
    return settings


def machine_of(resources: Mapping[str, Any], threads: int) -> "MachineSettings":
    """How a training runs, by the resources of its job; ConfigError for a value that cannot be.

    As many seeds train at once as there are threads, or groups of threads for their environments.
    """
    from mpn_rl.sweep.config.settings import RunningSettings
    from mpn_rl.sweep.stages.resuming import MachineSettings

    asked = {name: resources[name] for name in ("save_seconds", "env_processes")}
    asked["tensorboard"] = bool(resources.get("tensorboard"))
    running = RunningSettings.read(asked, "--set-resources train:")
    at_once = max(1, threads // running.env_processes)
    keep = bool(resources["keep_state"])
    return MachineSettings(**{**running.model_dump(), "seeds_at_once": at_once, "keep_state": keep})


def device_of(resources: Mapping[str, Any]) -> str:
    """Where a training's tensors are, by the resources of its job; UserError without its GPU."""
    if not resources.get("request_gpus"):
        return "cpu"
    import torch

    if not torch.cuda.is_available():
        raise UserError(
            "the job asks for a GPU (request_gpus), and torch finds none on this machine: a driver "
            "is missing, or this torch is a build for CPUs"
        )
    return "cuda"


def run_job(
    rule: str,
    record: Path,
    wildcards: Mapping[str, str],
    params: Mapping[str, Any],
    resources: Mapping[str, Any],
    threads: int,
) -> None:
    """Run the stage of a rule for a job whose record is to lie at `record`."""
    run, block = wildcards.get("run"), wildcards.get("block", "")
    settings = settings_of(params)
    given = given_at(record.parents[1], rule, run, settings, wildcards)
    analysis = analysis_of(settings)
    code = code_in_force(rule, run=run or wildcards.get("setting"), analysis=analysis)
    if rule != "train":
        run_stage(given, code)
    else:
        from mpn_rl.sweep.config.sweep import block_seeds
        from mpn_rl.sweep.stages.resuming import train_block

        gc.enable()

        seeds = list(block_seeds(block))
        given = replace(given, seeds=seeds, device=device_of(resources))
        advise("the same snakemake command resumes it")
        train_block(given, code, machine_of(resources, threads))
