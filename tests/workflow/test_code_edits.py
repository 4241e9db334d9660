"""Which edits of code run what again: by their digests, and on the real engine."""

import re
from collections.abc import Callable

import pytest

from tests.workflow.predicted import Edited, assert_nothing_is_stale
from tests.workflow.project import Project
from tests.workflow.test_staleness import (
    BELOW_COLLECT,
    EVERYTHING,
    GRU,
    MPN,
    OF_THE_TASK,
    PLOTS,
    edit,
)

pytestmark = [pytest.mark.workflow]

Edit = Callable[[Project], None]
CONFIG_FILE = "config/config.yaml"
EVALUATION = {"evaluate": 4, "summarise": 1}


def edits(*changes: Edit) -> Edit:
    def change(project: Project) -> None:
        for each in changes:
            each(project)

    return change


def swapped(path: str, first: str, second: str) -> Edit:
    """Two pieces of a file, each with all that is indented below its beginning, change places."""

    def change(project: Project) -> None:
        text = project.read(path)
        pieces = []
        for start in (first, second):
            deeper = len(start) - len(start.lstrip()) + 1
            rest = text[text.index(start) :]
            pieces.append(
                re.split(rf"\n+(?=\n {{0,{deeper - 1}}}\S)", rest, maxsplit=1)[0].rstrip()
            )
        for piece, mark in zip(pieces, ("<1>", "<2>"), strict=True):
            assert text.count(piece) == 1
            text = text.replace(piece, mark)
        text = text.replace("<1>", pieces[1]).replace("<2>", pieces[0])
        project.write(path, text)

    return change


def renamed_local(project: Project) -> None:
    """`sequence` of `integer_seed`."""
    path = "mpn_rl/playing/seeding.py"
    text = project.read(path)
    assert text.count("sequence") == 2
    project.write(path, text.replace("sequence", "spawned"))


# Edits that change no byte of any result, by what is edited.
NOTHING: dict[str, Edit] = {
    "the text of a log line of training": edit(
        "mpn_rl/sweep/stages/resuming.py",
        '"seed %d: continues from step %d"',
        '"seed %d continues at step %d"',
    ),
    "the text of a log line of a stage": edit(
        "mpn_rl/sweep/stages/resuming.py",
        '"found complete: another process has done it"',
        '"done already"',
    ),
    "the interval of progress lines": edit(
        "mpn_rl/sweep/stages/resuming.py", "PROGRESS_SECONDS = 10.0", "PROGRESS_SECONDS = 5.0"
    ),
    "the interval of saves": edit(
        "mpn_rl/sweep/stages/resuming.py",
        "save_seconds: float = 60.0",
        "save_seconds: float = 30.0",
    ),
    "the lease": edit("mpn_rl/sweep/ledger/lease.py", "POLL_SECONDS = 0.5", "POLL_SECONDS = 0.4"),
    "a new function of the experiment directory": edit(
        "mpn_rl/artifacts/experiment.py",
        "def read_config(",
        "def notes(home: Path) -> Path:\n    return home / 'notes.txt'\n\n\ndef read_config(",
    ),
    "the path of a work folder": edit("mpn_rl/sweep/undeclared.py", '(".work", *', '(".works", *'),
    "the command line": edit(
        "mpn_rl/sweep/cli/train.py", 'help="seed (default 0)"', 'help="the seed (default 0)"'
    ),
    "an annotation of a return": edit(
        "mpn_rl/playing/seeding.py", "index: int = 0) -> int:", "index: int = 0) -> object:"
    ),
    "an annotation of an argument": edit(
        "mpn_rl/playing/seeding.py", "seed: int, stream: Stream, index", "seed, stream, index"
    ),
    "an annotation of a local": edit(
        "mpn_rl/learning/priorities.py", "ends = np.cumsum", "ends: np.ndarray = np.cumsum"
    ),
    "a local's name": renamed_local,
    "a local's name, in the replay": edits(
        edit(
            "mpn_rl/learning/replay.py", "        windows = self.rows", "        spans = self.rows"
        ),
        edit(
            "mpn_rl/learning/replay.py", "(windows, *self.state_shape", "(spans, *self.state_shape"
        ),
        edit(
            "mpn_rl/learning/replay.py",
            "slots = self.episodes if self.sequence_length is None else windows",
            "slots = self.episodes if self.sequence_length is None else spans",
        ),
    ),
    "the order of functions": swapped(
        "mpn_rl/playing/seeding.py", "def numpy_generator", "def torch_generator"
    ),
    "the order of methods": swapped("mpn_rl/networks/gru.py", "    def step(", "    def advance("),
    "the order of imports": edit(
        "mpn_rl/networks/gru.py",
        "import torch\nfrom torch import Tensor, nn\n",
        "from torch import nn, Tensor\nimport torch\n",
    ),
    "an import for type checkers": edit(
        "mpn_rl/networks/__init__.py",
        "    import torch\n",
        "    import decimal\n    import torch\n",
    ),
    "a docstring": edit(
        "mpn_rl/learning/schedules.py", '"""What changes while', '"""All that changes while'
    ),
    "a comment in the style file": edit(
        "mpn_rl/figures/mpn_rl.mplstyle", "lines.linewidth", "# a comment\nlines.linewidth"
    ),
}

