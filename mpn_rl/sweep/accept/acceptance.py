"""Accepting what older code made, where the present code is found to make the same bytes."""

import json
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from mpn_rl.artifacts.errors import ArtifactError
from mpn_rl.sweep.accept.canary import canary
from mpn_rl.sweep.accept.candidates import Group, candidates, way
from mpn_rl.sweep.accept.sample import Sample, sample_of
from mpn_rl.sweep.config.sweep import Sweep
from mpn_rl.sweep.ledger.aliases import aliased_stages, remove_aliases, write_alias
from mpn_rl.sweep.ledger.code.digests import EDITED
from mpn_rl.sweep.ledger.engine import Metadata
from mpn_rl.sweep.ledger.in_force import code_in_force
from mpn_rl.sweep.ledger.inventory import Made, homes_in, take_inventory
from mpn_rl.sweep.ledger.lease import lease
from mpn_rl.sweep.ledger.listing import code_stage
from mpn_rl.sweep.ledger.named import modules_of, refuse_unnamed
from mpn_rl.sweep.ledger.origins import UNKNOWN, here, origins_of
from mpn_rl.sweep.ledger.records import inside
from mpn_rl.sweep.plan import recorded_settings, rule_settings, settings_texts
from mpn_rl.tree import BEGUN_WITH, ROOT, tree_hash

say = partial(print, flush=True)


def accept(results: Path, sweep: Sweep | None, every: bool) -> None:
    """Accept the outputs below `results` that are stale by code alone.

    A canary refutes and a real sample proves (`every`: all of it), each combination for itself:
    where one differs, all that was made on its way stays stale, and ArtifactError is raised at
    the end. `sweep` is what is wanted now: what the engine remembers of outputs made with just its
    settings is dropped, so that their records decide. Nothing is written where the code is edited
    meanwhile.
    """
    with _alone(results):
        groups, refused = candidates(take_inventory(results)[0])
        for line in refused:
            say(line)
        if not groups:
            say("nothing to accept: nothing sound is stale by code alone")
            return
        named = {name for run in (sweep.runs.values() if sweep else ()) for name in modules_of(run)}
        for point in (g.members[0].point for g in groups):
            if point is not None:
                refuse_unnamed(point, results, named)
        # what is tried is the code that this process began with, whatever is edited later
        if any(code_in_force(g.rule, g.members[0].point) != g.new for g in groups):
            raise ArtifactError(EDITED)
        chosen = sample_of(groups, every)
        _announce(groups, chosen)
        with tempfile.TemporaryDirectory(prefix="mpn-rl-accept-") as folder:
            told, different = _refute(groups, Path(folder))
            _prove(chosen, Path(folder), different)
        agreed = [group for group in groups if group.combination not in different]
        if agreed:
            _write(results, agreed, chosen, told, sweep)
    if different:
        raise ArtifactError(
            f"{len(groups) - len(agreed)} of {len(groups)} groups are not accepted: the present "
            f"code gives different bytes on {len(different)} of the paths through it"
        )


def take_back(results: Path) -> int:
    """Take every acceptance back; what it was of is as stale as before. Returns how many."""
    with _alone(results):
        stages, metadata = aliased_stages(results), Metadata(results.absolute().parent)
        for made in take_inventory(results)[0].records.values():
            # any of these may have been regenerated since, under the older digest's name
            if code_stage(made.rule) in stages:
                _forget(metadata, results, made)
        # the aliases last: where this is cut off before, a repetition does the rest
        taken = {old for old, _ in remove_aliases(results)}
        say(f"{len(taken)} digests stand for themselves again")
        return len(taken)


def _announce(groups: Sequence[Group], chosen: Sequence[Sample]) -> None:
    count = sum(len(made.outputs) for group in groups for made in group.members)
    seconds = sum(sample.seconds for sample in chosen)
    say(f"{count} files are stale by code alone, in {len(groups)} groups of rule and combination")
    say(
        f"{len(chosen)} computations stand for them, about {seconds:.0f} s as recorded; "
        "summary, baselines and analyses of your own are not accepted but made again"
    )
    made_with = [origins_of(made.record) for group in groups for made in group.members]
    for name, value in origins_of(here()).items():
        then = {origins[name] for origins in made_with if name in origins} - {UNKNOWN, value}
        if then:
            say(f"note: made with {name} {', '.join(sorted(then))}; here it is {value}")


