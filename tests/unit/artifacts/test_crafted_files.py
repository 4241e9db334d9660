"""Files that were made to harm: refused in one sentence, with little memory, in no time."""

import hashlib
import io
import json
import os
import pickle
import struct
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from mpn_rl.artifacts.arrays import read_arrays, write_arrays
from mpn_rl.artifacts.checkpoint import Checkpoint, read_checkpoint, write_checkpoint
from mpn_rl.artifacts.errors import ArtifactError
from mpn_rl.artifacts.experiment import read_config
from mpn_rl.artifacts.files import sha256
from mpn_rl.artifacts.history import read_history
from mpn_rl.artifacts.json_files import MOST_DEPTH, parsed
from mpn_rl.artifacts.training_state import MAGIC, read_state
from tests.unit.artifacts.test_fuzzing import READERS, little_memory

Reader = Callable[[Path], Any]
TERA = 8 * 10**12


def npy(descr: str, shape: str, data: bytes = b"", fortran: bool = False) -> bytes:
    header = f"{{'descr': {descr}, 'fortran_order': {fortran}, 'shape': {shape}, }}".encode()
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header + data


def zipped(members: dict[str, bytes], how: int = zipfile.ZIP_STORED) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", how) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return buffer.getvalue()


def larger_on_paper(data: bytes) -> bytes:
    """An archive whose list says that its only member has 4 GB."""
    at = data.index(b"PK\x01\x02")
    return data[: at + 20] + struct.pack("<II", 2**32 - 2, 2**32 - 2) + data[at + 28 :]


def overlapping(data: bytes) -> bytes:
    """An archive that lists its only member a thousand times, under other names."""
    at, end = data.index(b"PK\x01\x02"), data.index(b"PK\x05\x06")
    entry = data[at:end]
    name = struct.unpack("<H", entry[28:30])[0]
    entries = [
        entry[:46] + f"{n:0{name}}".encode()[:name] + entry[46 + name :] for n in range(1000)
    ]
    tail = data[end : end + 8] + struct.pack("<HHIIH", 1000, 1000, sum(map(len, entries)), at, 0)
    return data[:at] + b"".join(entries) + tail


MEGABYTE = np.zeros(2**17).tobytes()
ARRAYS = {
    "8 TB by its shape": zipped({"a.npy": npy("'<f8'", "(1000000000000,)", b"x" * 8)}),
    "more than 64 bits": zipped({"a.npy": npy("'<f8'", f"({2**70},)", b"")}),
    "a negative length": zipped({"a.npy": npy("'<f8'", "(-1,)", b"x" * 8)}),
    "nothing, for ever": zipped({"a.npy": npy("'<U0'", "(1000000000000000000,)")}),
    "void, for ever": zipped({"a.npy": npy("'|V0'", "(1000000000000000000,)")}),
    "objects": zipped({"a.npy": npy("'|O'", "(1,)", pickle.dumps(1))}),
    "a structure": zipped({"a.npy": npy("[('x', '<f8')]", "(1,)", b"x" * 8)}),
    "a type of no name": zipped({"a.npy": npy("'<q99'", "(1,)", b"x" * 8)}),
    "deep in its header": zipped({"a.npy": npy("(" * 3000 + ")" * 3000, "()")}),
    "a long header": zipped({"a.npy": npy("'" + "9" * 20000 + "'", "()")}),
    "too much": zipped({"a.npy": npy("'<f8'", "(1,)", b"x" * 9)}),
    "too little": zipped({"a.npy": npy("'<f8'", "(2,)", b"x" * 8)}),
    "a bomb": zipped({"a.npy": npy("'<f8'", "(131072,)", MEGABYTE)}, zipfile.ZIP_DEFLATED),
    "a bomb of bzip2": zipped({"a.npy": npy("'<f8'", "(131072,)", MEGABYTE)}, zipfile.ZIP_BZIP2),
    "4 GB by its list": larger_on_paper(zipped({"a.npy": npy("'<f8'", "(1,)", b"x" * 8)})),
    "a thousand times the same": overlapping(zipped({"0000000": npy("'<f8'", "(4,)", b"x" * 32)})),
    "no array": zipped({"a.npy": b"PK"}),
    "a newer version": zipped({"a.npy": b"\x93NUMPY\x09\x00" + b"\0" * 100}),
}


@pytest.mark.parametrize("name", ARRAYS)
def test_arrays(name: str, tmp_path: Path) -> None:
    path = tmp_path / "a.npz"
    path.write_bytes(ARRAYS[name])
    with little_memory(), pytest.raises(ArtifactError, match="is damaged"):
        read_arrays(path, ())


