"""No result depends on how many threads libraries may use, nor on a training beside it."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from mpn_rl.sweep.stages.at_once import ONE_THREAD
from tests.artifact_bytes import artifacts

# Wide enough for products that libraries divide among threads.
WIDE = "--core gru --hidden-dim 256 --encoder-dim 128 --num-envs 32 --num-steps 4000 --delay 1"
WAYS = {
    "compiled loop": "--learner pqn --rollout-length 32",
    "replay": "--learner dqn --batch-size 64 --learning-starts 1000",
}


@pytest.mark.slow
@pytest.mark.parametrize("way", WAYS)
def test_one_thread_and_four_beside_each_other_leave_the_same_bytes(
    way: str, tmp_path: Path
) -> None:
    program = str(Path(sys.executable).with_name("mpn-rl"))
    begun = []
    for threads in ("1", "4"):
        (tmp_path / threads).mkdir()
        command = [program, "train", "--experiment-name", "a", *WIDE.split(), *WAYS[way].split()]
        given = {**os.environ, **dict.fromkeys(ONE_THREAD, threads)}
        begun.append(subprocess.Popen(command, cwd=tmp_path / threads, env=given))
    assert [process.wait(600) for process in begun] == [0, 0]
    assert artifacts(tmp_path / "1") == artifacts(tmp_path / "4") != {}
