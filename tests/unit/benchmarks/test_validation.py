"""The paper's task, what is measured on it, and the table that says so."""

import sys
from pathlib import Path

import numpy as np
import pytest
import torch

sys.path.insert(0, str(Path(__file__).parents[3]))
from benchmarks import supervised
from benchmarks.integration import FOR_0, FOR_1, GO, NULL, IntegrationTask, evidence, scores
from benchmarks.supervised import HIDDEN, Lengths, Reader, batches, explained, measured, train
from benchmarks.validation import KEPT, PAGE, VARIANTS, by_sign, rewritten, rows_of, table, text_of

ROW = {"variant": "associative", "input_share": "0.7", "evidence_share": "0.4", "code": "c"}
ROW |= {"input_r2": "0.6", "evidence_r2": "0.3"}


def row(seed: int, accuracy: float, dimension: float, eta: float) -> dict[str, str]:
    numbers = {"seed": seed, "accuracy": accuracy, "dimension": dimension, "eta": eta}
    numbers |= {"batches": 2000 + seed, "seconds": 20.0}
    return ROW | {name: str(value) for name, value in numbers.items()}


def test_scores_of_two_words() -> None:
    assert scores(2).tolist() == [[0, 1], [0, 2], [1, 0], [2, 0]]


def test_scores_are_drawn_uniformly_and_words_in_any_order() -> None:
    task = IntegrationTask(np.random.default_rng(0), dim=4, length=4)
    phrases = task.draw(np.random.default_rng(1), 8_000)
    assert (phrases.words[:, -1] == GO).all()
    counts = [(phrases.words == word).sum(axis=1) for word in (FOR_0, FOR_1, NULL)]
    drawn, often = np.unique(np.stack(counts[:2]), axis=1, return_counts=True)
    assert drawn.T.tolist() == scores(3).tolist()
    assert often == pytest.approx(8_000 / 8, rel=0.1)
    assert (phrases.classes == (counts[1] > counts[0])).all()
    # one word of evidence among two nulls stands at each of the three places alike
    alone = phrases.words[(counts[0] == 1) & (counts[2] == 2), :-1]
    assert (alone == FOR_0).mean(axis=0) == pytest.approx(1 / 3, abs=0.06)


def test_evidence_after_each_word() -> None:
    words = np.array([[FOR_1, NULL, FOR_1, FOR_0, GO], [FOR_0, FOR_0, FOR_1, NULL, GO]])
    assert evidence(words).tolist() == [[1, 1, 2, 1, 1], [-1, -2, -1, -1, -1]]


def test_words_are_vectors_of_length_one_with_noise_of_length_a_tenth() -> None:
    task = IntegrationTask(np.random.default_rng(0), dim=50)
    assert set(np.unique(task.vectors)) == {0.0, (2 / 50) ** 0.5}
    words = np.full((200, 20), GO)
    x = task.inputs(np.random.default_rng(1), words)
    assert x.shape == (20, 200, 50)
    assert x.dtype == np.float32
    lengths = np.linalg.norm(x - task.vectors[GO], axis=2)
    assert lengths.mean() == pytest.approx(0.1, rel=0.02)


def test_the_share_that_is_explained_by_hand() -> None:
    # one unit is 2 a + 1, the other b, which has nothing of a, the third still: variances 4, 1, 0
    a, b = np.array([1.0, 1.0, -1.0, -1.0]), np.array([1.0, -1.0, 1.0, -1.0])
    h = np.stack([2 * a + 1, b, np.ones(4)], axis=1)
    assert explained(h, a[:, None]) == pytest.approx((4 / 5, 1 / 2))
    assert explained(h, np.stack([a, b], axis=1)) == pytest.approx((1.0, 1.0))
    assert explained(h, np.eye(2)[[0, 0, 1, 1]]) == pytest.approx((4 / 5, 1 / 2))  # one-hot


