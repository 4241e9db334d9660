"""What a configuration value may be, said beside its default."""

import re
from dataclasses import Field, dataclass, field, fields
from typing import Any


@dataclass(frozen=True)
class Spec:
    """Meaning, unit and allowed values of one field.

    `minimum` and `maximum` are included unless `above` is set (then values must exceed
    `minimum`). `pattern` is a regular expression for the whole text, `form` the same in words.
    `when` = (other field, its values): elsewhere the field has no effect.
    """

    meaning: str
    unit: str = ""
    minimum: float | None = None
    maximum: float | None = None
    above: bool = False
    choices: tuple[str, ...] = ()
    pattern: str = ""
    form: str = ""
    when: tuple[str, tuple[Any, ...]] | None = None

    def allowed(self) -> str:
        """The range or the choices in words, empty where every value of the type will do."""
        if self.choices:
            return "one of " + ", ".join(self.choices)
        if self.pattern:
            return self.form
        low, high = self.minimum, self.maximum
        if low is not None and high is not None:
            return f"in {'(' if self.above else '['}{low:g}, {high:g}]"
        if low is not None:
            return f"greater than {low:g}" if self.above else f"at least {low:g}"
        return ""

    def contains(self, value: Any) -> bool:
        """Whether a value of the right type lies in the range or among the choices."""
        if self.choices:
            return value in self.choices
        if self.pattern:
            return re.fullmatch(self.pattern, value, re.ASCII) is not None
        if self.minimum is not None and (
            value < self.minimum or (self.above and value == self.minimum)
        ):
            return False
        return self.maximum is None or value <= self.maximum


def parameter(default: Any, meaning: str, **limits: Any) -> Any:
    """A dataclass field with its `Spec` in the metadata."""
    return field(default=default, metadata={"spec": Spec(meaning, **limits)})


def declared_field(section: type, name: str) -> Field:
    """The field `name` of a dataclass made with `parameter`; KeyError where it has none."""
    return {declared.name: declared for declared in fields(section)}[name]


def spec_of(declared: Field) -> Spec:
    """The `Spec` of a dataclass field made by `parameter`."""
    return declared.metadata["spec"]
