"""What leaves a trace in the normal form of a source, and what leaves none."""

import ast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mpn_rl.sweep.ledger.code.syntax import normalised

LOG = "import logging\nlog = logging.getLogger(__name__)\n"

SAME = {
    "a local": ("def f(x):\n  y = x\n  return y", "def f(x):\n  z = x\n  return z"),
    "a local that a function inside reads": (
        "def f(x):\n  y = x\n  def g(): return y\n  return g",
        "def f(x):\n  z = x\n  def g(): return z\n  return g",
    ),
    "a local that a function inside sets": (
        "def f():\n  y = 1\n  def g():\n    nonlocal y\n    y = 2\n  return y",
        "def f():\n  z = 1\n  def g():\n    nonlocal z\n    z = 2\n  return z",
    ),
    "the variable of a comprehension": ("[a * b for a in c]", "[d * b for d in c]"),
    "the variable of an error": (
        "def f():\n  try: g()\n  except E as e: raise F(e)",
        "def f():\n  try: g()\n  except E as error: raise F(error)",
    ),
    "the variable of a loop": (
        "def f():\n  for i in g(): h(i)",
        "def f():\n  for j in g(): h(j)",
    ),
    "annotations": ("def f(x: int = 1) -> int:\n  y: int = x\n  z: str", "def f(x=1):\n  y = x"),
    "an annotation of a module's variable": ("X: int = 1", "X = 1"),
    "an annotation in a plain class": ("class A:\n  x: int = 1", "class A:\n  x = 1"),
    "order of functions": ("def f(): 1\ndef g(): 2", "def g(): 2\ndef f(): 1"),
    "order of methods": (
        "class A:\n  def f(s): 1\n  def g(s): 2",
        "class A:\n  def g(s): 2\n  def f(s): 1",
    ),
    "order of imports": (
        "import a\nfrom b import c, d",
        "from b import d\nfrom b import c\nimport a",
    ),
    "the text of a log line": (
        f"{LOG}def f(x): log.info('a %d', x)",
        f"{LOG}def f(x): log.info('b')",
    ),
    "a log line": (
        f"{LOG}def f(x): log.warning(f'a {{x}}')\nA = 1",
        f"{LOG}def f(x):\n  pass\nA = 1",
    ),
    "the name of a logger": (LOG, LOG.replace("log =", "logger =")),
    "types alone": (
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n  import a\nelse:\n  b = 1",
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n  import c\nelse:\n  b = 1",
    ),
}

OTHER = {
    "a parameter": ("def f(x): return x", "def f(y): return y"),
    "which local": (
        "def f():\n  a = 1\n  b = 2\n  return a",
        "def f():\n  a = 1\n  b = 2\n  return b",
    ),
    "a local and a parameter": (
        "def f(x):\n  y = 1\n  return x",
        "def f(x):\n  y = 1\n  return y",
    ),
    "a global": ("def f(): return a", "def f(): return b"),
    "a global that a function sets": (
        "def f():\n  global a\n  a = 1",
        "def f():\n  global b\n  b = 1",
    ),
    "an attribute": ("def f(x): return x.a", "def f(x): return x.b"),
    "a local that is looked up by name": (
        "def f():\n  a = 1\n  return locals()",
        "def f():\n  b = 1\n  return locals()",
    ),
    "a local that a table's query names": (
        "def f(t):\n  a = 1\n  return t.query('x > @a')",
        "def f(t):\n  b = 1\n  return t.query('x > @a')",
    ),
    "a name in an f-string with =": (
        "def f():\n  a = 1\n  return f'{a=}'",
        "def f():\n  b = 1\n  return f'{b=}'",
    ),
    "a field of a dataclass": (
        "@dataclass\nclass A:\n  x: int = 1",
        "@dataclass\nclass A:\n  x: float = 1",
    ),
    "order of fields": (
        "@dataclass\nclass A:\n  x: int\n  y: int",
        "@dataclass\nclass A:\n  y: int\n  x: int",
    ),
    "a field of a NamedTuple": (
        "class A(NamedTuple):\n  x: int",
        "class A(NamedTuple):\n  x: float",
    ),
    "an annotation that a decorator may read": (
        "@validate_call\ndef f(x: int): 1",
        "@validate_call\ndef f(x: str): 1",
    ),
    "a number drawn in a log line": (
        f"{LOG}def f(r): log.info('a %d', r.random())",
        f"{LOG}def f(r): log.info('a')",
    ),
    "the text of an error": ("raise E('a')", "raise E('b')"),
    "order of registration": (
        "def reg(f): 1\n@reg\ndef f(): 1\n@reg\ndef g(): 2",
        "def reg(f): 1\n@reg\ndef g(): 2\n@reg\ndef f(): 1",
    ),
    "which definition of a name is the last": ("def f(): 1\ndef f(): 2", "def f(): 2\ndef f(): 1"),
    "a decorator's option": (
        "@njit(fastmath=True)\ndef f(): 1",
        "@njit(fastmath=False)\ndef f(): 1",
    ),
    "an import that hides another": (
        "from a import x\nfrom b import x",
        "from b import x\nfrom a import x",
    ),
    "what a comprehension goes through": ("[x for x in a]", "[x for x in b]"),
    "order of statements": ("a = f()\nb = g()", "b = g()\na = f()"),
    "a negative zero": ("x = 0.0", "x = -0.0"),
    "a boolean": ("x = 1", "x = True"),
}


def text(source: str) -> str:
    return normalised(ast.parse(source))


@pytest.mark.parametrize("name", SAME)
def test_what_leaves_no_trace(name):
    one, other = SAME[name]
    assert text(one) == text(other)


@pytest.mark.parametrize("name", OTHER)
def test_what_counts(name):
    one, other = OTHER[name]
    assert text(one) != text(other)


NAMES = st.lists(st.sampled_from("abcdefgh"), min_size=4, max_size=4, unique=True)


@given(first=NAMES, second=NAMES)
def test_locals_may_have_any_names(first, second):
    source = (
        "def f(x):\n  {0} = x\n  for {1} in {0}:\n    {2} = [{3} + {1} for {3} in {0}]\n"
        "  return lambda q: {2} + q"
    )
    assert text(source.format(*first)) == text(source.format(*second))


@given(values=st.lists(st.sampled_from(["a", "b", "c"]), min_size=3, max_size=3))
def test_which_of_three_locals_is_used_counts(values):
    source = "def f():\n  a = 1\n  b = 2\n  c = 3\n  return {0}, {1}, {2}"
    same = values == ["a", "b", "c"]
    assert (text(source.format(*values)) == text(source.format("a", "b", "c"))) == same
