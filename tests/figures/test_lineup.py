"""The line-up: the picture to recognize, and the classes with their probabilities."""
import torch

from metacourse.figures import lineup


def some(shots):
    return list(torch.randint(0, 256, (shots, 1, 28, 28), dtype=torch.uint8))


def test_it_tells_the_classes_and_their_probabilities():
    picture = lineup([some(1), some(3), []], some(1)[0], [0.25, 0.75, None], names=["ank", "dok", "C"],
                     title="Which one?")
    assert picture.alt.startswith("Which one? The classes: ank (1 drawing), dok (3 drawings).")
    assert picture.alt.rstrip().endswith("The picture is: ank 25 %, dok 75 %.")


def test_without_a_query_there_are_no_probabilities():
    picture = lineup([[], []], None, [None, None], names=["A", "B"], title="Which one?")
    assert "The classes: none yet. There is no picture to recognize yet." in picture.alt
