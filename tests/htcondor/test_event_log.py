"""The event log vanishes, shrinks, is damaged or cannot be written while jobs run."""

from pathlib import Path

import pytest

from tests.htcondor.conftest import Sweep

pytestmark = [pytest.mark.htcondor]

GARBAGE = b"\0\xff garbage\n...\n005 (99\n...\n"


def event_log(sweep: Sweep) -> Path:
    (log,) = sweep.folder.glob(".condor_logs/*/snakemake-rules.log")
    return log


@pytest.mark.parametrize("fault", ["deleted", "emptied", "halved"])
def test_the_log_is_lost_while_jobs_run(sweep: Sweep, fault: str) -> None:
    sweep.pause_at(3)
    driver = sweep.start()
    sweep.wait_for_step(3)
    log = event_log(sweep)
    if fault == "deleted":
        log.unlink()
    else:
        content = log.read_bytes()
        log.write_bytes(content[: len(content) // 2] if fault == "halved" else b"")
    sweep.go_on()
    out = sweep.finish(driver)
    assert driver.returncode == 0, out
    assert "asked of the schedd" in out
    assert sweep.processes() == 3
    sweep.assert_whole()


def test_a_damaged_log_costs_what_is_damaged(sweep: Sweep) -> None:
    sweep.pause_at(3)
    driver = sweep.start()
    sweep.wait_for_step(3)
    with event_log(sweep).open("ab") as file:
        file.write(GARBAGE)
    sweep.go_on()
    out = sweep.finish(driver)
    assert driver.returncode == 0, out
    assert "is no event" in out
    assert sweep.processes() == 3
    sweep.assert_whole()


def test_a_log_that_is_damaged_while_no_driver_lives(sweep: Sweep) -> None:
    sweep.pause_at(3)
    driver = sweep.start()
    sweep.wait_for_step(3)
    sweep.lose(driver)
    with event_log(sweep).open("ab") as file:
        file.write(GARBAGE)
    sweep.finish(sweep.start("--unlock"))
    again = sweep.start()
    sweep.wait_until_said("not submitted again", 3)
    sweep.go_on()
    out = sweep.finish(again)
    assert again.returncode == 0, out
    assert sweep.processes() == 3
    sweep.assert_whole()


def test_no_room_for_the_log(sweep: Sweep) -> None:
    logs = sweep.folder / ".condor_logs"
    sweep.pool.as_root(f"mkdir -p {logs}")
    mounted = f"{sweep.pool.image}{logs}"
    sweep.pool.as_root(f"mount -t tmpfs -o size=256k,mode=1777 tmpfs {mounted}")
    try:
        sweep.pause_at(3)
        driver = sweep.start("--htcondor-steady-news-timeout", "10")
        sweep.wait_for_step(3)
        sweep.pool.as_root(f"head -c 1M /dev/zero > {mounted}/ballast || true")
        sweep.go_on()
        sweep.wait_until_said("the schedd was asked")
        sweep.pool.as_root(f"rm {mounted}/ballast")
        out = sweep.finish(driver)
        assert driver.returncode == 0, out
        sweep.assert_whole(repeated=12)
    finally:
        sweep.pool.as_root(f"umount {mounted}")


def test_a_point_that_left_the_config_leaves_the_queue(sweep: Sweep) -> None:
    sweep.pause_at(3)
    driver = sweep.start()
    sweep.wait_for_step(3)
    sweep.lose(driver)
    sweep.finish(sweep.start("--unlock"))
    sweep.runs = 1
    again = sweep.start()
    sweep.wait_until_said("nobody asks for", 2)
    sweep.pool.wait_until(
        lambda: len(sweep.pool.jobs(f'Iwd == "{sweep.folder}"')) == 1, "one job's queue", 240
    )
    sweep.go_on()
    out = sweep.finish(again)
    assert again.returncode == 0, out
    assert sweep.processes() == 3
    assert not sweep.pool.jobs(f'Iwd == "{sweep.folder}"')


def test_a_folder_with_spaces(sweep: Sweep) -> None:
    sweep.folder = sweep.pool.workspace("a folder with spaces")
    driver = sweep.start()
    out = sweep.finish(driver, seconds=360)
    assert driver.returncode == 0, out
