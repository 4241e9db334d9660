"""What a sweep survives on a real pool; the table in docs/cluster.md tells the outcomes.

The workflow is the toy of this folder: trainings that save every second and continue from
what they saved. Two of its steps may be done twice after a kill: the one cut off, and one
whose process was killed between its log line and its save.
"""

import os
import signal
from contextlib import suppress

import pytest

from tests.htcondor.conftest import Sweep

pytestmark = [pytest.mark.htcondor]


def condor(sweep: Sweep, tool: str, *options: str) -> str:
    result = sweep.pool.run([tool, *options], seconds=120)
    assert result.returncode == 0, result.stdout
    return result.stdout


def of_this_sweep(sweep: Sweep) -> tuple[str, str]:
    return ("-constraint", f'Iwd == "{sweep.folder}"')


def test_vacated_in_the_middle(sweep: Sweep) -> None:
    driver = sweep.start()
    sweep.wait_for_step(3)
    condor(sweep, "condor_vacate_job", "-fast", *of_this_sweep(sweep))
    out = sweep.finish(driver)
    assert driver.returncode == 0, out
    assert sweep.processes() == 6
    sweep.assert_whole(repeated=2)


def test_vacated_with_time_to_save(sweep: Sweep) -> None:
    driver = sweep.start()
    sweep.wait_for_step(3)
    condor(sweep, "condor_vacate_job", *of_this_sweep(sweep))
    out = sweep.finish(driver)
    assert driver.returncode == 0, out
    assert len(list(sweep.folder.glob("stopped/*.txt"))) == 3
    sweep.assert_whole(repeated=1)


def test_held_and_released(sweep: Sweep) -> None:
    driver = sweep.start()
    sweep.wait_for_step(3)
    condor(sweep, "condor_hold", *of_this_sweep(sweep))
    sweep.pool.wait_until(
        lambda: len(sweep.pool.jobs(f'Iwd == "{sweep.folder}"', "JobStatus == 5")) == 3, "holds"
    )
    condor(sweep, "condor_release", *of_this_sweep(sweep))
    out = sweep.finish(driver)
    assert driver.returncode == 0, out
    sweep.assert_whole(repeated=2)


def test_held_for_good_is_removed_and_retried(sweep: Sweep) -> None:
    driver = sweep.start("--htcondor-steady-held-timeout", "2")
    sweep.wait_for_step(3)
    condor(sweep, "condor_hold", *of_this_sweep(sweep))
    out = sweep.finish(driver)
    assert driver.returncode == 0, out
    assert "was held and is removed" in out
    sweep.assert_whole(repeated=2)


def test_held_for_memory_is_retried_with_more(sweep: Sweep) -> None:
    sweep.steps = 20  # memory is measured now and then
    small = "train:htcondor_request_mem_mb=150 * attempt"
    driver = sweep.start("--set-resources", small, megabytes=200)
    out = sweep.finish(driver)
    assert driver.returncode == 0, out
    ads = sweep.pool.history(f'Iwd == "{sweep.folder}"', 'regexp("^train", JobDescription)')
    asked = sorted({ad["RequestMemory"] for ad in ads})
    assert asked[0] == 150
    assert asked[-1] > 200
    sweep.assert_whole(repeated=len(asked) * 2)


def test_removed_by_hand(sweep: Sweep) -> None:
    driver = sweep.start()
    sweep.wait_for_step(3)
    first = min(ad["ClusterId"] for ad in sweep.pool.jobs(f'Iwd == "{sweep.folder}"'))
    condor(sweep, "condor_rm", str(first))
    out = sweep.finish(driver)
    assert driver.returncode == 0, out
    assert sweep.processes() == 4
    sweep.assert_whole(repeated=2)


def test_schedd_restarts_while_jobs_run(sweep: Sweep) -> None:
    driver = sweep.start()
    sweep.wait_for_step(3)
    condor(sweep, "condor_restart", "-schedd")
    out = sweep.finish(driver)
    assert driver.returncode == 0, out
    assert sweep.processes() == 3
    sweep.assert_whole()


def test_schedd_away_while_jobs_are_submitted(sweep: Sweep) -> None:
    condor(sweep, "condor_off", "-schedd", "-fast")
    sweep.pool.wait_until(
        lambda: sweep.pool.run(["condor_q"]).returncode != 0, "the schedd's end", 240
    )
    driver = sweep.start()
    sweep.pool.wait_until(
        lambda: list(sweep.folder.glob(".condor_logs/*")), "the driver's job folder", 240
    )
    with pytest.raises(AssertionError):
        sweep.wait_for_step(1, seconds=10)
    condor(sweep, "condor_on", "-schedd")
    out = sweep.finish(driver)
    assert driver.returncode == 0, out
    assert "does not answer" in out
    assert sweep.processes() == 3
    sweep.assert_whole()


def test_jobs_killed(sweep: Sweep) -> None:
    driver = sweep.start()
    sweep.wait_for_step(3)
    victims = sweep.pool.processes("--target-jobs", sweep.folder)
    assert victims
    for pid in victims:
        with suppress(ProcessLookupError):  # the end of one may be the end of the next
            os.kill(pid, signal.SIGKILL)
    out = sweep.finish(driver)
    assert driver.returncode == 0, out
    sweep.assert_whole(repeated=2)


