"""Numbers that YAML 1.1 reads otherwise than they look, and where things stand."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mpn_rl.parameters.errors import ConfigError
from mpn_rl.sweep.config.document import read_document
from mpn_rl.sweep.config.sweep import load_sweep


@pytest.fixture
def read(tmp_path):
    def read_text(text):
        path = tmp_path / "sweep.yaml"
        path.write_text(text)
        return read_document(path).data

    return read_text


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("064", "064 is 52 to YAML; write 64"),
        ("010", "010 is 8 to YAML; write 10"),
        ("-010", "-010 is -8 to YAML; write -10"),
        ("+0_10", "+0_10 is 8 to YAML; write 10"),
        ("1:30", "1:30 is 90 to YAML; write 90, or '1:30' in quotes for a text"),
        ("2:00:00", "2:00:00 is 7200 to YAML; write 7200, or '2:00:00' in quotes for a text"),
        ("1:30.5", "1:30.5 is 90.5 to YAML; write 90.5, or '1:30.5' in quotes for a text"),
        ("!!int 064", "064 is 52 to YAML; write 64"),
    ],
)
@pytest.mark.parametrize("where", ["b: {}", "b: [1, {}]", "b: {{c: {}}}", "? {}\n: 1"])
def test_a_number_that_looks_like_another_is_refused_with_its_line(written, said, where, read):
    with pytest.raises(ConfigError) as error:
        read("a: 1\n" + where.format(written) + "\n")
    assert "sweep.yaml, line 2, column " in str(error.value)
    assert str(error.value).endswith(said)


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("0", 0),
        ("007", 7),
        ("00", 0),
        ("-0", 0),
        ("1_000", 1000),
        ("0x1F", 31),
        ("0b101", 5),
        ("012.5", 12.5),
        ("1_0.5", 10.5),
        ("'064'", "064"),
        ('"1:30"', "1:30"),
        ("08", "08"),
        ("0o17", "0o17"),
        ("0:30", "0:30"),
        ("1:75", "1:75"),
        ("1:2x", "1:2x"),
    ],
)
def test_what_looks_like_what_it_is_is_read(written, value, read):
    found = read(f"a: {written}\n")["a"]
    assert found == value
    assert type(found) is type(value)


@given(st.from_regex(r"[-+]?[0-9][0-9_:.]{0,6}", fullmatch=True))
def test_a_whole_number_is_what_its_digits_say_or_no_number(tmp_path_factory, text):
    path = tmp_path_factory.getbasetemp() / "digits.yaml"
    path.write_text(f"a: {text}\n")
    try:
        value = read_document(path).data["a"]
    except ConfigError:
        return
    if isinstance(value, int):
        assert value == int(text.replace("_", ""))
    elif isinstance(value, float):
        assert value == float(text.replace("_", ""))


@pytest.mark.parametrize(
    ("config", "said"),
    [
        ("sweep:\n  base:\n    hidden_dim: 064\n", ", line 3, column 17: 064 is 52 to YAML; write"),
        ("sweep: {}\nseeds: {first: 010, count: 1}\n", ", line 2, column 16: 010 is 8 to YAML"),
        ("sweep: {base: {hidden_dim: 08}}\n", "'08' is not a whole number at least 1 (write 8)"),
        ("sweep: {base: {hidden_dim: 0o17}}\n", "at least 1 (write 15)"),
        ("sweep:\n  name: no\n", ", line 2: sweep.name: false is not up to 80 letters, digits, "),
        ("sweep:\n  name: no\n", "spaces and . _ - (no is false to YAML; a text goes in quotes)"),
        ("sweep:\n  name: 2024-01-02\n", "sweep.name: 2024-01-02 is not up to 80 letters, digits,"),
        ("sweep:\n  name: 2024-01-02\n", "(2024-01-02 is a date to YAML; a text goes in quotes)"),
        ("sweep:\n  grid:\n    encoder: [dense, off]\n", "line 3: sweep.grid.encoder: false is n"),
        ("sweep:\n  grid:\n    encoder: [dense, off]\n", "(off is false to YAML; a text goes i"),
        ("sweep:\n  points:\n  - {eta: 1}\n  - {etta: 2}\n", "line 4: sweep.points[1].etta: unkn"),
        ("sweep: {}\nrender:\n  fps: 0\n", "line 3: render.fps: 0 is not a whole number in [1, "),
        ("sweep: {}\neta: 1\n", "line 2: eta: unknown key; a hyper-parameter stands in sweep.base"),
        ("seeds: {}\n", "sweep.yaml: sweep: missing; it says what is trained"),
    ],
)
def test_errors_of_a_config_name_the_line_and_what_was_written(config, said, tmp_path):
    path = tmp_path / "sweep.yaml"
    path.write_text(config)
    with pytest.raises(ConfigError) as error:
        load_sweep(path)
    assert said in str(error.value)
    assert len(str(error.value).splitlines()) == 1


def test_an_open_bracket_is_named_by_the_line_it_begins_in(read):
    with pytest.raises(ConfigError, match=r"line 3, column 2: .* that begins in line 2$"):
        read("a: 1\nb: {c: 1\nd: 2\n")


def test_booleans_in_words_stay_booleans(tmp_path):
    path = tmp_path / "sweep.yaml"
    path.write_text("sweep: {base: {bias: off, learn_eta: yes}}\n")
    [point] = load_sweep(path).runs.values()
    assert (point.bias, point.learn_eta) == (False, True)


def test_a_key_is_followed_as_far_as_it_goes(tmp_path):
    path = tmp_path / "a.yaml"
    path.write_text("a:\n  b:\n  - 1\n  - {c: 2}\n")
    document = read_document(path)
    assert document.find("a.b[1].c")[:2] == (4, 4)
    assert document.find("a.b[0]")[:2] == (3, 3)
    assert document.find("a.b[7].c")[:2] == (2, 2)
    assert document.find("z")[:2] == (0, 0)
