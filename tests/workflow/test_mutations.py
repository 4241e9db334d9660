"""Every edit that changes a byte of a training changes its digest: random one-token edits.

`python -m tests.workflow.test_mutations 160` tries more of them and prints the shares.
"""

import ast
import json
import random
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.workflow.project import ROOT, Project

pytestmark = [pytest.mark.slow, pytest.mark.workflow]

COUNT, SEED, SECONDS = 30, 20260, 60
ROOMS = ("learning", "networks", "tasks", "playing")
COMPARISONS = {
    ast.Lt: "<=",
    ast.LtE: "<",
    ast.Gt: ">=",
    ast.GtE: ">",
    ast.Eq: "!=",
    ast.NotEq: "==",
}
OPERATORS = {ast.Add: "-", ast.Sub: "+", ast.Mult: "+", ast.Div: "*"}
# A training of a few seconds at most, whose loops all go round twice.
SAMPLE = """
import hashlib, io, json, sys, torch
torch.set_num_threads(1)
from dataclasses import asdict
from mpn_rl.parameters.hyperparameters import Hyperparameters
from mpn_rl.learning.training import SeedTraining
from mpn_rl.sweep.ledger import stage_digest
hp = Hyperparameters(delay=2, encoder_dim=8, hidden_dim=8, num_steps=1600, num_envs=4, batch_size=8,
                     buffer_size=600, learning_starts=100, update_period=16, epsilon_decay=800,
                     validation_period=400, validation_episodes=40)
print(stage_digest("train", hp))
result = SeedTraining(hp, 0).run(lambda: None)
digest = hashlib.sha256(json.dumps(asdict(result.history)).encode())
for weights in (result.best, result.final):
    for name, value in weights.items():
        digest.update(name.encode() + value.numpy().tobytes())
print(digest.hexdigest(), result.failure)
"""
DIGEST = """
from mpn_rl.parameters.hyperparameters import Hyperparameters
from mpn_rl.sweep.ledger import stage_digest
print(stage_digest("train", Hyperparameters()))
"""


def places(text: str) -> Iterator[tuple[ast.AST, str]]:
    """(node, what it is replaced by) for each one-token edit of a source."""
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Constant) and type(node.value) in (int, float):
            yield node, repr(node.value + 1)
        elif isinstance(node, ast.Compare) and type(node.ops[0]) in COMPARISONS:
            left, right = (
                ast.get_source_segment(text, n) for n in (node.left, node.comparators[0])
            )
            if len(node.ops) == 1:
                yield node, f"({left}) {COMPARISONS[type(node.ops[0])]} ({right})"
        elif isinstance(node, ast.BinOp) and type(node.op) in OPERATORS:
            left, right = (ast.get_source_segment(text, n) for n in (node.left, node.right))
            yield node, f"({left}) {OPERATORS[type(node.op)]} ({right})"
        elif isinstance(node, ast.If):
            yield node.test, f"not ({ast.get_source_segment(text, node.test)})"
        elif isinstance(node, ast.Expr) and isinstance(node.value, ast.Call):
            yield node, "pass"


def mutations(count: int) -> list[tuple[str, int, str]]:
    """(file, number of its place, what it is) of `count` edits, drawn from one seed."""
    found = []
    for room in ROOMS:
        paths = sorted((ROOT / "mpn_rl" / room).glob("*.py"))
        assert paths, f"no module of {room} is there"
        for path in paths:
            edits = list(places(path.read_text()))
            name = str(path.relative_to(ROOT))
            found += [(name, i, f"{name}:{e[0].lineno}: {e[1]}") for i, e in enumerate(edits)]
    return random.Random(SEED).sample(found, count)


def mutated(text: str, number: int) -> str:
    node, replacement = list(places(text))[number]
    lines = text.encode().splitlines(keepends=True)
    start = sum(map(len, lines[: node.lineno - 1])) + node.col_offset
    end = sum(map(len, lines[: node.end_lineno - 1])) + node.end_col_offset
    data = text.encode()
    return (data[:start] + replacement.encode() + data[end:]).decode()


def run(project: Project, program: str) -> list[str]:
    """The lines that a program prints with the project's code; what it fails with counts too."""
    try:
        done = subprocess.run(
            [sys.executable, "-W", "ignore", "-c", program],
            cwd=project.folder,
            env={
                "PYTHONPATH": str(project.folder),
                "OMP_NUM_THREADS": "1",
                "HOME": str(project.folder),
                "PATH": "/usr/bin:/bin",
            },
            capture_output=True,
            text=True,
            timeout=SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return ["", "not done in time"]
    lines = done.stdout.splitlines()
    return lines if done.returncode == 0 else [*lines[:1], f"fails: {done.stderr[-200:]}"]


def tried(count: int, folder: Path) -> list[dict[str, object]]:
    """For each edit: whether the digest and the sample's bytes changed."""
    project = Project.create(folder / "project")
    digest, sample = run(project, SAMPLE)
    found = []
    for name, number, told in mutations(count):
        before = project.read(name)
        project.write(name, mutated(before, number))
        lines = run(project, SAMPLE)
        now = lines[0] if lines and lines[0] else "".join(run(project, DIGEST))
        found.append({"edit": told, "stale": now != digest, "differs": lines[-1] != sample})
        project.write(name, before)
    return found


def test_what_changes_a_byte_is_stale(tmp_path: Path) -> None:
    found = tried(COUNT, tmp_path)
    assert [edit for edit in found if edit["differs"] and not edit["stale"]] == []
    assert any(edit["differs"] for edit in found)


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as place:
        outcome = tried(int(sys.argv[1]), Path(place))
    stale = sum(bool(edit["stale"]) for edit in outcome)
    differs = sum(bool(edit["differs"]) for edit in outcome)
    missed = [edit for edit in outcome if edit["differs"] and not edit["stale"]]
    print(json.dumps({"edits": len(outcome), "stale": stale, "differ": differs, "missed": missed}))
