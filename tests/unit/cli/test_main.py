"""Flags, names and refusals of the command line; what it computes is tested with learning."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from mpn_rl.artifacts.experiment import write_config
from mpn_rl.parameters.hyperparameters import FIELDS, Hyperparameters
from mpn_rl.parameters.points import resolved, run_id
from mpn_rl.sweep.cli import main
from mpn_rl.sweep.cli.commands import COMMANDS, EXAMPLES, build_parser
from mpn_rl.sweep.cli.flags import check_flags
from mpn_rl.sweep.cli.names import new_name

SLIP = """\
import gymnasium
from gymnasium import spaces
class Slip(gymnasium.Env):
    observation_space = spaces.Discrete(2)
    action_space = spaces.Discrete(2)
    def __init__(self):
        self.walls = self.maze.shape
gymnasium.register("Slip-v0", entry_point=Slip)
"""


def failure(capsys, arguments):
    """Exit code and standard error of a command that must fail."""
    with pytest.raises(SystemExit) as ended:
        main(arguments.split() if isinstance(arguments, str) else arguments)
    assert ended.value.code not in (0, None)
    return ended.value.code, capsys.readouterr().err


def parsed(*arguments):
    return build_parser().parse_args(["train", *arguments])


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ("trian", "mpn-rl: trian: unknown command; did you mean train?"),
        ("analyze plt", "mpn-rl analyze: plt: unknown command; did you mean plot?"),
        ("train --hiden-dim 3", "mpn-rl train: --hiden-dim: unknown flag; did you mean --hidden-d"),
        ("train --hiden-dim=3", "mpn-rl train: --hiden-dim: unknown flag; did you mean --hidden-d"),
        ("train --hidden 3", "mpn-rl train: --hidden: unknown flag"),
        (
            "analyze generalise --values 3,3",
            "mpn-rl analyze generalise: --values: [3, 3] is not a list of different whole numbers",
        ),
        ("train --steps 3", "mpn-rl train: --steps: unknown flag; did you mean --save-steps or"),
        ("eval a --experiment-name b", "mpn-rl: --experiment-name: a and b are two experiments"),
        ("eval nowhere", "mpn-rl: experiments/nowhere: no experiment is here"),
        ("train 3", "mpn-rl train: unexpected argument '3': each value needs its flag before it"),
        ("train --gamma 2", "mpn-rl train: --gamma: 2 is not a number in [0, 1]"),
        ("train --seed 9223372036854775808", "(the largest is 9223372036854775807)"),
        ("train --eta", "mpn-rl train: --eta: expected one argument"),
        ("train --eta nan", "mpn-rl train: --eta: nan is not a finite number"),
        ("train --eta -inf", "mpn-rl train: --eta: -inf is not a finite number"),
        ("train --core lsmt", "mpn-rl train: --core: 'lsmt' is not one of mpn, mpn-recurrent,"),
        ("train --task ../x", "mpn-rl train: --task: '../x' is not a task"),
        ("train --task DelayedMatch-v1", "did you mean DelayedMatch-v0?"),
        ("train --num-steps 8e4", "(write 80000)"),
        ("train --learn-eta maybe", "mpn-rl train: --learn-eta: 'maybe' is not true or false"),
        ("train --seed -1", "mpn-rl train: --seed: '-1' is not a whole number at least 0"),
        ("train --seed 1 --seeds 2", "mpn-rl train: --seeds: not allowed with argument --seed"),
        ("train --seeds 1 1", "mpn-rl: --seeds: 1 1 has a seed twice"),
        ("train --save-seconds -1", "mpn-rl train: --save-seconds: -1 is not a number at least 0"),
        ("train --device abacus", "mpn-rl: --device: 'abacus' is not one of"),
        ("train --lambda-decay 0.995", "mpn-rl: --lambda-decay: 0.995 cannot be learned"),
        (
            "train --experiment-name a/b",
            "mpn-rl train: --experiment-name: 'a/b' is not a valid name: use up to 80",
        ),
        ("train --experiment-name ..", "mpn-rl train: --experiment-name: '..' is not"),
        ("eval", "mpn-rl: --experiment-name is required"),
        ("eval --num-eval-episodes 0", "mpn-rl eval: --num-eval-episodes: 0 is not a whole number"),
        ("eval --checkpoint last", "mpn-rl eval: --checkpoint: 'last' is not one of final, best"),
        ("eval --experiment-name nowhere", "mpn-rl: experiments/nowhere: no experiment is here"),
        ("resume --experiment-name nowhere", "mpn-rl: experiments/nowhere: no experiment is here"),
    ],
)
def test_mistakes_give_one_line(capsys, tmp_path, monkeypatch, arguments, expected):
    monkeypatch.chdir(tmp_path)
    _, text = failure(capsys, arguments)
    assert expected in text
    assert len(text.splitlines()) == 1
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "arguments",
    [
        "init",
        "status --html",
        "check --directory",
        "choose --output",
        "render a --output",
        "export results",
        "explain",
        "prune --config",
        "condor --folder",
    ],
)
def test_an_empty_text_names_no_file(capsys, tmp_path, monkeypatch, arguments):
    monkeypatch.chdir(tmp_path)  # as of a variable that is not set: "$OUT"
    code, text = failure(capsys, [*arguments.split(), ""])
    assert code == 2
    assert text.endswith(": '' names no file or folder\n")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("task", "sentence"),
    [
        ("Pendulum-v1", "task 'Pendulum-v1' cannot be used: its action space is Box"),
        ("slips:Slip-v0", "task 'slips:Slip-v0' cannot be made: AttributeError: 'Slip' object has"),
        ("slops:Slip-v0", "task 'slops:Slip-v0': its module 'slops' cannot be imported"),
    ],
)
def test_a_task_that_is_refused_leaves_no_folder(capsys, tmp_path, monkeypatch, task, sentence):
    (tmp_path / "slips.py").write_text(SLIP)
    monkeypatch.syspath_prepend(tmp_path)
    code, said = failure(
        capsys, ["train", "--task", task, "--experiments", str(tmp_path / "experiments")]
    )
    assert code == 1
    assert said.startswith(f"mpn-rl: {sentence}")
    assert said.count("\n") == 1
    assert "slips.py, line 7" in said or "slips:" not in task
    assert not (tmp_path / "experiments").exists()


def test_every_hyperparameter_is_a_flag():
    text = {text for action in parsed().parser._actions for text in action.option_strings}
    assert {f"--{name.replace('_', '-')}" for name in FIELDS} <= text


def test_flags_are_read_as_a_config_is():
    arguments = parsed(
        "--eta",
        "-1e-3",
        "--num-steps",
        "null",
        "--no-bias",
        "--learn-eta",
        "false",
        "--previous-action",
        "--gamma=1",
        "--task",
        "null_v0:x/true",
    )
    assert arguments.eta == -0.001
    assert arguments.num_steps is None
    assert arguments.bias is False
    assert arguments.learn_eta is False
    assert arguments.previous_action is True
    assert arguments.gamma == 1.0
    assert type(arguments.gamma) is float


def test_only_flags_that_are_given_count():
    assert not FIELDS.keys() & vars(parsed()).keys()


HELP = """
import sys
from mpn_rl.sweep.cli import main
for name in sys.argv[1:]:
    try:
        main([*name.split(), "--help"])
    except SystemExit as ended:
        assert ended.code == 0, name
    heavy = {"torch", "gymnasium", "numpy", "pandas", "matplotlib"} & {*sys.modules}
    assert not heavy, (name, heavy)
