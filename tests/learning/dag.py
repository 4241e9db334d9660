"""The whole pipeline through its stage functions, in one process, on tiny agents."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mpn_rl.parameters.catalogue import CORES
from mpn_rl.sweep.config.sweep import Sweep, block_seeds, read_sweep
from mpn_rl.sweep.layout import FIGURES, PLASTIC_FIGURES, blocks, rendered_seeds, rule_settings
from mpn_rl.sweep.ledger import stage_digest
from mpn_rl.sweep.stages.analyse import analyse
from mpn_rl.sweep.stages.collect import collect
from mpn_rl.sweep.stages.evaluate import evaluate
from mpn_rl.sweep.stages.plot import plot
from mpn_rl.sweep.stages.render import render
from mpn_rl.sweep.stages.summarise import summarise
from mpn_rl.sweep.stages.train import train
from tests.artefacts import artefacts

TINY: dict[str, Any] = {
    "task": "DelayedMatch-v0",
    "delay": 1,
    "encoder_dim": 4,
    "hidden_dim": 4,
    "num_steps": 200,
    "num_envs": 4,
    "batch_size": 4,
    "buffer_size": 400,
    "learning_starts": 50,
    "epsilon_decay": 100,
    "validation_period": 100,
    "validation_episodes": 4,
}


@dataclass(frozen=True)
class Pipeline:
    """A sweep and the folder of its results."""

    results: Path
    sweep: Sweep

    @classmethod
    def of(cls, results: Path, seeds: int = 1, **changes: Any) -> "Pipeline":
        """One run in one block; `changes` are hyper-parameters, None takes one of TINY out."""
        base = {name: value for name, value in {**TINY, **changes}.items() if value is not None}
        data = {
            "sweep": {"name": "tiny", "base": base},
            "seeds": {"first": 0, "count": seeds, "per_job": seeds},
            "evaluation": {"num_episodes": 3},
            "render": {"num_episodes": 1, "fps": 10},
            "analysis": {"num_episodes": 2},
        }
        return cls(results, read_sweep(data))

    def steps(self) -> Iterator[tuple[str, Callable[[], Any]]]:
        """(rule, call) in the order of the workflow."""
        for run, point in self.sweep.runs.items():
            for block in blocks(self.sweep):
                yield from self._block(run, block, CORES[point.core].plastic)
        settings = rule_settings(self.sweep, "summarise")
        code = stage_digest("summarise")
        yield "summarise", lambda: summarise(self.results, code=code, **settings)

    def _block(
        self, run: str, block: str, plastic: bool
    ) -> Iterator[tuple[str, Callable[[], Any]]]:
        home = self.results / "runs" / run / f"seeds_{block}"
        work = self.results / ".work" / run / f"seeds_{block}"
        point = self.sweep.runs[run]

        def arguments(rule: str, stage: str | None = None) -> dict[str, Any]:
            code = stage_digest(stage or rule, point)
            return {"run": run, "code": code, **rule_settings(self.sweep, rule, run)}

        yield (
            "train",
            lambda: train(
                home,
                work,
                run=run,
                code=stage_digest("train", point),
                seeds=block_seeds(block),
                hyperparameters=rule_settings(self.sweep, "train", run),
            ),
        )
        yield "evaluate", lambda: evaluate(home, **arguments("evaluate"))
        yield "collect", lambda: collect(home, **arguments("collect"))
        yield "analyse", lambda: analyse(home, **arguments("analyse"))
        yield "plot", lambda: plot(home, stage="plot", figures=list(FIGURES), **arguments("plot"))
        if plastic:
            yield (
                "plot_plasticity",
                lambda: plot(
                    home,
                    stage="plot_plasticity",
                    figures=list(PLASTIC_FIGURES),
                    **arguments("plot_plasticity", "plot"),
                ),
            )
        for seed in set(rendered_seeds(self.sweep)) & set(block_seeds(block)):
            yield (
                "render",
                lambda s=seed: render(  # type: ignore[misc]
                    home, seed=s, episode=0, **arguments("render")
                ),
            )

    def run(self) -> None:
        """Run every stage."""
        for _, step in self.steps():
            step()

    def artefacts(self) -> dict[str, bytes]:
        """Every artefact with its bytes."""
        return artefacts(self.results)

    def strays(self) -> list[Path]:
        """Files that a write left half done, or a lease that was not given back.

        Drafts of a code listing are left to `mpn-rl prune`, as several processes may write one.
        """
        drafts = [p for p in self.results.rglob(".*") if p.is_file() and p.parent.name != "code"]
        return [*drafts, *self.results.rglob("lease.json")]
