"""Code digests: what changes them and what does not."""

import ast
import subprocess
import sys

import pytest

import mpn_rl
from mpn_rl.errors import UserError
from mpn_rl.parameters.catalogue import TASKS
from mpn_rl.parameters.first_defaults import FIRST_DEFAULTS, LATER
from mpn_rl.parameters.hyperparameters import Hyperparameters
from mpn_rl.parameters.points import read_point
from mpn_rl.sweep.ledger import digest_parts, stage_digest
from mpn_rl.sweep.ledger.code.digests import Named, code_digest, function_digests, parts_of
from mpn_rl.sweep.ledger.code.sources import SHELL_ROOMS, Sources
from mpn_rl.sweep.ledger.code.syntax import normalised
from mpn_rl.tree import ROOT

FIRST = read_point({**FIRST_DEFAULTS, **LATER})  # leaves nothing to the recipe
RECIPE = "mpn_rl.parameters.recipe"
FILES = {
    "mpn_rl/__init__.py": '__version__ = "1"\n_LAZY = {"Net": "mpn_rl.networks.net"}\n',
    "mpn_rl/sweep/config/__init__.py": "from mpn_rl import secret\n",
    "mpn_rl/secret.py": "",
    "mpn_rl/sweep/stages/__init__.py": "",
    "mpn_rl/sweep/stages/train.py": (
        "from typing import TYPE_CHECKING\n"
        "from mpn_rl.sweep.config import x\n"
        "from ...learning import replay\n"
        "if TYPE_CHECKING:\n"
        "    from mpn_rl import only_for_types\n"
        "def train():\n"
        "    from mpn_rl.networks.net import Net\n"
        "    import mpn_rl.late.inner as inner\n"
    ),
    "mpn_rl/only_for_types.py": "",
    "mpn_rl/learning/__init__.py": "",
    "mpn_rl/learning/replay.py": "from . import targets\nfrom .missing import a\n",
    "mpn_rl/learning/targets.py": "def f(x):\n    return x + 1\n",
    "mpn_rl/late/__init__.py": "",
    "mpn_rl/late/inner.py": "",
    "mpn_rl/networks/__init__.py": "",
    "mpn_rl/networks/net.py": "",
    "mpn_rl/networks/mpn.py": "from mpn_rl.networks import maths\n",
    "mpn_rl/networks/gru.py": "",
    "mpn_rl/networks/maths.py": "",
    "mpn_rl/tasks/__init__.py": "",
    "mpn_rl/tasks/delayed_match.py": "",
    "mpn_rl/figures/__init__.py": "",
    "mpn_rl/figures/style.py": 'STYLE = Path(__file__).with_name("look.mplstyle")\n',
    "mpn_rl/figures/look.mplstyle": "font.size: 8\n",
}


@pytest.fixture
def project(tmp_path):
    for name, text in FILES.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return tmp_path


def parts(project, names=(), **named):
    return parts_of(Sources(project), ["mpn_rl.sweep.stages.train", *names], Named(**named))


def test_closure_follows_every_kind_of_import(project):
    assert set(parts(project)) == {
        "mpn_rl",
        "mpn_rl.sweep.stages",
        "mpn_rl.sweep.stages.train",
        "mpn_rl.learning",
        "mpn_rl.learning.replay",
        "mpn_rl.learning.targets",
        "mpn_rl.late",
        "mpn_rl.late.inner",
        "mpn_rl.networks",
        "mpn_rl.networks.net",
    }


def test_only_the_core_and_task_that_are_named_count(project):
    plain = set(parts(project))
    assert set(parts(project, core="gru", task="CartPole-v1")) - plain == {
        "mpn_rl.networks.gru",
        "catalogue: core gru",
    }
    # tasks are not reached by this stage, so that the task's module is not either
    assert set(parts(project, core="mpn", task="DelayedMatch-v0")) - plain == {
        "mpn_rl.networks.mpn",
        "mpn_rl.networks.maths",
        "catalogue: core mpn",
    }


def test_data_files_that_a_module_names_count(project):
    before = parts(project, ["mpn_rl.figures.style"])
    assert "look.mplstyle" in before
    (project / "mpn_rl/figures/look.mplstyle").write_text("font.size: 9\n")
    after = parts(project, ["mpn_rl.figures.style"])
    assert {name for name in before if before[name] != after[name]} == {"look.mplstyle"}
    assert code_digest(before) != code_digest(after)


