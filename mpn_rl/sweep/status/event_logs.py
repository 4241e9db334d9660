"""Where jobs are in HTCondor's pool, from the event logs that it keeps: no daemon is asked."""

import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from mpn_rl.artifacts.errors import ArtifactError
from mpn_rl.artifacts.files import opened
from mpn_rl.errors import printable

# Of each invocation (profiles/htcondor/config.yaml), below the folder of the sweep.
_LOGS = ".condor_logs/*/snakemake-rules.log"
# The number of the event, the job's, and the line below, where a reason, a slot or a name stands.
_EVENT = re.compile(rb"^(\d{3}) \((\d+)\.\d+\.\d+\) .*\n(?:[ \t]+(.*)\n)?", re.MULTILINE)
_END = b"\n...\n"
_SUBMITTED, _EXECUTING, _EVICTED, _HELD, _RELEASED = 0, 1, 4, 12, 13
_ENDED = {5, 9}
# What the manual writes before the name of a slot.
_SLOT = "SlotName: "
_LONGEST = 200  # letters of a slot or a reason; names of jobs are compared, and so kept whole


# A job of an invocation, by its log and its cluster.
_Number = tuple[Path, bytes]


@dataclass(frozen=True)
class Place:
    """Where a job is in the pool: on a slot, held for a reason, or with neither waiting for one."""

    slot: str = ""
    held: str = ""


class EventLogs:
    """Reads what the logs say, again and again; what was read is not read anew."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._read: dict[Path, int] = {}
        self._names: dict[_Number, str] = {}
        self._newest: dict[str, _Number] = {}
        self._places: dict[str, Place] = {}

    def look(self, since: float) -> Mapping[str, Place]:
        """Description of a job in the queue → its place; none where the driver, at work since then
        [s since 1970], has written no log."""
        logs = sorted(self._folder.glob(_LOGS))
        with suppress(OSError, ArtifactError):  # a log may go meanwhile
            if any(log.stat().st_mtime >= since for log in logs):
                for log in logs:
                    self._follow(log)
                return self._places
        return {}

    def _follow(self, log: Path) -> None:
        begin = self._read.get(log, 0)
        with opened(log) as file:
            file.seek(begin)
            text = file.read()
        whole = text[: text.rfind(_END) + len(_END)] if _END in text else b""
        self._read[log] = begin + len(whole)
        for number, cluster, below in _EVENT.findall(whole):
            self._take(int(number), (log, cluster), below.decode("utf-8", "replace"))

    def _take(self, number: int, job: _Number, below: str) -> None:
        if number == _SUBMITTED:
            self._names[job] = below
            self._newest[below] = job
        name = self._names.get(job, "")
        # an earlier version submits without a name; of a job that was tried again the last counts
        if not name or self._newest[name] != job:
            return
        if number in _ENDED:
            self._places.pop(name, None)
        elif number in (_SUBMITTED, _EVICTED, _RELEASED):
            self._places[name] = Place()
        elif number == _EXECUTING:
            self._places[name] = Place(slot=printable(below.removeprefix(_SLOT), _LONGEST))
        elif number == _HELD:
            self._places[name] = Place(held=printable(below, _LONGEST) or "no reason is given")
