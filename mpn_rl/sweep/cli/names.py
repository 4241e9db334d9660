"""Readable names for experiments that were given none."""

import secrets
from pathlib import Path

from mpn_rl.artifacts.errors import ArtifactError

_ADJECTIVES = """
    amber bold brave bright brisk calm candid clever cosmic crisp curious daring eager early
    fabled gentle glad golden hardy humble jolly keen kind lively lucid lucky mellow merry
    noble patient plucky polite proud quick quiet rapid sage serene sharp silver sly snug spry
    steady sunny swift tidy vivid warm wise witty zesty
""".split()  # noqa: SIM905
_ANIMALS = """
    badger bear beaver bison crane crow deer dolphin eagle egret falcon ferret finch fox gecko
    goose hare hawk heron ibis jackal jay kestrel koala lark lemur lion lynx magpie marten
    mole moose newt ocelot orca osprey otter owl panda parrot pelican puffin quail raven robin
    salmon seal shrew sparrow stoat stork swan tern tiger toad trout turtle viper walrus
    weasel whale wolf wombat wren yak zebra
""".split()  # noqa: SIM905


def new_name(experiments: Path) -> str:
    """A readable name that no experiment has; its directory is made, so that none can take it."""
    while True:
        name = f"{secrets.choice(_ADJECTIVES)}-{secrets.choice(_ANIMALS)}"
        if (experiments / name).exists():
            name += f"-{secrets.randbelow(10_000)}"
        try:
            (experiments / name).mkdir(parents=True)
        except FileExistsError:
            continue
        except OSError as error:
            raise ArtifactError(f"{experiments}: cannot be written: {error.strerror}") from None
        return name
