"""Which jobs are to be asked about, as nothing has been heard of them."""

from collections.abc import Collection, Iterable

# With a log that may have lost events all are asked about so often.
DOUBTFUL_SECONDS = 60.0
# So many questions in a row may find a job neither in the queue nor in its history.
MISSES = 2


class Silence:
    """When each job was last heard of, by an event or an answer. Times are a monotonic clock's."""

    def __init__(self, limit: float) -> None:
        """`limit`: seconds without news after which a job is asked about."""
        self._limit = limit
        self._heard: dict[int, float] = {}
        self._missed: dict[int, int] = {}
        self._asked: float | None = None

    def hear(self, clusters: Iterable[int], now: float) -> None:
        """There is news of these jobs."""
        for cluster in clusters:
            self._heard[cluster] = now
            self._missed.pop(cluster, None)

    def due(self, active: Collection[int], now: float, doubtful: bool) -> list[int]:
        """The active jobs to ask about now; `doubtful`: events may have been lost."""
        self._heard = {cluster: self._heard.get(cluster, now) for cluster in active}
        limit = min(self._limit, DOUBTFUL_SECONDS) if doubtful else self._limit
        if self._asked is not None and now - self._asked < limit:
            return []
        first = doubtful and self._asked is None
        due = [c for c, heard in self._heard.items() if first or now - heard >= limit]
        if due:
            self._asked = now
        return due

    def miss(self, cluster: int) -> bool:
        """The job was not found; whether that has been so often enough to take it for lost."""
        self._missed[cluster] = self._missed.get(cluster, 0) + 1
        return self._missed[cluster] >= MISSES
