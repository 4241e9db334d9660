"""Which edits of code run what again, on the real engine."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.fixtures.once import made_once
from tests.workflow.project import CONFIG, Project, job_counts
from tests.workflow.test_staleness import BELOW_COLLECT, EVERYTHING, GRU, MPN, PLOTS, edit

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
    """Two pieces of a file, each from its beginning to the next blank line, change places."""

    def change(project: Project) -> None:
        text = project.read(path)
        pieces = [text[text.index(start) :].partition("\n\n")[0] for start in (first, second)]
        for piece, mark in zip(pieces, ("<1>", "<2>"), strict=True):
            assert text.count(piece) == 1
            text = text.replace(piece, mark)
        text = text.replace("<1>", pieces[1]).replace("<2>", pieces[0])
        project.write(path, text)

    return change


def renamed_local(project: Project) -> None:
    """`sequence` of `integer_seed`."""
    path = "mpn_rl/learning/seeding.py"
    text = project.read(path)
    assert text.count("sequence") == 2
    project.write(path, text.replace("sequence", "spawned"))


# Edits that change no byte of any result, by what is edited.
NOTHING: dict[str, Edit] = {
    "the text of a log line of training": edit(
        "mpn_rl/resuming.py", '"seed %d: goes on from step %d"', '"seed %d continues at step %d"'
    ),
    "the text of a log line of a stage": edit(
        "mpn_rl/stages/train.py", '"found complete: another process has done it"', '"done already"'
    ),
    "the interval of progress lines": edit(
        "mpn_rl/resuming.py", "PROGRESS_SECONDS = 10.0", "PROGRESS_SECONDS = 5.0"
    ),
    "the interval of saves": edit(
        "mpn_rl/resuming.py", "save_seconds: float = 60.0", "save_seconds: float = 30.0"
    ),
    "the lease": edit("mpn_rl/artifacts/lease.py", "POLL_SECONDS = 0.5", "POLL_SECONDS = 0.4"),
    "a new property of the experiment directory": edit(
        "mpn_rl/artifacts/experiment.py",
        "    @property\n    def history(self)",
        "    @property\n    def notes(self) -> Path:\n        return self.root / 'notes.txt'\n\n"
        "    @property\n    def history(self)",
    ),
    "the path of an artefact": edit(
        "mpn_rl/artifacts/experiment.py", 'root / "training_history.json"', 'root / "history.json"'
    ),
    "the command line": edit(
        "mpn_rl/cli/train.py", 'help="seed (default 0)"', 'help="the seed (default 0)"'
    ),
    "an annotation of a return": edit(
        "mpn_rl/learning/seeding.py", "index: int = 0) -> int:", "index: int = 0) -> object:"
    ),
    "an annotation of an argument": edit(
        "mpn_rl/learning/seeding.py", "seed: int, stream: Stream, index", "seed, stream, index"
    ),
    "an annotation of a local": edit(
        "mpn_rl/learning/priorities.py", "ends = np.cumsum", "ends: np.ndarray = np.cumsum"
    ),
    "a local's name": renamed_local,
    "a local's name, in the replay": edits(
        edit("mpn_rl/learning/replay.py", "        episodes = self", "        kept = self"),
        edit(
            "mpn_rl/learning/replay.py",
            "row = np.zeros((num_envs, episodes)",
            "row = np.zeros((num_envs, kept)",
        ),
        edit(
            "mpn_rl/learning/replay.py",
            "rows = np.zeros((num_envs, episodes)",
            "rows = np.zeros((num_envs, kept)",
        ),
        edit("mpn_rl/learning/replay.py", "slots = episodes if", "slots = kept if"),
    ),
    "the order of functions": swapped(
        "mpn_rl/learning/seeding.py", "def numpy_generator", "def torch_generator"
    ),
    "the order of methods": swapped(
        "mpn_rl/networks/gru.py", "    def step(self", "    def unroll(self"
    ),
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
        "mpn_rl/learning/schedules.py", '"""How exploration falls', '"""How fast exploration falls'
    ),
    "a comment in the style file": edit(
        "mpn_rl/figures/mpn_rl.mplstyle", "lines.linewidth", "# a comment\nlines.linewidth"
    ),
}

# Edits that may change bytes, and what runs again.
RERUN: dict[str, tuple[Edit, dict[str, int]]] = {
    "a constant of the task": (
        edit("mpn_rl/tasks/delayed_match.py", "spread = 6 *", "spread = 7 *"),
        EVERYTHING,
    ),
    "a default of a core": (
        edit("mpn_rl/networks/gru.py", "bias: bool = True", "bias: bool = False"),
        GRU,
    ),
    "a formula of a core": (
        edit("mpn_rl/networks/gru.py", "lerp(candidate, state,", "lerp(state, candidate,"),
        GRU,
    ),
    "an option of the kernels": (
        edit("mpn_rl/networks/kernel_parts.py", '"contract", "arcp"', '"contract"'), MPN
    ),
    "a decorator": (
        edit("mpn_rl/networks/kernels.py", "@njit(**OPTIONS)\ndef _clear", "@njit\ndef _clear"), MPN
    ),
    "the learner": (
        edit("mpn_rl/learning/dqn.py", "RecurrentDQN(Learner):", "RecurrentDQN(Learner, object):"),
        EVERYTHING,
    ),
    "the replay": (
        edit("mpn_rl/learning/replay.py", "max(rows, 2 * (sequence", "max(rows, 3 * (sequence"),
        EVERYTHING,
    ),
    "the loss": (edit("mpn_rl/learning/targets.py", "clamp(min=1)", "clamp(min=2)"), EVERYTHING),
    "a schedule": (
        edit("mpn_rl/learning/schedules.py", "* min(1.0, steps", "* min(0.9, steps"),
        EVERYTHING,
    ),
    "the seeding": (edit("mpn_rl/learning/seeding.py", '"replay": 2', '"replay": 12'), EVERYTHING),
    "a catalogue entry": (
        edit("mpn_rl/config/catalogue.py", "mpn_rl.networks.gru:GRU", "mpn_rl.networks.gru:Other"),
        GRU,
    ),
    "the catalogue entry of the other core": (
        edit("mpn_rl/config/catalogue.py", "networks.mpn:MPN", "networks.mpn:MPNLayer"),
        MPN,
    ),
    "the catalogue entry of the task": (
        edit("mpn_rl/config/catalogue.py", "delayed_match:DelayedMatch", "delayed_match:TrialTask"),
        EVERYTHING,
    ),
    "the catalogue entry of another task": (
        edit("mpn_rl/config/catalogue.py", "t_maze:TMaze", "t_maze:VectorTask"), {}
    ),
    "config logic that training runs": (
        edit("mpn_rl/config/points.py", "name in (*first, *later)}", "name in (*later, *first)}"),
        EVERYTHING,
    ),
    "config logic that evaluation runs": (
        edit("mpn_rl/config/task_ids.py", "    return plain if plain in TASKS else task\n",
             "    return plain if plain in {*TASKS} else task\n"),
        EVALUATION,
    ),
    "a figure": (
        lambda project: project.append("mpn_rl/figures/pca_variance.py", "\nA = 1\n"),
        PLOTS,
    ),
    "what collect computes": (
        edit("mpn_rl/stages/collect.py", "COLLECTION_ENVS = 16", "COLLECTION_ENVS = 8"),
        BELOW_COLLECT,
    ),
    "a file format": (
        edit("mpn_rl/artifacts/activity.py", "FORMAT = 1", "FORMAT = 2"), BELOW_COLLECT
    ),
}  # fmt: skip


@pytest.mark.parametrize("row", NOTHING)
def test_edits_that_run_nothing_again(row: str, project: Project) -> None:
    NOTHING[row](project)
    assert project.stale() == {}


@pytest.mark.parametrize("row", RERUN)
def test_edits_that_run_what_uses_them_again(row: str, project: Project) -> None:
    change, expected = RERUN[row]
    change(project)
    assert project.stale() == expected


# ---- results that the engine knows nothing of


def files(project: Project) -> set[Path]:
    return {p.relative_to(project.folder) for p in project.folder.rglob("*")
            if "__pycache__" not in p.parts and ".snakemake" not in p.parts}  # fmt: skip


@pytest.fixture
def without_metadata(project: Project) -> Project:
    shutil.rmtree(project.folder / ".snakemake" / "metadata")
    return project


UNKNOWN: dict[str, tuple[Edit, dict[str, int]]] = {
    "nothing": (lambda _: None, {}),
    "a log text": (NOTHING["the text of a log line of training"], {}),
    "a core": RERUN["a formula of a core"],
    "the loss": RERUN["the loss"],
    "evaluation.num_episodes": (
        edit(CONFIG_FILE, "evaluation: {num_episodes: 3}", "evaluation: {num_episodes: 4}"),
        EVALUATION,
    ),
    "a value removed": (
        edit("config/config.yaml", "core: [mpn, gru]", "core: [mpn]"), {"summarise": 1},
    ),
}  # fmt: skip


@pytest.mark.parametrize("row", UNKNOWN)
def test_records_decide_where_the_engine_knows_nothing(row: str, without_metadata: Project) -> None:
    change, expected = UNKNOWN[row]
    change(without_metadata)
    before = files(without_metadata)
    assert without_metadata.stale() == expected
    assert files(without_metadata) == before


def test_only_what_is_upstream_of_a_target_runs(without_metadata: Project) -> None:
    RERUN["the loss"][0](without_metadata)
    wanted = without_metadata.files("runs/*_gru_*/seeds_0-0/evaluation.csv")[0]
    done = without_metadata.snakemake("-n", str(wanted.relative_to(without_metadata.folder)))
    assert job_counts(done) == {"train": 1, "evaluate": 1}


# ---- a sweep that mixes learners and tasks, with code reached in roundabout ways

MIXED = (
    CONFIG.replace("grid: {core: [mpn, gru]}", """points:
    - {core: gru}
    - {core: gru, learner: pqn, rollout_length: 8}
    - {core: gru, task: "own_tasks:Cue-v0"}""")
    .replace("count: 2", "count: 1")
)  # fmt: skip
OWN_TASK = '''"""A task of the user's own."""

