"""Sureness against rightness, by pencil."""
import pytest

from metacourse import progress, quiz


def test_few_predictions_get_a_sentence_and_five_a_table():
    for i in range(4):
        progress.record("judged", str(i), {"sure": 0.9, "right": True})
    assert "4 predictions" in repr(quiz.calibration()) and "<table" not in quiz.calibration()._repr_html_()
    progress.record("judged", "4", {"sure": 0.5, "right": False})
    assert "<table" in quiz.calibration()._repr_html_()
    assert quiz.calibration().rows() == [(0.5, 0.0, 1), (0.9, 1.0, 4)]


def test_the_brier_score_by_pencil():
    judged = quiz.calibration()._replace(judged=((0.9, True), (0.5, False), (0.99, False)))
    assert judged.brier() == pytest.approx((0.01 + 0.25 + 0.9801) / 3)
    coin = judged._replace(judged=((0.5, True), (0.5, False)))
    assert coin.brier() == 0.25