"""


def test_help_is_fast_and_loads_nothing_heavy():
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", HELP, *COMMANDS],
        check=True,
        timeout=60,
        capture_output=True,
        text=True,
    )
    told = re.findall(r"^usage: mpn-rl ([a-z -]+?) \[", done.stdout, re.MULTILINE)
    assert told == [*COMMANDS]


@pytest.mark.parametrize("line", [line for lines in EXAMPLES.values() for line in lines])
def test_examples_are_commands(line):
    for command in line.partition("#")[0].split("&&"):
        arguments, rest = build_parser().parse_known_args(command.split()[1:])
        check_flags(arguments.parser, rest)


def test_a_module_in_the_current_folder_is_found(tmp_path):
    (tmp_path / "my_tasks.py").write_text("open('imported', 'w').close()\n")
    (tmp_path / "random.py").write_text("raise SystemExit('in the place of another')\n")
    command = [Path(sys.executable).with_name("mpn-rl"), "train", "--task", "my_tasks:Guess-v0"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
    assert (tmp_path / "imported").exists()
    assert "'my_tasks:Guess-v0' is neither a task" in done.stderr


def test_a_single_experiment_is_not_exported_as_a_sweep(capsys, tmp_path):
    (tmp_path / "config.json").write_text("{}")
    code, said = failure(capsys, ["export", str(tmp_path), str(tmp_path / "a.tar.gz")])
    assert (code, "is a single experiment, not the results of a sweep" in said) == (1, True)


def test_without_a_command_help_is_shown(capsys):
    with pytest.raises(SystemExit):
        main([])
    assert "train" in capsys.readouterr().out


def test_made_up_names_are_readable_and_new(tmp_path):
    names = {new_name(tmp_path) for _ in range(200)}
    assert len(names) == 200
    assert all(re.fullmatch(r"[a-z]+-[a-z]+(-\d+)?", name) for name in names)


@pytest.fixture
def experiment(tmp_path, monkeypatch):
    """A finished experiment as far as its papers go."""
    monkeypatch.chdir(tmp_path)
    directory = tmp_path / "experiments" / "owl"
    point = Hyperparameters(hidden_dim=8)
    write_config(
        directory / "config.json", run=run_id(point), hyperparameters=resolved(point), seeds=[3]
    )
    (directory / "records").mkdir()
    record = {"params": resolved(point), "seeds": [3]}
    (directory / "records" / "train.json").write_text(json.dumps(record))
    return directory


def test_finished_experiments_are_not_trained_again(capsys, experiment):
    before = sorted(experiment.rglob("*"))
    code, text = failure(capsys, "train --experiment-name owl --hidden-dim 8 --seed 3")
    assert code == 1
    assert "owl is finished; choose another name" in text
    _, text = failure(capsys, "resume --experiment-name owl")
    assert "owl is finished; --num-steps or --num-episodes extends it" in text
    _, text = failure(capsys, "resume --experiment-name owl --num-steps 5")
    assert "--num-steps: 5 is less than the 100000 asked before" in text
    assert sorted(experiment.rglob("*")) == before


def test_other_configs_under_an_old_name_are_refused(capsys, experiment):
    _, text = failure(capsys, "train --experiment-name owl --hidden-dim 9 --seed 3")
    assert "owl exists with hidden_dim: 8; choose another name" in text
    _, text = failure(capsys, "train --experiment-name owl --hidden-dim 8 --seed 4")
    assert "owl exists with seeds: [3]; choose another name" in text
    assert json.loads((experiment / "config.json").read_text())["seeds"] == [3]


def test_what_is_no_experiment_is_left_alone(capsys, experiment):
    other = experiment.parent / "other"
    other.mkdir()
    (other / "thesis.tex").write_text("x")
    _, text = failure(capsys, "train --experiment-name other")
    assert "other exists and is not an experiment" in text
    assert [path.name for path in other.iterdir()] == ["thesis.tex"]


def test_damaged_papers_are_one_message(capsys, experiment):
    (experiment / "config.json").write_text('{"run": 1')
    _, text = failure(capsys, "eval --experiment-name owl")
    assert "config.json: is damaged" in text
    (experiment / "config.json").write_text(
        '{"run": "x", "hyperparameters": {"etta": 1}, "seeds": [0]}'
    )
    _, text = failure(capsys, "eval --experiment-name owl")
    assert "config.json: etta: unknown key; did you mean eta?" in text


def test_experiments_that_are_there_are_named(capsys, experiment):
    _, text = failure(capsys, "eval --experiment-name owll")
    assert "no experiment is here; available: owl" in text
    (experiment / "records" / "train.json").unlink()
    _, text = failure(capsys, "eval --experiment-name owl")
    assert (
        "its training is not complete; resume it with `mpn-rl resume --experiment-name owl`" in text
    )


@pytest.mark.usefixtures("experiment")
def test_recordings_come_before_figures(capsys):
    _, text = failure(capsys, "analyze plot --experiment-name owl")
    assert "`mpn-rl analyze collect --experiment-name owl` records it" in text


@pytest.mark.usefixtures("experiment")
def test_rendering_asks_for_a_seed_and_a_place_that_fit(capsys):
    _, text = failure(capsys, "render --experiment-name owl --seed 7")
    assert "--seed: 7 is not a seed of the experiment; it has [3]" in text
    _, text = failure(capsys, "render --experiment-name owl --output x.mp4")
    assert "--output: x.mp4 does not end in .gif" in text