MEANINGLESS = {
    "comment": ("mpn_rl/learning/targets.py", "# why\ndef f(x):\n    return x + 1  # one\n"),
    "docstring": (
        "mpn_rl/learning/targets.py",
        '"""A."""\ndef f(x):\n    """B."""\n    return x+1',
    ),
    "formatting": (
        "mpn_rl/learning/targets.py",
        "def f(\n    x,\n):\n    return (\n        x + 1)\n",
    ),
    "version": ("mpn_rl/__init__.py", FILES["mpn_rl/__init__.py"].replace('"1"', '"2"')),
    "a lazy name": ("mpn_rl/__init__.py", FILES["mpn_rl/__init__.py"].replace("}", ', "A": "b"}')),
    "type checking": ("mpn_rl/only_for_types.py", "x = 1\n"),
    "what only reads YAML": ("mpn_rl/sweep/config/__init__.py", "y = 1\n"),
    "what only reports": ("mpn_rl/logs.py", "y = 1\n"),
    "another module": ("mpn_rl/tasks/new.py", "x = 1\n"),
    "another core": ("mpn_rl/networks/gru.py", "x = 1\n"),
}


@pytest.mark.parametrize("name", MEANINGLESS)
def test_changes_that_change_no_digest(project, name):
    before = parts(project, core="mpn")
    path, text = MEANINGLESS[name]
    (project / path).write_text(text)
    assert parts(project, core="mpn") == before


MEANINGFUL = {
    "a constant": ("mpn_rl/learning/targets.py", "def f(x):\n    return x + 2\n"),
    "its type": ("mpn_rl/learning/targets.py", "def f(x):\n    return x + 1.0\n"),
    "a string": ("mpn_rl/learning/targets.py", "def f(x):\n    return x + '1'\n"),
    "an order": ("mpn_rl/learning/targets.py", "def f(x):\n    return 1 + x\n"),
    "a default": ("mpn_rl/learning/targets.py", "def f(x=1):\n    return x + 1\n"),
    "a decorator": ("mpn_rl/learning/targets.py", "@g\ndef f(x):\n    return x + 1\n"),
    "a package": ("mpn_rl/learning/__init__.py", "x = 1\n"),
    "late": ("mpn_rl/late/inner.py", "x = 1\n"),
    "lazy": ("mpn_rl/networks/net.py", "x = 1\n"),
    "core": ("mpn_rl/networks/maths.py", "x = 1\n"),
    "config logic that runs": ("mpn_rl/sweep/config/__init__.py", "x = 1\n"),
}


@pytest.mark.parametrize("name", MEANINGFUL)
def test_changes_that_change_the_digest(project, name):
    before = code_digest(parts(project, core="mpn"))
    path, text = MEANINGFUL[name]
    (project / path).write_text(text)
    assert code_digest(parts(project, core="mpn")) != before


def test_slices_and_calls_are_told_apart():
    texts = ["x[1:]", "x[:1]", "f(a, b=1)", "f(a, 1)", "{**a}", "{a: 1}", "a if b else c", "None"]
    assert len({normalised(ast.parse(text)) for text in texts}) == len(texts)


def test_broken_python_is_one_message_with_file_and_line(project):
    (project / "mpn_rl/learning/targets.py").write_text("x = 1\ndef f(:\n")
    with pytest.raises(UserError, match=r"targets\.py, line 2"):
        parts(project)


def test_functions_have_digests_of_their_own(tmp_path):
    path = tmp_path / "module.py"
    path.write_text("A = 1\ndef f():\n    return 1\nclass C:\n    b = 2\n    def g(self): ...\n")
    before = function_digests(ast.parse(path.read_text()))
    assert set(before) == {"<module>", "f", "C", "C.g"}
    path.write_text("A = 1\ndef f():\n    return 2\nclass C:\n    b = 3\n    def g(self): ...\n")
    after = function_digests(ast.parse(path.read_text()))
    assert {name for name in before if before[name] != after[name]} == {"f", "C"}


def test_no_module_of_the_package_imports_a_name_that_is_loaded_late():
    """Which the digest would not follow: it is for the users of the package."""
    for path in (ROOT / "mpn_rl").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_bytes())):
            if isinstance(node, ast.ImportFrom) and node.module == "mpn_rl":
                assert not {alias.name for alias in node.names} & mpn_rl._LAZY.keys(), path