def _refute(groups: Sequence[Group], folder: Path) -> tuple[str, set[str]]:
    """Run the canaries; what came of them, and the combinations that are refuted."""
    of_groups = ((group.combination, group.members[0].point) for group in groups)
    points = {way: point for way, point in of_groups if point is not None}
    commits = {made.record.get("commit") for group in groups for made in group.members}
    say(f"canary: {len(points)} tiny runs by the old code and by the new")
    try:
        differences, told = canary([*points.values()], commits, folder), "equal"
    except ArtifactError as reason:
        differences, told = {}, f"skipped: {reason}"
    for difference in differences.values():
        say(f"canary: {difference}: nothing of its kind is accepted")
    if not differences:
        say(f"canary: {told}")
    return told, {[*points][number] for number in differences}


def _prove(chosen: Sequence[Sample], folder: Path, different: set[str]) -> None:
    """Compute the sample, and add the combinations that it refutes, whose rest is left out."""
    for number, sample in enumerate(chosen):
        if way(sample.made) in different:
            continue
        say(f"{number + 1} of {len(chosen)}: {sample}")
        with tempfile.TemporaryDirectory(dir=folder) as place:
            found = sample.differs(Path(place))
        if found is not None:
            say(f"{sample}: {found}: nothing of its kind is accepted")
            different.add(way(sample.made))


def _write(
    results: Path, groups: Sequence[Group], chosen: Sequence[Sample], told: str, sweep: Sweep | None
) -> None:
    _check_no_driver(results)  # one may have begun since
    if tree_hash(ROOT) != BEGUN_WITH:  # the canary may have run what came later
        raise ArtifactError("the code was edited meanwhile: nothing is accepted")
    metadata, count = Metadata(results.absolute().parent), 0
    when = datetime.now(UTC).isoformat(timespec="seconds")
    for group in groups:
        # the alias last: where this is cut off between, a repetition does the rest
        for made in group.members:
            count += len(made.outputs)
            if sweep is not None and _only_form_differs(sweep, made, metadata, results):
                _forget(metadata, results, made)
        tried = json.loads(group.combination)
        sample = [str(each) for each in chosen if each.speaks_for(group)]
        evidence = {"when": when, "canary": told, "sample": sample, **here()}
        write_alias(results, code_stage(group.rule), group.old, group.new, tried, evidence)
    say(f"accepted: {count} files in {len(groups)} groups")


def _only_form_differs(sweep: Sweep, made: Made, metadata: Metadata, results: Path) -> bool:
    """Whether the engine remembers other params of an output, although its settings are wanted."""
    run = made.home.parent.name
    if run not in sweep.runs:
        return False
    wanted = rule_settings(sweep, made.rule, run)
    if recorded_settings(made.record.get("params")) != wanted:
        return False
    texts = {repr(text) for text in settings_texts(made.rule, wanted).values()}
    return metadata.settings(_name(results, made.path)) != texts


def _forget(metadata: Metadata, results: Path, made: Made) -> None:
    """Delete what the engine remembers of the outputs of a record, and of the record itself."""
    for output in [made.path, *(inside(made.home, name) for name in made.record["outputs"])]:
        metadata.path(_name(results, output)).unlink(missing_ok=True)


def _name(results: Path, output: Path) -> str:
    """What the engine calls a file of the results."""
    return f"results/{output.relative_to(results).as_posix()}"


@contextmanager
def _alone(results: Path) -> Iterator[None]:
    """While no driver is at work on the results, and no other acceptance."""
    _check_no_driver(results)
    homes_in(results)  # or there is none: nothing is left in a folder that was not meant
    work = results / ".work" / "accept"
    try:
        with lease(work):
            yield
    finally:
        with suppress(OSError):  # another acceptance waits in it
            work.rmdir()


def _check_no_driver(results: Path) -> None:
    locks = results.absolute().parent / ".snakemake" / "locks"
    if locks.is_dir() and any(locks.iterdir()):
        raise ArtifactError(
            f"{locks}: a snakemake is at work here, or was when it was killed; wait for it, or "
            "run `snakemake --unlock`"
        )