# Edits that may change bytes, and what runs again.
RERUN: dict[str, tuple[Edit, dict[str, int]]] = {
    "a constant of the task": (
        edit("mpn_rl/tasks/decision.py", "[1 + 6 *", "[1 + 7 *"),
        OF_THE_TASK,
    ),
    "an argument in a core": (
        edit("mpn_rl/networks/gru.py", "bias=parameters.bias", "bias=not parameters.bias"),
        GRU,
    ),
    "a formula of a core": (
        edit("mpn_rl/networks/gru.py", "lerp(candidate, state,", "lerp(state, candidate,"),
        GRU,
    ),
    "an option of all kernels": (
        edit("mpn_rl/compiled/compiling.py", '"contract", "arcp"', '"contract"'),
        EVERYTHING,
    ),
    "a kernel of the recurrent cores": (
        edit(
            "mpn_rl/compiled/cells.py",
            "@njit(**INSIDE)\ndef _gru_step",
            "@njit\ndef _gru_step",
        ),
        GRU,
    ),
    "the compiled loop of a learner that no run has": (
        edit("mpn_rl/compiled/pqn.py", "@njit(**ONCE)\ndef store", "@njit\ndef store"),
        {},
    ),
    "a decorator": (
        edit("mpn_rl/compiled/plasticity.py", "@njit(**ONCE)\ndef clear", "@njit\ndef clear"),
        MPN,
    ),
    "the learner": (
        edit("mpn_rl/learning/dqn.py", "RecurrentDQN(Learner):", "RecurrentDQN(Learner, object):"),
        EVERYTHING,
    ),
    "the replay": (
        edit("mpn_rl/learning/replay.py", "max(rows, 2 * (self", "max(rows, 3 * (self"),
        EVERYTHING,
    ),
    "the loss": (edit("mpn_rl/learning/targets.py", "clamp(min=1)", "clamp(min=2)"), EVERYTHING),
    "a schedule": (
        edit("mpn_rl/learning/schedules.py", "* min(1.0, steps", "* min(0.9, steps"),
        EVERYTHING,
    ),
    "what stands for null": (
        edit(
            "mpn_rl/parameters/recipe.py", '"learning_rate_power": 1.0', '"learning_rate_power": 2'
        ),
        EVERYTHING,
    ),
    "the seeding": (
        edit(
            "mpn_rl/playing/seeding.py",
            '    "exploration",\n    "replay",',
            '    "replay",\n    "exploration",',
        ),
        OF_THE_TASK,
    ),
    "a catalogue entry": (
        edit(
            "mpn_rl/parameters/catalogue.py", "mpn_rl.networks.gru:GRU", "mpn_rl.networks.gru:Other"
        ),
        GRU,
    ),
    "the catalogue entry of the other core": (
        edit("mpn_rl/parameters/catalogue.py", "networks.mpn:MPN", "networks.mpn:MPNLayer"),
        MPN,
    ),
    "the catalogue entry of the task": (
        edit(
            "mpn_rl/parameters/catalogue.py",
            "delayed_match:DelayedMatch",
            "delayed_match:TrialTask",
        ),
        OF_THE_TASK,
    ),
    "the catalogue entry of another task": (
        edit("mpn_rl/parameters/catalogue.py", "t_maze:TMaze", "t_maze:VectorTask"),
        {},
    ),
    "config logic that training runs": (
        edit(
            "mpn_rl/parameters/points.py", "name in (*first, *later)}", "name in (*later, *first)}"
        ),
        EVERYTHING,
    ),
    "how baselines play": (
        edit("mpn_rl/playing/baselines.py", "EPISODES, ENVS = 1_000", "EPISODES, ENVS = 1_001"),
        {"baselines": 1, "summarise": 1},
    ),
    "a figure": (
        lambda project: project.append("mpn_rl/figures/pca_variance.py", "\nA = 1\n"),
        PLOTS,
    ),
    "what collect computes": (
        edit("mpn_rl/sweep/stages/collect.py", "recording_envs(num", "recording_envs(1 + num"),
        BELOW_COLLECT,
    ),
    "a file format": (
        edit("mpn_rl/artifacts/activity.py", "FORMAT = 2", "FORMAT = 3"),
        BELOW_COLLECT,
    ),
}


# The catalogue is read as it was when the process began, a style file where it lies.
ON_DISK = {"a comment in the style file", *(name for name in RERUN if "catalogue" in name)}
EDITS = {**{name: (change, {}) for name, change in NOTHING.items()}, **RERUN}


@pytest.mark.parametrize("row", [name for name in EDITS if name not in ON_DISK])
def test_what_digests_say(row: str) -> None:
    change, expected = EDITS[row]
    edited = Edited()
    change(edited)
    assert edited.stale() == expected


def test_edits_that_run_nothing_again(project: Project) -> None:
    assert_nothing_is_stale(
        project, {name: change for name, (change, jobs) in EDITS.items() if not jobs}
    )


@pytest.mark.slow
@pytest.mark.parametrize("row", [name for name, (_, jobs) in EDITS.items() if jobs])
def test_edits_that_run_what_uses_them_again(row: str, project: Project) -> None:
    change, expected = RERUN[row]
    change(project)
    assert project.stale() == expected
