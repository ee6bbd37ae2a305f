"""From slices to figures: medians of ratios between servers that were measured right after each other."""

import dataclasses
import statistics

# A slice in which the server had to wait for its core for more than this share of the time that it wanted to run.
WAITING_SHARE_MAX = 0.15
# With fewer quiet pairs than this, the others count too, and the figure is marked.
QUIET_PAIRS_MIN = 3


@dataclasses.dataclass
class Sample:
    answers: int
    wall_ns: int
    server_cpu_ns: int
    server_waiting_ns: int
    client_cpu_ns: int

    @property
    def cpu_us(self) -> float:
        return self.server_cpu_ns / self.answers / 1000

    @property
    def quiet(self) -> bool:
        wanted_ns = self.server_cpu_ns + self.server_waiting_ns
        return self.server_waiting_ns <= WAITING_SHARE_MAX * wanted_ns

    @property
    def server_share(self) -> float:
        return self.server_cpu_ns / self.wall_ns


@dataclasses.dataclass
class Ratio:
    median: float
    low: float
    high: float
    pairs: int
    quiet: bool

    def __str__(self) -> str:
        return f"{'' if self.quiet else '~'}{self.median:.2f}"


def ratio_of(ours: list[Sample], theirs: list[Sample]) -> Ratio | None:
    """Of the samples of the same rounds: our CPU time a message over theirs."""
    rounds = list(zip(ours, theirs))
    quiet = [pair for pair in rounds if pair[0].quiet and pair[1].quiet]
    chosen = quiet if len(quiet) >= QUIET_PAIRS_MIN else rounds
    if not chosen:
        return None
    values = [a.cpu_us / b.cpu_us for a, b in chosen]
    return Ratio(statistics.median(values), min(values), max(values), len(values), chosen is quiet)


def cpu_us_of(samples: list[Sample]) -> str:
    """Median and lowest CPU time a message."""
    quiet = [sample for sample in samples if sample.quiet]
    chosen = quiet if len(quiet) >= QUIET_PAIRS_MIN else samples
    values = [sample.cpu_us for sample in chosen]
    return f"{'' if chosen is quiet else '~'}{statistics.median(values):.2f} ({min(values):.2f})"
