"""Flags from the declared fields of the config, and one-line errors about them."""

import argparse
import re
import sys
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, NoReturn

from mpn_rl.parameters.errors import ConfigError
from mpn_rl.parameters.fields import DeclaredField
from mpn_rl.parameters.hyperparameters import FIELDS, Hyperparameters
from mpn_rl.parameters.points import owner_of, read_point, without_effect
from mpn_rl.parameters.values import LARGEST_INTEGER, allowed, nearest, show


class Parser(argparse.ArgumentParser):
    """Says in one line what is wrong with the flags; never guesses abbreviations."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(**{**settings, "allow_abbrev": False})
        self.examples: tuple[str, ...] = ()
        # what follows a flag as its value, not as the next flag: also -1e-3, -inf and -nan
        self._negative_number_matcher = re.compile(r"-(\d|\.\d|inf|nan)")

    def format_help(self) -> str:
        """The help, and behind it the `examples`, a line each."""
        lines = [f"  {example}\n" for example in self.examples]
        return "".join([super().format_help(), *(["\nexamples:\n"] if lines else []), *lines])

    def error(self, message: str) -> NoReturn:
        """Print the message behind the command's name and exit with code 2."""
        message = message.removeprefix("argument ")
        choice = re.fullmatch(r"command: invalid choice: '(.*)' \(choose from (.*)\)", message)
        if choice:
            names = re.findall(r"[\w-]+", choice[2])
            hint = nearest(choice[1], names) or f"; there are {', '.join(names)}"
            message = f"{choice[1]}: unknown command{hint}"
        print(f"{self.prog}: {message}", file=sys.stderr)
        raise SystemExit(2)


class FlagError(ConfigError):
    """A flag's value that is wrong by itself, whatever else there is."""


def check_flags(parser: Parser, rest: Sequence[str]) -> None:
    """End with one line if the parser has left arguments over."""
    if not rest:
        return
    flag = rest[0].partition("=")[0]
    if not flag.startswith("-"):
        parser.error(f"unexpected argument {flag!r}: each value needs its flag before it")
    flags = [text for action in parser._actions for text in action.option_strings]
    ending = [name for name in flags if name.endswith(f"-{flag.lstrip('-')}")]
    meant = f"; did you mean {' or '.join(ending)}?" if ending else nearest(flag, flags)
    parser.error(f"{flag}: unknown flag{meant or f'; see {parser.prog} --help'}")


def add_setting(parser: Any, flag: str, declared: DeclaredField, **changes: Any) -> None:
    """A flag for a declared field, checked as in a config; `changes` go to argparse."""
    kinds = {"string": "NAME", "boolean": "true|false"}
    settings: dict[str, Any] = {
        "type": converter(declared),
        "default": declared.default,
        "metavar": kinds.get(declared.schema.get("type", ""), "N"),
        "help": _help(declared),
    }
    if declared.schema.get("type") == "boolean":
        settings |= {"nargs": "?", "const": True}
        parser.add_argument(
            f"--no-{flag[2:]}",
            dest=flag[2:].replace("-", "_"),
            action="store_false",
            default=argparse.SUPPRESS,
            help=argparse.SUPPRESS,
        )
    parser.add_argument(flag, **(settings | changes))


def add_path(parser: Any, name: str, default: str, about: str, metavar: str = "FOLDER") -> None:
    """A flag or an argument that names a file or folder."""
    optional: dict[str, Any] = {} if name.startswith("-") else {"nargs": "?"}
    about = f"{about} (default {default or 'here'})"
    parser.add_argument(
        name, type=named_path, default=Path(default), metavar=metavar, help=about, **optional
    )


def named_path(text: str) -> Path:
    """The file or folder that a flag names; an empty text, as of an unset variable, names none."""
    if not text:
        raise argparse.ArgumentTypeError("'' names no file or folder")
    return Path(text)


def add_directory(parser: Parser) -> None:
    """The flag that says in which working directory the results lie."""
    add_path(parser, "--directory", "", "where results/ is, or will be")


def add_results(parser: Parser, what: str = "results folder") -> None:
    """The argument that says which results are meant."""
    add_path(parser, "folder", "results", what)


def add_configs(parser: Parser, what: str) -> None:
    """The flag that names the configs of a results folder."""
    default = "config/config.yaml"
    about = f"configs {what} (default {default})"
    parser.add_argument(
        "--config", type=named_path, nargs="+", default=[Path(default)], metavar="FILE", help=about
    )


def whole_number(least: int) -> Callable[[str], int]:
    """A function from the text of a flag to a whole number of at least `least`."""

    def convert(text: str) -> int:
        digits = text.isascii() and text.isdigit()
        if digits and len(text) < 20 and least <= int(text) <= LARGEST_INTEGER:
            return int(text)
        most = f" (the largest is {LARGEST_INTEGER})" if digits and len(text) >= 19 else ""
        raise argparse.ArgumentTypeError(
            f"{show(text)} is not a whole number at least {least}{most}"
        )

    return convert


def add_hyperparameters(parser: Parser, names: Iterable[str] = FIELDS) -> None:
    """A flag for each hyper-parameter; only those given reach the arguments."""
    titles = {
        "task": "task, and what some tasks have",
        "core": "memory core, and what some cores have",
        "learner": "learner, and what dqn (with replay) or pqn (without) has",
        "": "every training",
    }
    chosen = [*names]
    for owner, title in titles.items():
        group = parser.add_argument_group(title)
        for name in sorted(chosen, key=lambda name: name != owner):
            if owner_of(name) == owner:
                add_setting(group, flag_of(name), FIELDS[name], default=argparse.SUPPRESS)


def given_hyperparameters(arguments: argparse.Namespace) -> dict[str, Any]:
    """The hyper-parameters among the flags."""
    return {name: value for name, value in vars(arguments).items() if name in FIELDS}


def read_hyperparameters(values: dict[str, Any]) -> tuple[Hyperparameters, list[str]]:
    """A point from flags, and a line for each flag without effect; ConfigError names flags."""
    try:
        point = read_point(values)
    except ConfigError as error:
        lines = str(error).splitlines()
        raise ConfigError("\n".join(flag_of(line) for line in lines)) from None
    return point, [flag_of(line) for line in without_effect(values, point)]


def flag_of(text: str) -> str:
    """`--learn-eta` of `learn_eta`; also of a message that begins with the name and a colon."""
    name, colon, rest = text.partition(":")
    return f"--{name.replace('_', '-')}{colon}{rest}"


def converter(declared: DeclaredField) -> Callable[[str], Any]:
    """A function from the text of a flag to its checked value."""

    def convert(text: str) -> Any:
        try:
            return declared.read(_value(text, declared))
        except ConfigError as error:
            problem = str(error).removeprefix(f"{declared.name}: ")
            raise argparse.ArgumentTypeError(problem) from None

    return convert


def _value(text: str, declared: DeclaredField) -> Any:
    """What a text would be in YAML, where its field may be a number, true, false or null."""
    words = {"true": True, "false": False, "null": None}
    if declared.schema.get("type") == "string":
        return text
    if declared.schema.get("type") == "array":
        return [int(part) if part.strip().isdigit() else part for part in text.split(",")]
    if text.lower() in words:
        return words[text.lower()]
    for number in (int, float):
        with suppress(ValueError):
            return number(text)
    return text


def _help(declared: DeclaredField) -> str:
    default = declared.default if isinstance(declared.default, str) else show(declared.default)
    limits = ", ".join(filter(None, [allowed(declared.schema), f"default {default}"]))
    return f"{declared.schema['description']} ({limits})".replace("%", "%%")
