"""What ours overrides or uses of the public executor is what we take it for.

A release of the plugin that renames one, drops a parameter or no longer calls it is noticed here,
without a pool.
"""

import ast
import inspect
from collections.abc import Iterator
from pathlib import Path
from types import CodeType, FunctionType

import pytest
from snakemake_executor_plugin_htcondor import Executor as PublicExecutor
from snakemake_executor_plugin_htcondor import ExecutorSettings as PublicSettings
from snakemake_executor_plugin_htcondor import JobState, JobStatus

from snakemake_executor_plugin_htcondor_steady import describing
from snakemake_executor_plugin_htcondor_steady import executor as module
from snakemake_executor_plugin_htcondor_steady.describing import DescribingExecutor
from snakemake_executor_plugin_htcondor_steady.executor import Executor
from tests.fixtures.htcondor_fakes import Bench, FakeQueue

# What is overridden, and with which parameters the public plugin calls it.
OVERRIDDEN = {
    "__post_init__": [],
    "run_job": ["job"],
    "_get_base_exec_and_args": ["job"],
    "_get_files_for_transfer": ["job"],
    "_add_file_if_transferable": [
        *("file_path", "transfer_list", "expand_wildcards", "job"),
        *("validate_exists", "warn_absolute", "skip_temp"),
    ],
    "_log_resource_requests": ["submit_dict"],
    "_sanitize_job_args": ["job_args"],
    "get_snakefile": [],
    "check_active_jobs": ["active_jobs"],
    "_drain_unified_log": [],
    "_report_and_resolve_job_state": ["current_job", "job_state"],
    "cancel_jobs": ["active_jobs"],
}
# What is called: parameters that we give by place, and by name.
CALLED: dict[str, tuple[list[str], set[str]]] = {
    "_cleanup_job_tracking": (["cluster_id"], set()),
    "_htcondor_status_to_job_status": (["job_status"], set()),
    "report_job_error": (["job_info"], {"msg"}),
    "report_job_submission": (["job_info"], set()),
}
# What its instances hold after `__post_init__`, and what we put in.
HELD = {
    "_event_logs": {},
    "_job_current_states": {},
    "_held_timeout": 60,
}
OWN = {
    "_ready",
    "_submit",
    "_patiently",
    "_just_submitted",
    "_find",
    "_present",
    "_finished_meanwhile",
    "_adopt",
}
GIVEN_BY_SNAKEMAKE = {"workflow", "logger", "dag"}


MEMBERS = {**vars(DescribingExecutor), **vars(Executor)}


def parameters(function: FunctionType) -> list[str]:
    return list(inspect.signature(function).parameters)[1:]


def codes(code: CodeType) -> Iterator[CodeType]:
    """A function's code and that of the functions inside."""
    yield code
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from codes(constant)


def users(name: str) -> set[str]:
    """The public executor's methods, but for `name` and `__post_init__`, that name a member."""
    return {
        method
        for method, function in vars(PublicExecutor).items()
        if isinstance(function, FunctionType) and method not in (name, "__post_init__")
        if any(name in code.co_names for code in codes(function.__code__))
    }


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path)


def test_every_method_is_known_as_an_override_or_our_own() -> None:
    mine = {name for name in MEMBERS if not name.startswith("__") and name != "_abc_impl"}
    assert mine - OWN == OVERRIDDEN.keys() - {"__post_init__"}
    assert [name for name in OWN if hasattr(PublicExecutor, name)] == []


@pytest.mark.parametrize("name", OVERRIDDEN)
def test_what_is_overridden_exists_with_the_same_parameters(name: str) -> None:
    theirs, mine = inspect.getattr_static(PublicExecutor, name), MEMBERS[name]
    assert parameters(theirs) == OVERRIDDEN[name] == parameters(mine)
    assert inspect.iscoroutinefunction(theirs) == inspect.iscoroutinefunction(mine)


@pytest.mark.parametrize(
    ("name", "caller"),
    [
        ("_get_base_exec_and_args", "_get_exec_args_and_transfer_files"),
        ("_get_files_for_transfer", "_get_exec_args_and_transfer_files"),
        ("_add_file_if_transferable", "_get_files_for_transfer"),
        ("_log_resource_requests", "run_job"),
        ("_sanitize_job_args", "_get_base_exec_and_args"),
        # what doctor stands in for, to have a description without a submission
        ("_get_exec_args_and_transfer_files", "run_job"),
        ("envvars", "run_job"),
        ("report_job_submission", "run_job"),
        ("_drain_unified_log", "check_active_jobs"),
        ("_report_and_resolve_job_state", "check_active_jobs"),
    ],
)
def test_what_is_overridden_is_called(name: str, caller: str) -> None:
    assert caller in users(name)


@pytest.mark.parametrize("name", CALLED)
def test_what_is_called_takes_what_it_is_given(name: str) -> None:
    by_place, by_name = CALLED[name]
    theirs = parameters(getattr(PublicExecutor, name))
    assert theirs[: len(by_place)] == by_place
    assert by_name <= set(theirs)


def test_what_is_held_is_there_after_the_public_init(bench: Bench, tmp_path: Path) -> None:
    assert {name: getattr(bench, name) for name in HELD} == HELD
    assert Path(bench._unified_log_file).parent == tmp_path / "jobs"
    assert (tmp_path / "jobs").is_dir()


@pytest.mark.parametrize("name", [*HELD, "_unified_log_file"])
def test_what_is_held_is_used_by_the_public_executor(name: str) -> None:
    assert users(name)


def test_what_is_forgotten_of_a_job_is_what_we_noted(bench: Bench) -> None:
    bench._event_logs[7] = []
    bench._job_current_states[7] = JobState(JobStatus.HELD)
    bench._cleanup_job_tracking(7)
    assert {name: getattr(bench, name) for name in HELD} == HELD


def test_no_other_member_is_used(bench: Bench) -> None:
    tree = ast.parse(inspect.getsource(module) + inspect.getsource(describing))
    used, kept = set(), set()
    for node in ast.walk(tree):
        if not isinstance(node, ast.Attribute):
            continue
        owner = node.value
        if isinstance(owner, ast.Call) and ast.unparse(owner) == "super()":
            used.add(node.attr)
        elif isinstance(owner, ast.Name) and owner.id == "self":
            (kept if isinstance(node.ctx, ast.Store) else used).add(node.attr)
    theirs = used - kept - OWN - GIVEN_BY_SNAKEMAKE
    assert theirs - OVERRIDDEN.keys() == CALLED.keys() | HELD.keys() | {"_unified_log_file"}
    assert [name for name in theirs if not hasattr(bench, name)] == []


def test_states_and_settings_have_the_fields_that_we_read() -> None:
    state = JobState(JobStatus.COMPLETED, exit_code=0, hold_reason=None, held_since=None)
    assert state.status == JobStatus.COMPLETED != JobStatus.HELD
    assert {"jobdir", "held_timeout"} <= set(PublicSettings.__dataclass_fields__)


@pytest.mark.parametrize("name", ["report_job_submission", "report_job_error"])
def test_what_the_fake_takes_over_is_there_to_be_taken(name: str) -> None:
    assert name in vars(Bench)
    assert parameters(getattr(PublicExecutor, name))[0] == "job_info"


def test_the_fake_schedd_has_the_methods_of_the_real_one() -> None:
    real = {name: f for name, f in vars(module.Queue).items() if inspect.isfunction(f)}
    for name in real.keys() - {"__init__", "clear_away"}:
        assert parameters(vars(FakeQueue)[name]) == parameters(real[name])