def test_a_set_of_phrases_is_learned_from_ten_times() -> None:
    task = IntegrationTask(np.random.default_rng(0), dim=2, length=4)
    drawn = batches(task, np.random.default_rng(1))
    first = [next(drawn) for _ in range(51)]
    assert first[0][0].shape == (4, 64, 2)
    ones = [sum(int(classes.sum()) for _, classes in first[:50])]
    ones.append(sum(int(next(drawn)[1].sum()) for _ in range(49)) + int(first[50][1].sum()))
    assert ones[0] == ones[1]


def test_scales_of_eta_by_rule_and_no_bias() -> None:
    def reader(rule: str) -> Reader:
        return Reader("mpn", {"hebbian_rule": rule}, 50, 3)

    plain, post = reader("associative"), reader("postsynaptic")
    assert abs(plain.eta()) <= 6**0.5
    assert post.eta() == pytest.approx(plain.eta() * 50**0.5)
    shapes = {name: tuple(weight.shape) for name, weight in plain.named_parameters()}
    assert shapes == {
        "core.layers.0.W": (HIDDEN, 50),
        "core.layers.0.eta": (),
        "core.layers.0.lambda_raw": (),
        "read": (2, HIDDEN),
    }
    assert plain.core.lambda_decay.item() == pytest.approx(0.949)  # type: ignore[union-attr]
    assert np.isnan(Reader("gru", {}, 50, 3).eta())


def trained(lengths: Lengths) -> tuple[int, torch.Tensor]:
    task = IntegrationTask(np.random.default_rng(0), dim=20, length=3)
    reader = Reader("rnn", {}, task.dim, 0)
    count = train(reader, task, np.random.default_rng(1), lengths)
    return count, reader.read.detach()


def test_training_is_the_same_again() -> None:
    (count, weights), (_, others) = trained(Lengths(1, 3)), trained(Lengths(1, 3))
    assert count == 3
    assert torch.equal(weights, others)


def test_training_ends_at_the_first_validation_that_passes_after_the_fewest(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name, value in {"PERIOD": 2, "VALIDATED": 8, "PASSED": 0.0}.items():
        monkeypatch.setattr(supervised, name, value)
    assert trained(Lengths(3, 8))[0] == 4
    monkeypatch.setattr(supervised, "PASSED", 1.0)
    assert trained(Lengths(3, 8))[0] == 8


def test_a_row_has_what_the_table_needs() -> None:
    found = measured("rnn", {}, 0, Lengths(1, 2))
    assert list(found) == [
        *("accuracy", "dimension", "input_share", "evidence_share", "input_r2", "evidence_r2"),
        *("eta", "batches"),
    ]
    assert found["batches"] == 2
    assert 0 <= found["accuracy"] <= 1 <= found["dimension"]


def test_the_table_by_hand() -> None:
    rows = [row(1, 0.99, 3.0, 2.0), row(0, 1.0, 2.0, -1.5), row(2, 1.0, 1.0, -2.5)]
    line = table(rows).splitlines()[2]
    cells = [cell.strip() for cell in line.strip("|").split("|")]
    assert cells[:6] == [
        *("associative", "3", "0.997 ± 0.006", "0.997 ± 0.006", "2.00 ± 1.00", "2.07 ± 0.12")
    ]
    assert cells[-1] == "2,001"
    signs = by_sign(rows).splitlines()[2:]
    assert "| positive | 1 | 0.990 | 3.00 |" in signs[0]
    assert "| negative | 2 | 1.000 ± 0.000 | 1.50 ± 0.71 |" in signs[1]
    assert [r["seed"] for r in rows_of(text_of(rows))] == ["0", "1", "2"]


def test_the_page_is_what_the_kept_rows_say() -> None:
    rows = rows_of(KEPT.read_text())
    assert {r["variant"] for r in rows} == set(VARIANTS)
    assert rewritten(PAGE.read_text(), rows) == PAGE.read_text()
