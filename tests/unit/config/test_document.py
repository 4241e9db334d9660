"""YAML files: a mapping, or one message with file and line."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mpn_rl.parameters.errors import ConfigError
from mpn_rl.sweep.config.document import read_document
from tests.fixtures.config_files import outcome


@pytest.mark.parametrize(
    ("content", "place", "problem"),
    [
        (b"a: 1\nb: {c: 1, c: 2}\n", "line 2", "'c' is given twice"),
        (b"a: [1,\nb: 2\n", "line 3", "expected"),
        (b"a: 1\n\tb: 2\n", "line 2", "tab character"),
        (b"a: 1\nb: \xff\n", "line 2", "not UTF-8"),
        (b"a: 1\nb: \x07\n", "line 2", "control characters"),
        (b"a: 1\nb: 2020-13-45\n", "line 2", "month"),
        (b"a: 1\nb: !!python/object:os.system x\n", "line 2", "constructor"),
        (b"a: 1\n---\nb: 2\n", "line 2", "document"),
        (b"a: *nothing\n", "line 1", "alias"),
        (b"[1]: 2\n", "line 1", "must be text"),
        (b"a: " + b"[" * 100_000, "line 1", "nested deeper"),
        (b"a: " + b"9" * 5000, "line 1", "digits"),
        (b"", "", "is empty"),
        (b"- 1\n", "", "not a mapping"),
    ],
)
def test_yaml_errors_name_file_and_line(tmp_path, content, place, problem):
    path = tmp_path / "sweep.yaml"
    path.write_bytes(content)
    with pytest.raises(ConfigError) as error:
        read_document(path)
    text = str(error.value)
    assert text.startswith(f"{path}")
    assert place in text
    assert problem in text
    assert "\n" not in text


def test_files_that_cannot_be_read(tmp_path):
    with pytest.raises(ConfigError, match="No such file"):
        read_document(tmp_path / "missing.yaml")
    with pytest.raises(ConfigError, match="directory"):
        read_document(tmp_path)


@settings(max_examples=200, deadline=None)
@given(st.text(alphabet="ab:{}[],-\n #&*!|>'\"%?\t<0", max_size=40))
def test_any_text_is_a_mapping_or_one_clear_error(tmp_path_factory, text):
    path = tmp_path_factory.getbasetemp() / "any.yaml"
    path.write_text(text)
    data, problem = outcome(lambda: read_document(path).data)
    assert problem.startswith(str(path)) if problem else isinstance(data, dict)
