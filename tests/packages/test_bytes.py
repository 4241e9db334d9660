"""Every reader of results under atheris, which follows the branches that bytes lead into."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.unit.artifacts.test_fuzzing import READERS, whole

pytestmark = pytest.mark.packages("atheris")


@pytest.mark.parametrize("name", READERS)
def test_bytes_that_lead_into_every_branch(name: str, tmp_path: Path) -> None:
    """For ten seconds each, within 2 GB of memory."""
    (tmp_path / "corpus").mkdir()
    (tmp_path / "corpus" / "sound").write_bytes(whole(name))
    flags = ["-max_total_time=10", "-rss_limit_mb=2048", "-malloc_limit_mb=1024", "-timeout=20"]
    target = [sys.executable, "-m", "tests.unit.artifacts.fuzz_target", name]
    done = subprocess.run(
        [*target, str(tmp_path / "corpus"), *flags, f"-artifact_prefix={tmp_path}/"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
