"""Cores, tasks and analyses of anybody's own: "module:Class" or "module:Class(leak=0.3)".

What stands in the brackets are the plug-in's own parameters, read as data and never run. Which
there are, the class says: a core by the model that its `build` takes as `parameters`, a task or an
analysis by the one that its constructor takes.
"""

import ast
import re
from dataclasses import dataclass
from importlib import import_module
from inspect import isfunction, signature
from typing import Any

from mpn_rl.errors import UserError
from mpn_rl.parameters.fields import Parameters
from mpn_rl.parameters.values import nearest

# a class, not an id of Gymnasium's, which ends with -v0
PLUGIN_PATTERN = r"(?=.{1,150}$)[A-Za-z_]\w*(\.[A-Za-z_]\w*)*:[A-Za-z_]\w*(\(.*\))?"
# kind → the class that it inherits from, and the method that takes its parameters
_BASES = {
    "core": ("Core", "build"),
    "task": ("VectorTask", "__init__"),
    "analysis": ("Analysis", "__init__"),
}
_GROUPS = {"core": "mpn_rl.cores", "task": "mpn_rl.tasks", "analysis": "mpn_rl.analyses"}
_NO_ID = "; an id of Gymnasium ends with -v0 or the like, without it a class is meant"
PLUGIN_FORM = "a class module:Class(name=value, …), with own parameters of plain values or none"


def is_plugin(name: Any) -> bool:
    """Whether a name of a core or a task is that of a class."""
    return isinstance(name, str) and re.fullmatch(PLUGIN_PATTERN, name, re.ASCII) is not None


def module_of(name: str) -> str:
    """The module of a plug-in; "" for any other name."""
    return name.partition(":")[0] if is_plugin(name) else ""


def normal_plugin(name: str) -> str:
    """The name with its options sorted, as Python writes them, so that equal ones are equal texts.

    Raises ValueError where what stands in the brackets is no options.
    """
    target, options = _parts(name)
    if not options:
        return target
    return f"{target}({', '.join(f'{key}={options[key]!r}' for key in sorted(options))})"


def _parts(name: str) -> tuple[str, dict[str, Any]]:
    """The class "module:Class", and its options by name; ValueError as `normal_plugin`."""
    target, bracket, text = name.partition("(")
    if not bracket:
        return target, {}
    try:
        call = ast.parse(f"options({text}", mode="eval").body
        if not isinstance(call, ast.Call) or call.args or not isinstance(call.func, ast.Name):
            raise ValueError
        if None in (names := [one.arg for one in call.keywords]):
            raise ValueError
        values = [ast.literal_eval(one.value) for one in call.keywords]
    except (SyntaxError, ValueError, TypeError, RecursionError, MemoryError):
        raise ValueError(f"{name!r} is not {PLUGIN_FORM}") from None
    return target, dict(zip(map(str, names), values, strict=True))


def load_plugin(target: str, kind: str) -> Any:
    """What "module:Name" names, imported; UserError where it cannot be."""
    module, _, wanted = target.partition(":")
    try:
        found = import_module(module)
    except (Exception, SystemExit) as error:
        said = str(error) or type(error).__name__
        raise UserError(
            f"{kind} {target!r}: its module {module!r} cannot be imported ({said})"
        ) from error
    if not hasattr(found, wanted):
        hint = nearest(wanted, dir(found)) or (_NO_ID if kind == "task" else "")
        raise UserError(f"{kind} {target!r}: {module} has no {wanted}{hint}")
    return getattr(found, wanted)


@dataclass(frozen=True)
class PluggedClass:
    """The class of a plug-in with its options, called as the project's own classes are.

    `method` names what takes the model of its parameters.
    """

    plugin: Any
    method: str
    kind: str
    options: dict[str, Any]

    @property
    def metadata(self) -> dict[str, Any]:
        """What a task's class says of itself."""
        found: dict[str, Any] = self.plugin.metadata
        return found

    @property
    def model(self) -> type[Parameters]:
        """The model of its own parameters: the nearest that the class or one above it names."""
        methods = (vars(c)[self.method] for c in self.plugin.__mro__ if self.method in vars(c))
        for method in (one for one in methods if isfunction(one)):
            taken = signature(method, eval_str=True).parameters.get("parameters")
            annotation = getattr(taken, "annotation", None)
            if isinstance(annotation, type) and issubclass(annotation, Parameters):
                return annotation
        return Parameters

    def __call__(self, *arguments: Any, **keywords: Any) -> Any:
        """An instance; ConfigError for options that its model does not take."""
        own = self.model.read(self.options, f"{self.kind} {self.plugin.__name__}.")
        made = [own if isinstance(one, Parameters) else one for one in arguments]
        return self.plugin(*made, **keywords)


def plugged(name: str, kind: str) -> PluggedClass:
    """The class of a core, a task or an analysis, by `kind`.

    Raises UserError where it cannot be imported, or is no class of that kind.
    """
    target, options = _parts(name)
    found = load_plugin(target, kind)
    base, method = _BASES[kind]
    above = getattr(found, "__mro__", ())
    if not any(c.__name__ == base and c.__module__.startswith("mpn_rl.") for c in above):
        hint = _NO_ID if kind == "task" else ""
        raise UserError(f"{kind} {target!r}: is no class that inherits from mpn_rl's {base}{hint}")
    return PluggedClass(found, method, kind, options)


def by_entry_point(name: str, kind: str) -> str:
    """The "module:Class" that an installed package gives a name; "" where none does.

    Its pyproject.toml says so: [project.entry-points."mpn_rl.cores"] leaky = "module:Class"; or
    "mpn_rl.tasks" or "mpn_rl.analyses". Raises ValueError where packages give it to different ones.
    """
    from importlib.metadata import entry_points  # 50 ms that names of the project need not pay

    short, bracket, options = name.partition("(")
    found = {point.value for point in entry_points(group=_GROUPS[kind]) if point.name == short}
    if len(found) > 1:
        raise ValueError(f"{short!r} is named by several packages: {', '.join(sorted(found))}")
    whole = f"{''.join(found)}{bracket}{options}"
    return whole if is_plugin(whole) else ""
