"""How often 95 % intervals over seeds cover what they estimate: `python -m benchmarks.coverage`.

Outcomes are normal, or all-or-nothing with a rate p of success, as training of agents often is.
Of the interval of the interquartile mean (IQM) the target is the IQM of the population, cut by the
same share; of the exact interval it is p. Where all that counts in a sample agrees, the bootstrap
gives an interval of no width and the t-interval none: neither says anything, so the share of
intervals with a width stands beside the share of these that cover.
"""

import argparse
from collections.abc import Callable, Iterator

import numpy as np

from benchmarks.markdown import markdown
from mpn_rl.statistics.intervals import exact_interval, improvement, trimmed_interval
from mpn_rl.statistics.statistics import Floats, interquartile_mean

NUMBERS = (3, 5, 10, 20)
RATES = (0.2, 0.5, 0.8, 0.95)
RESAMPLES = 2000
Interval = Callable[[Floats, np.random.Generator], tuple[float, float]]


def bootstrap(values: Floats, generator: np.random.Generator) -> tuple[float, float]:
    """Return the percentile bootstrap of the IQM, the interval of the first version."""
    drawn = values[generator.integers(0, len(values), (RESAMPLES, len(values)))]
    low, high = np.percentile(interquartile_mean(drawn), (2.5, 97.5))
    return float(low), float(high)


def student(values: Floats, _: np.random.Generator) -> tuple[float, float]:
    """Return the interval of the summary."""
    return trimmed_interval([values])


def exact(values: Floats, _: np.random.Generator) -> tuple[float, float]:
    """Return the exact interval of the share of successes."""
    return exact_interval(int(values.sum()), len(values))


def trimmed_rate(rate: float, number: int) -> float:
    """Return the IQM of all-or-nothing outcomes with a success rate, cut as of `number` values."""
    share = (number // 4) / number
    return float(np.clip((rate - share) / (1 - 2 * share), 0, 1))


def coverage(
    interval: Interval, samples: Floats, target: float, generator: np.random.Generator
) -> tuple[float, float]:
    """Return the share of samples (number, n) whose interval has a width, and of these covered."""
    low, high = np.array([interval(sample, generator) for sample in samples]).T
    wide = high > low
    covered = (low <= target + 1e-12) & (high >= target - 1e-12)
    return float(wide.mean()), float(covered[wide].mean())


def rows(number_of_samples: int) -> Iterator[tuple[str, ...]]:
    """Yield a row per outcome and number of seeds: coverage before, now, and of the exact one."""
    for place, rate in enumerate((None, *RATES)):
        for number in NUMBERS:
            generator = np.random.default_rng([place, number])
            shape = (number_of_samples, number)
            normal = generator.normal(size=shape)
            samples = normal if rate is None else (generator.random(shape) < rate).astype(float)
            target = 0.0 if rate is None else trimmed_rate(rate, number)
            found = [coverage(made, samples, target, generator) for made in (bootstrap, student)]
            cells = [f"{share:.2f}" for pair in found for share in pair]
            solved = "" if rate is None else f"{coverage(exact, samples, rate, generator)[1]:.2f}"
            name = "normal" if rate is None else f"all or nothing, p = {rate}"
            yield name, str(number), *cells, solved


def improvement_rows(number_of_samples: int) -> Iterator[tuple[str, ...]]:
    """Yield the coverage of the probability that a normal seed beats one that is `gap` sd lower."""
    for gap, target in ((0.0, 0.5), (1.0, 0.7602), (2.0, 0.9214)):
        for number in NUMBERS:
            generator = np.random.default_rng([number, int(gap)])
            first = generator.normal(gap, 1.0, (number_of_samples, number))
            second = generator.normal(0.0, 1.0, (number_of_samples, number))
            found = np.array([improvement(*pair)[1:] for pair in zip(first, second, strict=True)])
            share = float(((found[:, 0] <= target) & (found[:, 1] >= target)).mean())
            yield f"{target:.2f}", str(number), f"{share:.2f}"


def main() -> None:
    """Print both tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--samples", type=int, default=4000, help="samples per row (4000)")
    samples = parser.parse_args().samples
    header = (
        "outcome",
        "seeds",
        "bootstrap: has a width",
        "covers",
        "t: has a width",
        "covers",
        "exact",
    )
    print(markdown([header, *rows(samples)]))
    better = [("P(better)", "seeds", "covered"), *improvement_rows(samples)]
    print(markdown(better), end="")


if __name__ == "__main__":
    main()
