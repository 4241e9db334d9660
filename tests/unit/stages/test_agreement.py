"""Blocks of one sweep share the settings of evaluation, animation and analysis."""

from dataclasses import replace
from typing import Any

import pandas as pd
import pytest

from mpn_rl.artifacts.errors import ArtifactError
from mpn_rl.sweep.stages.summarise import require_equal_settings
from mpn_rl.sweep.summary.data import BlockData


def made_with(run: str, **params: dict[str, Any]) -> BlockData:
    records = [{"stage": stage, "params": values} for stage, values in params.items()]
    return BlockData(run, (0, 1), {}, {}, pd.DataFrame(), records=records)


AGREED: dict[str, dict[str, Any]] = {
    "train": {"eta": 0.1},
    "evaluate": {"num_episodes": 7, "checkpoint": "final"},
    "render": {"fps": 4, "checkpoint": "best"},
    "collect": {"num_episodes": 5, "checkpoint": "final", "max_recorded_mb": 1.0},
    "plot": {"color_by": None},
}


def test_equal_settings_pass_whatever_was_trained() -> None:
    other = {**AGREED, "train": {"eta": 0.3}}
    require_equal_settings([made_with("a", **AGREED), made_with("b", **other)])
    bare = replace(made_with("c"), records=[{"stage": "evaluate"}])
    require_equal_settings([made_with("a", **AGREED), bare, made_with("d")])


@pytest.mark.parametrize(
    ("stage", "key", "value", "named"),
    [
        ("evaluate", "num_episodes", 2, "evaluation.num_episodes was 7"),
        ("evaluate", "checkpoint", "best", "evaluation.checkpoint was 'final'"),
        ("render", "fps", 5, "render.fps was 4"),
        ("render", "max_steps", 7, "render.max_steps was 2000"),
        ("collect", "max_recorded_mb", 2.0, "analysis.max_recorded_mb was 1.0"),
        ("plot", "color_by", "phase", "analysis.color_by was None"),
    ],
)
def test_a_setting_that_differs_is_refused(stage: str, key: str, value: Any, named: str) -> None:
    other = {**AGREED, stage: {**AGREED[stage], key: value}}
    with pytest.raises(ArtifactError) as refused:
        require_equal_settings([made_with("a", **AGREED), made_with("b", **other)])
    said = str(refused.value)
    assert named in said
    assert f"{value!r} for b, seeds 0-1" in said
    assert "for a, seeds 0-1" in said