def test_the_real_stages():
    own = digest_parts("train", FIRST)
    assert {"mpn_rl.networks.mpn", "mpn_rl.tasks.delayed_match"} <= own.keys()
    assert not {"mpn_rl.networks.gru", "mpn_rl.tasks.context_decision"} & own.keys()
    assert not SHELL_ROOMS & {name.split(".")[1] for name in own if name.startswith("mpn_rl.")} - {
        "artifacts"
    }
    assert {name for name in own if "artifacts" in name} == {
        f"mpn_rl.artifacts.{name} FORMAT" for name in ("checkpoint", "experiment", "history")
    }
    assert "mpn_rl.parameters.points:resolved" in own
    assert not [name for name in own if "hyperparameters" in name or "catalogue:C" in name]
    other = digest_parts("train", read_point({**FIRST_DEFAULTS, **LATER, "learner": "pqn"}))
    assert set(own) - set(other) == {
        "mpn_rl.learning.dqn",
        "mpn_rl.learning.exploration",
        "mpn_rl.learning.compiled_replay",
        "mpn_rl.compiled.double_q",
        "catalogue: learner dqn",
    }
    compiled = {
        *(f"mpn_rl.learning.{name}" for name in ("compiled", "compiled_memory", "torch_random")),
        *("mpn_rl.compiled.pqn", "mpn_rl.compiled.rewards", "mpn_rl.compiled.trials"),
        *("mpn_rl.learning.chunks", "mpn_rl.learning.stepped", "mpn_rl.compiled.stepped"),
        *("mpn_rl.tasks.bank", "mpn_rl.tasks.trial_bank"),
        "catalogue: compiled task DelayedMatch-v0",
    }
    learner = {"mpn_rl.learning.pqn", "catalogue: learner pqn"}
    assert set(other) - set(own) == learner | compiled
    assert "mpn_rl.learning.dqn" not in digest_parts("evaluate", Hyperparameters())
    assert stage_digest("train", Hyperparameters(core="gru")) != stage_digest(
        "train", Hyperparameters()
    )
    assert digest_parts("summarise", Hyperparameters()) == digest_parts("summarise")
    assert digest_parts("baselines", Hyperparameters()) == digest_parts(
        "baselines", Hyperparameters(core="gru", learner="pqn")
    )
    with pytest.raises(ValueError, match="trian"):
        stage_digest("trian")


def test_the_recipe_counts_for_the_training_of_runs_that_leave_something_to_it():
    named = digest_parts("train", FIRST)
    left = digest_parts("train", read_point({**FIRST_DEFAULTS, **LATER, "num_envs": None}))
    own = set(left) - set(named)
    assert {f"{RECIPE}:filled_in", f"{RECIPE}:_OF_LEARNER", f"{RECIPE}:_FEWEST_STEPS"} <= own
    assert all(name.startswith(RECIPE) for name in own)
    assert not set(named) - set(left)
    assert {name for name in named if name.startswith(RECIPE)} == {f"{RECIPE}:quick"}
    for stage in ("evaluate", "analyse", "baselines"):
        assert not [n for n in digest_parts(stage, Hyperparameters()) if n.startswith(RECIPE)]


def test_a_learner_that_is_not_named_is_that_of_the_task():
    """So a change of the other's code is none of this run."""
    pqn = set(digest_parts("train", Hyperparameters()))
    dqn = set(digest_parts("train", Hyperparameters(task="Acrobot-v1")))
    named = set(digest_parts("train", Hyperparameters(task="Acrobot-v1", learner="dqn")))
    assert "mpn_rl.learning.pqn" in pqn - dqn
    assert "mpn_rl.learning.dqn" in dqn - pqn
    assert dqn == named


@pytest.mark.parametrize("learner", ["dqn", "pqn"])
def test_a_core_reaches_its_own_kernels_alone(learner):
    def kernels_of(core):
        parts = digest_parts("train", Hyperparameters(core=core, learner=learner))
        return {name.rpartition(".")[2] for name in parts if ".compiled." in name}

    plastic, recurrent = {"plasticity", "mpn"}, {"cells", "recurrent"}
    assert kernels_of("mpn") >= {"plasticity"}
    assert kernels_of("mpn-recurrent") >= {"plasticity", "mpn_recurrent"}
    assert "mpn_recurrent" not in kernels_of("mpn")
    assert not (kernels_of("mpn") | kernels_of("mpn-recurrent")) & recurrent
    assert kernels_of("gru") & (plastic | recurrent) == recurrent
    assert not kernels_of("mpn-frozen") & (plastic | recurrent)


@pytest.mark.parametrize("task", ["TMaze-v0", "CartPole-v1", "DelayedMatch-v0"])
def test_a_task_reaches_its_own_compiled_form_alone(task):
    parts = digest_parts("train", Hyperparameters(task=task, learner="pqn"))
    forms = {"mpn_rl.compiled.t_maze", "mpn_rl.compiled.cartpole", "mpn_rl.compiled.trials"}
    assert len(forms & parts.keys()) == 1
    assert f"catalogue: compiled task {task}" in parts


@pytest.mark.parametrize("task", TASKS)
def test_every_task_of_the_catalogue_is_in_its_digest(task):
    module = TASKS[task].target.partition(":")[0]
    assert module in digest_parts("train", Hyperparameters(task=task))


def test_digests_import_nothing_of_what_they_read():
    program = (
        "import sys; from mpn_rl.parameters.hyperparameters import Hyperparameters;"
        "from mpn_rl.sweep.ledger import stage_digest; stage_digest('train', Hyperparameters());"
        "import mpn_rl.sweep.config.sweep;"
        "assert not {'torch', 'gymnasium', 'pandas', 'numpy', 'sklearn'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-W", "error", "-c", program], check=True, timeout=240)
