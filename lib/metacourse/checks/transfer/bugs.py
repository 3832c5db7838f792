"""Exercise 4.6: four functions with five bugs, none of which raises an error."""
from collections.abc import Iterator

from metacourse.checks.attempt import Attempt
from metacourse.checks.exercise import exercise
from metacourse.checks.few_shot.bugs import judged

BUGS = {                                                  # name -> the lines that can be blamed for it
    "reversal sign": "A",
    "T² missing": "D",
    "compared with itself": "G",
    "batch norm moves": "HL",
    "optimizer too early": "IJK",
}
NOT_THERE = {
    "kl swapped": "`F.kl_div` takes log q first and p second: what stands in line D?",
    "teacher learns": "follow the gradient from line D back to the teacher. What stops it in line B?",
    "wrong partner": "line F, with two pictures: which number stands at place 0, and which at place 2?",
    "gradients pile up": "what does the loop do before each `backward`?",
}
LOOK = {
    "reversal sign": "give `turned` a z that requires a gradient, with reversal=0.5, and look at `z.grad` "
                     "after the sum's `backward()`.",
    "T² missing": "compare `taught` at temperatures 10 and 20. How much smaller is its gradient?",
    "compared with itself": "what is the loss of two pictures in one point? Each view has three others.",
    "batch norm moves": "compare `backbone.state_dict()` before and after the first steps: all of it, and "
                        "not the parameters only.",
    "optimizer too early": "compare the backbone's weights before and after the last steps. What moves them?",
}


@exercise("4.6", points=2)
def name_the_bugs(answer: Attempt) -> Iterator[str]:
    """Find the bugs."""
    yield from judged(answer(), BUGS, NOT_THERE, LOOK)