def test_arrays_of_any_order_and_number_of_axes(tmp_path: Path) -> None:
    arrays = {
        "fortran": np.asfortranarray(np.arange(6.0).reshape(2, 3)),
        "scalar": np.array(3),
        "none": np.zeros((0, 5), np.float32),
        "texts": np.array(["a", "bcd"]),
        "flags": np.array([True, False]),
    }
    np.savez(tmp_path / "a.npz", **arrays)
    found = read_arrays(tmp_path / "a.npz", tuple(arrays))
    for name, array in arrays.items():
        np.testing.assert_array_equal(found[name], array)
        assert found[name].dtype == array.dtype
        assert found[name].flags.writeable


def test_the_bytes_of_arrays_are_those_of_numpy_and_of_no_release_of_python(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    arrays = {"a": np.arange(3), "b": np.asfortranarray(np.ones((2, 3), np.float32))}
    write_arrays(tmp_path / "ours.npz", arrays)
    ours = (tmp_path / "ours.npz").read_bytes()
    assert hashlib.sha256(ours).hexdigest()[:16] == "817ce7541e512c3b"
    header = zipfile.ZipInfo.FileHeader

    def as_before_3_11_4(self: zipfile.ZipInfo, zip64: bool | None = None) -> bytes:
        found = bytearray(header(self, zip64))
        found[18:26] = struct.pack("<LL", self.compress_size, self.file_size)
        return bytes(found)

    monkeypatch.setattr(zipfile.ZipInfo, "FileHeader", as_before_3_11_4)
    write_arrays(tmp_path / "older.npz", arrays)
    assert (tmp_path / "older.npz").read_bytes() == ours


def changed(**changes: Any) -> Callable[[Path], None]:
    """Write a checkpoint, as it should be but for these fields."""
    sound = {"format": 1, "hyperparameters": {"core": "gru"}, "observation_dim": 4}
    sound |= {"num_actions": 2, "seeds": {0: {"W": torch.ones(2)}}, "failed": ()}
    return lambda path: torch.save({**sound, **changes}, path)


def pickled(opcodes: bytes) -> Callable[[Path], None]:
    """Write an archive as torch does, with this for its pickle."""
    members = {"a/data.pkl": opcodes, "a/byteorder": b"little", "a/version": b"3\n"}
    return lambda path: path.write_bytes(zipped(members))


def nested(value: Any, times: int) -> Any:
    for _ in range(times):
        value = [value]
    return value


def doubled(times: int) -> Any:
    """A list of 2 ** times numbers, in few bytes."""
    value: Any = 1
    for _ in range(times):
        value = [value, value]
    return value


def endless() -> Any:
    value: list[Any] = []
    value.append(value)
    return value


CHECKPOINTS: dict[str, Callable[[Path], None]] = {
    "hyperparameters a list": changed(hyperparameters=[1]),
    "hyperparameters nested": changed(hyperparameters={"core": nested(1, 50)}),
    "hyperparameters without end": changed(hyperparameters={"core": endless()}),
    "hyperparameters doubled": changed(hyperparameters={"core": doubled(60)}),
    "a number of 5000 digits": changed(hyperparameters={"eta": 10**5000}),
    "hyperparameters by numbers": changed(hyperparameters={1: 2}),
    "seeds a number": changed(seeds=5),
    "seeds by text": changed(seeds={"0": {}}),
    "weights a list": changed(seeds={0: [1]}),
    "weights no arrays": changed(seeds={0: {"W": 1}}),
    "weights that are nan": changed(seeds={0: {"W": torch.tensor([1.0, float("nan")])}}),
    "failed a number": changed(failed=7),
    "observation_dim a text": changed(observation_dim="4"),
    "num_actions below 1": changed(num_actions=-1),
    "observation_form a list": changed(observation_form=[]),
    "a field too many": changed(more=1),
    "one number 10**12 times": changed(seeds={0: {"W": torch.ones(1).expand(10**6, 10**6)}}),
    "room for 2**31 objects": pickled(b"\x80\x02}r\xff\xff\xff\x7f."),
    "a text of 4 GB": pickled(b"\x80\x02X\xff\xff\xff\xff."),
    "an opcode that sets attributes": pickled(b"\x80\x02ctorch\nFloatStorage\n}b."),
    "a name of another module": pickled(b"\x80\x02cos\nsystem\nX\x04\x00\x00\x00true\x85R."),
    "a newer protocol": pickled(pickle.dumps({"format": 1}, protocol=5)),
    "a mark without an end": pickled(b"\x80\x02" + b"(" * 10**5),
    "no end": pickled(b"\x80\x02}"),
}


@pytest.mark.parametrize("name", CHECKPOINTS)
def test_checkpoints(name: str, tmp_path: Path) -> None:
    path = tmp_path / "final_model.pt"
    CHECKPOINTS[name](path)
    with little_memory(), pytest.raises(ArtifactError, match=r"final_model\.pt: is"):
        read_checkpoint(path)


def test_a_compressed_checkpoint(tmp_path: Path) -> None:
    write_checkpoint(tmp_path / "a", Checkpoint({}, 1, 1, {0: {"W": torch.zeros(10**6)}}))
    with zipfile.ZipFile(tmp_path / "a") as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    (tmp_path / "b").write_bytes(zipped(members, zipfile.ZIP_DEFLATED))
    with little_memory(), pytest.raises(ArtifactError, match="is damaged"):
        read_checkpoint(tmp_path / "b")


HEADER = b'{"format": 2, "key": %s, "sha256": "%s", "first": %s}\n'
NO_PAYLOAD = b"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
STATES = {
    "key a list": HEADER % (b"[]", NO_PAYLOAD, b"0"),
    "key a number": HEADER % (b"7", NO_PAYLOAD, b"0"),
    "deep": HEADER % (b"[" * 5000 + b"]" * 5000, NO_PAYLOAD, b"0"),
    "a first part of 8 TB": HEADER % (b'{"seed": 0}', NO_PAYLOAD, b"%d" % TERA),
    "a first part of 70 bits": HEADER % (b'{"seed": 0}', NO_PAYLOAD, b"%d" % 2**70),
    "a first part below 0": HEADER % (b'{"seed": 0}', NO_PAYLOAD, b"-1"),
    "a first part of text": HEADER % (b'{"seed": 0}', NO_PAYLOAD, b'"x"'),
    "a number of 5000 digits": HEADER % (b"9" * 5000, NO_PAYLOAD, b"0"),
    "a header without end": b"[" * 2**21,
}


@pytest.mark.parametrize("name", STATES)
def test_states(name: str, tmp_path: Path) -> None:
    path = tmp_path / "seed_0.state"
    path.write_bytes(MAGIC + STATES[name])
    with little_memory():
        found, messages = read_state(path, {"seed": 0})
    assert found is None
    assert len(messages) == 1
    assert not path.exists()


@pytest.mark.parametrize("name", READERS)
@pytest.mark.parametrize("what", ["a pipe", "a device", "a link to itself", "8 TB of nothing"])
def test_what_is_no_file_of_ours(name: str, what: str, tmp_path: Path) -> None:
    path = tmp_path / "file"
    if what == "a pipe":
        os.mkfifo(path)
    elif what == "8 TB of nothing":
        path.touch()
        try:
            os.truncate(path, TERA)
        except OSError:
            pytest.skip("no such file on this file system")
    else:
        path.symlink_to("/dev/zero" if what == "a device" else path)
    with little_memory(), pytest.raises(ArtifactError, match="file: "):
        READERS[name][1](path)
    if what != "8 TB of nothing":
        with pytest.raises(ArtifactError, match="file: cannot be read"):
            sha256(path)


@pytest.mark.parametrize(
    "text",
    [
        b"[" * 10**5,
        b"[" * (MOST_DEPTH + 1) + b"]" * (MOST_DEPTH + 1),
        b'{"a":' * (MOST_DEPTH + 1) + b"1" + b"}" * (MOST_DEPTH + 1),
        b"9" * 5000,
        b"9" * 41,
        b"1e999",
        b"-1e999",
        b"\xff\xfe",
        b"",
    ],
)
def test_json_that_nobody_needs(text: bytes) -> None:
    with pytest.raises(ValueError, match=r"."):
        parsed(text)


def test_json_that_is_wide_but_not_deep() -> None:
    rows = [[n, {"a": 1.5}] for n in range(1000)]
    assert parsed(str(rows).replace("'", '"').encode()) == rows


@pytest.mark.parametrize(
    "text",
    [
        '{"seeds": []}',
        '{"seeds": {"x": {}}}',
        '{"seeds": {"0": 1}}',
        '{"seeds": {"0": {"loss": ["x"]}}}',
        '{"seeds": {"0": {"loss": [[[[[[1]]]]]]}}}',
        '{"seeds": {"0": {"loss": {"a": 1}}}}',
        '{"seeds": {"%s": {}}}' % ("9" * 5000),
    ],
)
def test_histories(text: str, tmp_path: Path) -> None:
    (tmp_path / "h").write_text(text)
    with pytest.raises(ArtifactError, match="is damaged"):
        read_history(tmp_path / "h")


@pytest.mark.parametrize("changes", [{"run": 1}, {"hyperparameters": 5}, {"seeds": ["0"]}])
def test_configs(changes: dict[str, Any], tmp_path: Path) -> None:
    sound = {"run": "a", "hyperparameters": {}, "seeds": [0]}
    (tmp_path / "c").write_text(json.dumps({**sound, **changes}))
    with pytest.raises(ArtifactError, match="is damaged"):
        read_config(tmp_path / "c")


def test_an_error_is_one_printable_line() -> None:
    assert str(ArtifactError("a\x1b[2J\nb\u202ec")) == "a\\x1b[2J\\nb\\u202ec"
    assert len(str(ArtifactError("x" * 10**6))) < 2100