def test_an_execute_machine_that_dies(sweep: Sweep) -> None:
    """Its jobs start elsewhere when they have been out of touch for as long as the profile says."""
    driver = sweep.start("--set-resources", "train:htcondor_submit_job_lease_duration=20")
    sweep.wait_for_step(3)
    for name in ("condor_startd", "condor_starter", "forward.py", "train.py"):
        for pid in sweep.pool.all_processes(name):
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
    out = sweep.finish(driver)
    assert driver.returncode == 0, out
    assert sweep.processes() == 6
    sweep.assert_whole(repeated=2)


def test_driver_killed_and_started_again(sweep: Sweep) -> None:
    sweep.pause_at(3)
    driver = sweep.start()
    sweep.wait_for_step(3)
    sweep.lose(driver)
    locked = sweep.start()
    assert "--unlock" in sweep.finish(locked)
    assert sweep.finish(sweep.start("--unlock")) is not None
    again = sweep.start()
    sweep.wait_until_said("not submitted again", 3)
    sweep.go_on()
    out = sweep.finish(again)
    assert again.returncode == 0, out
    assert sweep.processes() == 3
    sweep.assert_whole()


def test_jobs_finish_while_no_driver_lives(sweep: Sweep) -> None:
    driver = sweep.start()
    sweep.wait_for_step(3)
    sweep.lose(driver)
    sweep.pool.wait_until(
        lambda: not sweep.pool.jobs(f'Iwd == "{sweep.folder}"'), "the jobs' own end", 360
    )
    sweep.finish(sweep.start("--unlock"))
    again = sweep.start()
    out = sweep.finish(again)
    assert again.returncode == 0, out
    assert sweep.processes() == 3
    sweep.assert_whole()


def test_driver_killed_and_the_work_changed(sweep: Sweep) -> None:
    sweep.pause_at(3)
    driver = sweep.start()
    sweep.wait_for_step(3)
    sweep.lose(driver)
    sweep.finish(sweep.start("--unlock"))
    sweep.steps = 14
    again = sweep.start()
    sweep.wait_until_said("out of date", 3)
    sweep.go_on()
    out = sweep.finish(again)
    assert again.returncode == 0, out
    sweep.assert_whole(repeated=2)


def test_driver_interrupted(sweep: Sweep) -> None:
    driver = sweep.start()
    sweep.wait_for_step(3)
    sweep.pool.kill(driver, signal.SIGINT)
    sweep.finish(driver)
    assert driver.returncode != 0
    sweep.pool.wait_until(
        lambda: not sweep.pool.jobs(f'Iwd == "{sweep.folder}"'), "an empty queue", 240
    )
    again = sweep.start()
    out = sweep.finish(again)
    assert again.returncode == 0, out
    sweep.assert_whole(repeated=2)


def test_one_point_always_fails(sweep: Sweep) -> None:
    driver = sweep.start("--retries", "1", fails="run1")
    out = sweep.finish(driver)
    assert driver.returncode == 1
    outputs = sorted(path.parent.name for path in sweep.folder.glob("results/run*/train.txt"))
    assert outputs == ["run0", "run2"]
    assert not (sweep.folder / "results" / "summary.pdf").exists()
    tries = sweep.pool.history(
        f'Iwd == "{sweep.folder}"', 'regexp("run=run1", JobDescription)', "ExitCode == 1"
    )
    assert len(tries) == 2, out


def test_two_drivers_at_once(sweep: Sweep) -> None:
    sweep.pause_at(2)
    driver = sweep.start()
    sweep.wait_for_step(2)
    second = sweep.start()
    refused = sweep.finish(second, seconds=240)
    assert second.returncode == 1
    assert "lock" in refused.lower()
    sweep.go_on()
    out = sweep.finish(driver)
    assert driver.returncode == 0, out
    assert sweep.processes() == 3
    sweep.assert_whole()


def test_disk_full(sweep: Sweep) -> None:
    work = sweep.folder / "results" / ".work"
    sweep.pool.as_root(f"mkdir -p {work} && chown -R 61234:61234 {sweep.folder}/results")
    mounted = f"{sweep.pool.image}{work}"
    sweep.pool.as_root(f"mount -t tmpfs -o size=64k,mode=1777 tmpfs {mounted}")
    sweep.pool.as_root(f"head -c 60k /dev/zero > {mounted}/ballast || true")
    sweep.pool.as_root(f"head -c 60k /dev/zero > {mounted}/ballast2 || true")
    driver = sweep.start("--retries", "1")
    out = sweep.finish(driver)
    assert driver.returncode == 1, out
    assert not list(sweep.folder.glob("results/run*/train.txt"))
    logs = [path.read_text() for path in sweep.folder.glob("results/logs/train/*.log")]
    assert any("No space left" in log for log in logs), logs
    sweep.pool.as_root(f"rm {mounted}/ballast {mounted}/ballast2")
    again = sweep.start()
    out = sweep.finish(again)
    assert again.returncode == 0, out
    sweep.pool.as_root(f"umount {mounted}")
    summary = (sweep.folder / "results" / "summary.pdf").read_text()
    assert summary.count(f"{sweep.steps} steps") == 3
