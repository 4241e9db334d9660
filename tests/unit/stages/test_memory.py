"""What this process may still take, by hand-made /proc and /sys of both control group versions."""

import resource
from pathlib import Path

import pytest

from mpn_rl.sweep.stages.memory import Bound, bounds, in_words

GB = 10**9
FILES = {
    "proc/meminfo": "MemTotal: 16000000 kB\nMemFree: 1 kB\nMemAvailable: 9000000 kB\n",
    "proc/self/status": "Name: python\nVmSize: 3000000 kB\nVmRSS: 500000 kB\nVmData: 700000 kB\n",
}
V2 = {
    "proc/self/cgroup": "0::/user/job\n",
    "sys/fs/cgroup/user/memory.max": "max\n",
    "sys/fs/cgroup/user/job/memory.max": "4000000000\n",
    "sys/fs/cgroup/user/job/memory.current": "3000000000\n",
    "sys/fs/cgroup/user/job/memory.stat": "anon 900\ninactive_file 1000000000\n",
}
# Of version 1, as containers see it: the path is the host's, and the limit lies at the mount.
V1 = {
    "proc/self/cgroup": "4:memory:/docker/0815\n3:cpu,cpuacct:/docker/0815\n0::/\n",
    "sys/fs/cgroup/memory/memory.limit_in_bytes": "2000000000\n",
    "sys/fs/cgroup/memory/memory.usage_in_bytes": "1500000000\n",
    "sys/fs/cgroup/memory/memory.stat": "cache 5\ntotal_inactive_file 250000000\n",
}
UNLIMITED = resource.RLIM_INFINITY


def found(
    folder: Path, files: dict[str, str], monkeypatch: pytest.MonkeyPatch, limit: int = UNLIMITED
) -> list[Bound]:
    for name, text in {**FILES, **files}.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    limits = {resource.RLIMIT_AS: limit, resource.RLIMIT_DATA: UNLIMITED}
    monkeypatch.setattr(resource, "getrlimit", lambda kind: (limits[kind], limits[kind]))
    return bounds(folder)


def test_the_machine_bounds_and_what_it_can_free_is_free(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (machine,) = found(tmp_path, {}, monkeypatch)
    assert "16.4 GB" in machine.name
    # 16,000,000 kB less the 500,000 kB that this process has; MemAvailable
    assert (machine.most, machine.free) == (15_500_000 * 1024, 9_000_000 * 1024)


@pytest.mark.parametrize(
    ("files", "most", "free"),
    [
        (V2, 4 * GB - 500_000 * 1024, 4 * GB - (3 * GB - 1 * GB)),
        (V1, 2 * GB - 500_000 * 1024, 2 * GB - (1_500_000_000 - 250_000_000)),
    ],
)
def test_control_groups_bound(
    files: dict[str, str], most: int, free: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, group = found(tmp_path, files, monkeypatch)
    assert (group.most, group.free) == (most, free)
    assert "control group" in group.name


def test_the_limit_on_addresses_bounds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _, limit = found(tmp_path, {}, monkeypatch, limit=4 * GB)
    assert limit.most == limit.free == 4 * GB - 3_000_000 * 1024
    assert "ulimit -v" in limit.name


def test_a_machine_without_proc_bounds_too(tmp_path: Path) -> None:
    machine = bounds(tmp_path)[0]
    assert machine.most == machine.free > 0


def test_bytes_in_words() -> None:
    assert [in_words(n) for n in (1_500, 2_000_000, 22_940_000_000)] == [
        "1.5 kB",
        "2.0 MB",
        "22.9 GB",
    ]
