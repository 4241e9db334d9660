"""Numbers of memories, seeds together, in the table of a contest."""

import sys
from pathlib import Path

import pandas as pd

sys.path.insert(0, str(Path(__file__).parents[3]))
from benchmarks.contest_mechanism import mean_over_steps

COLUMNS = ["problem", "arm", "quantity", "value", "low", "high", "n"]


def test_a_mean_over_steps_lies_between_its_bounds() -> None:
    nan = float("nan")
    rows = [
        ("P", "rnn", "item | h", 0.5, 0.3, 0.7, 10),
        ("P", "rnn", "item | h", 1.0, nan, nan, 10),  # all seeds alike
        ("P", "gru", "item | h", 1.0, nan, nan, 10),
        ("P", "gru", "item | h", 0.75, nan, nan, 10),
    ]
    found = mean_over_steps(pd.DataFrame(rows, columns=COLUMNS))
    assert list(found["value"]) == [0.75, 0.875]
    assert list(found["low"][:1]) == [0.65]
    assert list(found["high"][:1]) == [0.85]
    assert found.loc[1, ["low", "high"]].isna().all()
