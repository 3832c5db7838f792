"""Paper 3: an adaptation that wants every class in equal numbers, tested on equal numbers."""
import torch
from torch import Tensor

from metacourse.episode import Examples
from metacourse.quiz.papers.digits import right, scores, source_network, target
from metacourse.quiz.papers.paper import Diagnostic, Finding, Paper

OFTEN, FEW = (1, 2), 6                                  # the depot's digits, and how many there are of others

PAGE = """
In our parcel depot, printed route numbers are read by a network that was trained on clean digits. Of every
ten digits there, eight are a 1 or a 2. A domain shift makes such a network favor some digits and forget
others. FAIR SHARES repairs this without labels: the scores of a batch are scaled, back and forth, until
every picture has one vote and every digit gets an equal share of the votes.

The network is trained on a thousand clean digits. It keeps its weights, and its batch norm takes the
statistics of the target (AdaBN), which are bold digits on colored noise. Then FAIR SHARES is applied to the
thousand target pictures, a hundred of each digit.

FAIR SHARES is right on **{claimed} %** of them, AdaBN alone on {other} %. Neither sees a label of the
target. FAIR SHARES runs in milliseconds, has nothing to tune, and goes to work in the depot next month.
"""


def fair_shares(scores: Tensor, rounds: int = 30) -> Tensor:
    votes = scores.softmax(dim=-1)                      # [picture, digit]
    for _ in range(rounds):
        votes = votes / votes.sum(dim=0, keepdim=True)  # as much for every digit
        votes = votes / votes.sum(dim=1, keepdim=True)  # one for every picture
    return votes


def claim(seed: int = 0) -> Finding:
    """On as many pictures of each digit."""
    return Finding(of(target(seed), seed), "")


def of(pictures: Examples, seed: int) -> dict[str, float]:
    """FAIR SHARES, AdaBN and the network as it was, on target pictures."""
    trained, (x, y, _) = source_network(seed), pictures
    adapted = scores(trained, x, statistics=x)
    return {"FAIR SHARES": right(fair_shares(adapted), y), "AdaBN": right(adapted, y),
            "no adaptation": right(scores(trained, x, statistics=trained.x), y)}


def as_in_the_depot(seed: int = 0) -> Finding:
    """On pictures whose digits are as frequent as the paper says that they are."""
    x, y, _ = target(seed)
    place = sum((y == digit).cumsum(0) * (y == digit) for digit in range(10))      # 1, 2, … of each digit
    keep = (place <= FEW) | torch.isin(y, torch.tensor(OFTEN))
    numbers = of(Examples(x[keep], y[keep]), seed)
    share = 100 * torch.isin(y[keep], torch.tensor(OFTEN)).double().mean().item()
    numbers = {f"{name}, in the depot": value for name, value in numbers.items()}
    return Finding(numbers, f"Of these pictures, {share:.0f} % are a 1 or a 2. FAIR SHARES gives eight "
                            "digits votes that they should not have.")


def fresh_pictures(seed: int = 0) -> Finding:
    """Another thousand pictures of the same kind."""
    numbers = of(target(seed + 100), seed)
    return Finding({f"{name}, other pictures": value for name, value in numbers.items()},
                   "The pictures were not chosen: on others it is much the same.")


def another_seed(seed: int = 0) -> Finding:
    """Another network, other pictures."""
    numbers = of(target(seed + 1), seed + 1)
    return Finding({f"{name}, another seed": value for name, value in numbers.items()},
                   "From another seed the levels differ, and the order is much the same.")


PAPER = Paper(
    "fair shares", "FAIR SHARES: every class gets its vote", PAGE, "%", claim, (fair_shares,),
    (Diagnostic("Repeat it with another seed.", another_seed),
     Diagnostic("Test on another thousand target pictures.", fresh_pictures),
     Diagnostic("Test with the class proportions of the depot.", as_in_the_depot)),
    flaw=2, corrected="FAIR SHARES, in the depot",
    hint="Nothing comes from nothing: an adaptation without labels has to assume something "
         "about the target.",
    why="The method assumes equal shares, and the test set has them by construction. The page itself says "
        "that the depot does not: there, most digits are a 1 or a 2, and the method turns many of them into "
        "others.",
    habit="An adaptation that uses no labels assumes something instead. Find out what, and break it.")
