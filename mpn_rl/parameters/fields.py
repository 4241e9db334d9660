"""What parameters are declared with: kinds of numbers and texts, and models that are closed."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Annotated, Any, Optional, Self, TypeVar

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
    ValidationInfo,
    model_validator,
)

from mpn_rl.parameters.errors import ConfigError
from mpn_rl.parameters.values import as_number, as_whole_number, refusal, show, unknown_key

AsNumber = BeforeValidator(as_number)
AsWhole = BeforeValidator(as_whole_number)

Number = Annotated[float, AsNumber]
NonNegative = Annotated[float, Field(ge=0), AsNumber]
Positive = Annotated[float, Field(gt=0), AsNumber]
Fraction = Annotated[float, Field(ge=0, le=1), AsNumber]
PositiveFraction = Annotated[float, Field(gt=0, le=1), AsNumber]
Natural = Annotated[int, Field(ge=0), AsWhole]
Count = Annotated[int, Field(ge=1), AsWhole]

# A value, or null where the recipe is to fill it in (`recipe`), which is done before anything
# computes with it: so type checkers see the value alone.
T = TypeVar("T")
if TYPE_CHECKING:
    ByRecipe = Annotated[T, "filled in"]
else:
    ByRecipe = Optional[T]  # noqa: UP045


def matching(pattern: str) -> AfterValidator:
    """Refuse a text that the regular expression does not describe whole."""

    def check(text: str) -> str:
        if re.fullmatch(pattern, text, re.ASCII) is None:
            raise ValueError
        return text

    return AfterValidator(check)


def parameter(
    default: Any, meaning: str, when: tuple[str, tuple[Any, ...]] | None = None, **schema: Any
) -> Any:
    """A field of a model; `meaning` ends with its unit in brackets, if it has one.

    `when` = (other field, its values): elsewhere it has no effect. `schema` goes into its JSON
    schema: the `pattern` of a text, and its `form` in words.
    """
    more: Any = {"when": when, **schema}
    return Field(default, description=meaning, json_schema_extra=more)


class Parameters(BaseModel):
    """A model that knows its fields alone, converts nothing but numbers, and does not change."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, allow_inf_nan=False)

    def contradictions(self) -> Iterable[str]:
        """A line for each set of values that are sound alone and not together."""
        return ()

    @model_validator(mode="after")
    def _agree(self, info: ValidationInfo) -> Self:
        if not info.context and (problems := [*self.contradictions()]):
            raise ValueError("\n".join(problems))
        return self

    @classmethod
    def read(cls, values: Any, prefix: str = "", whole: bool = True) -> Self:
        """An instance from what may be anything; not `whole`: its contradictions are let pass.

        Raises ConfigError, a line per problem, with the key behind `prefix`, the value and what is
        allowed.
        """
        if not isinstance(values, Mapping):
            path = prefix.removesuffix(".")
            raise ConfigError(f"{path}: {show(values)} is not a mapping of keys to values")
        known = {key: value for key, value in values.items() if key in cls.model_fields}
        problems = [unknown_key("", key, cls.model_fields) for key in values if key not in known]
        try:
            found = cls.model_validate(known, context=None if whole else "in part")
        except ValidationError as error:
            told = [line for one in error.errors() for line in cls._told(one, known)]
            problems += dict.fromkeys(told)  # each kind of value that a field takes says so
        if problems:
            raise ConfigError("\n".join(prefix + line for line in problems))
        return found

    @classmethod
    def read_some(cls, values: Any, prefix: str) -> dict[str, Any]:
        """The values that are given, checked one by one, in their order; ConfigError as `read`."""
        found = cls.read(values, prefix, whole=False)
        return {name: getattr(found, name) for name in values}

    @classmethod
    def _told(cls, error: Any, given: Mapping[str, Any]) -> list[str]:
        """One of pydantic's errors in the words that users read, a line per problem."""
        said = str(error.get("ctx", {}).get("error", ""))
        if not error["loc"]:
            return said.splitlines()
        name = error["loc"][0]
        return [f"{name}: {said or refusal(given[name], declared_fields(cls)[name].schema)}"]


@dataclass(frozen=True)
class DeclaredField:
    """A field of a model, as flags, tables and messages tell it; `schema` is its JSON schema."""

    model: type[Parameters]
    name: str
    schema: Mapping[str, Any] = field(repr=False, compare=False)

    @property
    def default(self) -> Any:
        """The value where none is given."""
        return self.model.model_fields[self.name].default

    @property
    def meaning(self) -> tuple[str, str]:
        """What it is in a few words, and its unit or an empty text."""
        meaning, _, unit = str(self.schema["description"]).partition(" [")
        return meaning, unit.removesuffix("]")

    def read(self, value: Any) -> Any:
        """The value, checked; ConfigError as `Parameters.read`."""
        return self.model.read_some({self.name: value}, "")[self.name]


@cache
def declared_fields(model: type[Parameters]) -> dict[str, DeclaredField]:
    """The fields of a model by name."""
    schemas = model.model_json_schema()["properties"]
    return {name: DeclaredField(model, name, schema) for name, schema in schemas.items()}
