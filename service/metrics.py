"""What an operator counts, for Prometheus: how much and how fast. No label names a school, a class
or a code, and nothing here is finer than a count since the start."""

from collections.abc import Iterator

from msgspec import Struct
from prometheus_client import CollectorRegistry, Histogram, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from service.ingest import Ingest, Outcome

SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5)


class Moment(Struct, frozen=True):
    """What the database says now: keys in stock, and how long a round has been due, in seconds."""

    keys_in_stock: int
    overdue: float


class Closed(Struct):
    """What this process's keeper has done since it started; nothing where it runs elsewhere."""

    rounds: int = 0
    unopened: int = 0  # envelopes that were not genuine, or did not open

    def add(self, rounds: int, unopened: int) -> None:
        self.rounds += rounds
        self.unopened += unopened


class Metrics:
    """One registry for each running service, so that tests may run several."""

    def __init__(self, ingest: Ingest, closed: Closed) -> None:
        self.ingest = ingest
        self.closed = closed
        self.registry = CollectorRegistry()
        self.students = Histogram(
            "stemlokaal_students_request_seconds",
            "How long a student's page or answer took",
            ["method"],
            registry=self.registry,
            buckets=SECONDS,
        )
        self.by_method = {method: self.students.labels(method) for method in ("GET", "POST")}
        self.by_other = self.students.labels("other")

    def took(self, method: str, seconds: float) -> None:
        self.by_method.get(method, self.by_other).observe(seconds)

    def text(self, moment: Moment) -> bytes:
        """In Prometheus' text format."""
        found = CollectorRegistry()
        found.register(Counted(self, moment))
        return generate_latest(self.registry) + generate_latest(found)


class Counted(Collector):
    """Counts that others keep, read when they are asked for."""

    def __init__(self, metrics: Metrics, moment: Moment) -> None:
        self.metrics = metrics
        self.moment = moment

    def collect(self) -> Iterator[Metric]:
        submissions = CounterMetricFamily(
            "stemlokaal_submissions", "Answers sent, by what became of them", labels=["outcome"]
        )
        for outcome in Outcome:
            submissions.add_metric([outcome], self.metrics.ingest.outcomes[outcome])
        yield submissions
        yield CounterMetricFamily(
            "stemlokaal_refused_busy",
            "Answers that a phone had to keep and send again, because too many waited",
            self.metrics.ingest.refused,
        )
        yield GaugeMetricFamily(
            "stemlokaal_queue", "Answers that wait to be stored", len(self.metrics.ingest.waiting)
        )
        yield CounterMetricFamily(
            "stemlokaal_rounds_closed", "By this process's keeper", self.metrics.closed.rounds
        )
        yield CounterMetricFamily(
            "stemlokaal_envelopes_unopened",
            "Envelopes that were not genuine, or did not open",
            self.metrics.closed.unopened,
        )
        yield GaugeMetricFamily(
            "stemlokaal_keys_in_stock", "Keys ready for new rounds", self.moment.keys_in_stock
        )
        yield GaugeMetricFamily(
            "stemlokaal_keeper_lag_seconds",
            "How long the round that waits longest has been due",
            self.moment.overdue,
        )