import gymnasium
import numpy as np
import own_numbers
from gymnasium import spaces


class Cue(gymnasium.Env):
    metadata = {"render_modes": ["rgb_array"]}

    def __init__(self, render_mode=None):
        self.render_mode = render_mode
        self.action_space = spaces.Discrete(3)
        self.observation_space = spaces.Box(0, 1, (3,), np.float32)

    def observe(self):
        shown = np.zeros(3, np.float32)
        shown[self.symbol] = 1
        return shown

    def reset(self, *, seed=None, options=None):
        super().reset(seed=seed)
        self.step_number, self.symbol = 0, int(self.np_random.integers(3))
        return self.observe(), {}

    def step(self, action):
        reward = own_numbers.REWARD * float(action == self.symbol)
        self.step_number += 1
        self.symbol = int(self.np_random.integers(3))
        return self.observe(), reward, self.step_number == 5, False, {}

    def render(self):
        return np.full((30, 40, 3), 60 * self.symbol, np.uint8)


gymnasium.register(id="Cue-v0", entry_point=Cue)
'''
ROUNDABOUT = {
    "an alias": ("from mpn_rl.learning.{0} import number as n_{0}\n", "n_{0}()"),
    "a partial": (
        "import functools\nimport mpn_rl.learning.{0} as m_{0}\n"
        "p_{0} = functools.partial(m_{0}.number)\n",
        "p_{0}()",
    ),
    "a table of texts": (
        "from importlib import import_module\nT_{0} = {{'a': 'mpn_rl.learning.{0}:number'}}\n",
        "getattr(import_module(T_{0}['a'].partition(':')[0]), 'number')()",
    ),
    "a class attribute": (
        "from mpn_rl.learning import {0}\nclass C_{0}:\n    number = {0}.number\n",
        "C_{0}.number()",
    ),
}


def make_mixed(folder: Path) -> None:
    project = Project.create(folder, MIXED)
    project.write("own_tasks.py", OWN_TASK)
    project.write("own_numbers.py", "REWARD = 1.0\n")
    heads, calls = [], []
    for number, (head, call) in enumerate(ROUNDABOUT.values()):
        project.write(f"mpn_rl/learning/way_{number}.py", "def number() -> int:\n    return 0\n")
        heads.append(head.format(f"way_{number}"))
        calls.append(call.format(f"way_{number}"))
    path = "mpn_rl/learning/schedules.py"
    text = project.read(path).replace(
        "    if schedule ==", f"    start += {' + '.join(calls)}\n    if schedule =="
    )
    project.write(path, "".join(heads) + text)
    project.build()


@pytest.fixture(scope="session")
def mixed(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A complete sweep of three runs: dqn, pqn, and dqn on a task of the user's own."""
    return Project(made_once(tmp_path_factory, "mixed", make_mixed))


@pytest.fixture
def mixture(mixed: Project, tmp_path: Path) -> Project:
    return mixed.copy(tmp_path / "project")


def trained(project: Project, change: Edit) -> int:
    assert project.stale() == {}
    change(project)
    return project.stale().get("train", 0)


@pytest.mark.slow
def test_each_run_has_the_digest_of_its_own_learner(mixture: Project) -> None:
    """And a learner's edit runs the runs of that learner again."""
    records = [json.loads(p.read_bytes()) for p in mixture.files("runs/*/*/records/train.json")]
    assert len({record["code_digest"] for record in records}) == 3
    assert trained(mixture, lambda p: p.append("mpn_rl/learning/pqn.py", "\nX = 1\n")) == 1


@pytest.mark.slow
def test_the_other_learner(mixture: Project) -> None:
    assert trained(mixture, lambda p: p.append("mpn_rl/learning/dqn.py", "\nX = 1\n")) == 2


@pytest.mark.slow
@pytest.mark.parametrize("number", range(len(ROUNDABOUT)), ids=[*ROUNDABOUT])
def test_code_that_is_reached_in_a_roundabout_way(number: int, mixture: Project) -> None:
    path = f"mpn_rl/learning/way_{number}.py"
    assert trained(mixture, lambda p: p.edit(path, "return 0", "return 0 + 0")) == 3


OWN = {
    "the file of the task": (lambda p: p.edit("own_tasks.py", "== 5", "== 6"), 1),
    "what it imports from beside it": (lambda p: p.edit("own_numbers.py", "1.0", "2.0"), 1),
    "a comment in it": (lambda p: p.append("own_tasks.py", "# a comment\n"), 0),
    "another file beside it": (lambda p: p.write("own_other.py", "X = 1\n"), 0),
}


@pytest.mark.slow
@pytest.mark.parametrize("row", OWN)
def test_a_task_of_the_users_own(row: str, mixture: Project) -> None:
    change, expected = OWN[row]
    assert trained(mixture, change) == expected


# ---- what is added in the way that docs/analysis.md describes

NEW_STAGE = """
from pathlib import Path

from mpn_rl.artifacts.experiment import Experiment
from mpn_rl.provenance import recording


def lengths(directory: Path, *, run: str, code: str) -> None:
    activity, output = Experiment(directory).activity, directory / "analysis" / "lengths.csv"
    with recording(directory, "lengths", run=run, code=code, params={},
                   inputs=[activity], outputs=[output]):
        output.write_text(str(activity.stat().st_size))
"""
NEW_SCRIPT = """
from pathlib import Path

from mpn_rl.logs import stage_log
from mpn_rl.provenance.in_force import code_in_force
from mpn_rl.stages.lengths import lengths

run = snakemake.wildcards.run
with stage_log(snakemake.log[0], "lengths"):
    home = Path(snakemake.output.record).parents[1]
    lengths(home, run=run, code=code_in_force("lengths", run=run))
"""
NEW_RULE = """
rule lengths:
    input:
        activity="results/runs/{run}/seeds_{block}/analysis/activity.npz",
    output:
        lengths="results/runs/{run}/seeds_{block}/analysis/lengths.csv",
        record="results/runs/{run}/seeds_{block}/records/lengths.json",
    log:
        "results/logs/lengths/{run}_seeds_{block}.log",
    params:
        code=code_of("lengths"),
    script:
        "../scripts/lengths.py"
"""


@pytest.mark.slow
def test_a_new_analysis_runs_alone(project: Project) -> None:
    project.write("mpn_rl/stages/lengths.py", NEW_STAGE)
    project.write("workflow/scripts/lengths.py", NEW_SCRIPT)
    project.write("workflow/rules/lengths.smk", NEW_RULE)
    include = 'include: "workflow/rules/plot.smk"\n'
    project.edit("Snakefile", include, include + include.replace("plot", "lengths"))
    listed = '            "analysis/pca_projection.npz",\n'
    added = listed.replace("pca_projection.npz", "lengths.csv")
    project.edit("workflow/rules/common.smk", listed, listed + added)
    assert project.stale() == {"lengths": 4}
    project.build()
    assert project.stale() == {}
    project.append("mpn_rl/stages/lengths.py", "\nX = 1\n")
    assert project.stale() == {"lengths": 4}
