"""Exercise 4.4: two views of each picture, and the loss that wants them nearer than all others."""
import math
from collections.abc import Iterator

import torch
import torch.nn.functional as F
from torch import Tensor

from metacourse.checks import expect
from metacourse.checks.attempt import Attempt
from metacourse.checks.exercise import exercise
from metacourse.checks.few_shot import against
from metacourse.checks.report import CheckFailed

ITSELF = "a view is compared with itself: it is its own nearest, and the loss could ask for nothing else."
NO_POSITIVE = ("the partner is missing below the fraction: the sum runs over all views but i itself, and the "
               "partner is one of them.")
ZERO = ("the diagonal is 0, and e⁰ = 1 still counts as another view: −∞ takes it out, `masked_fill(…, "
        "-torch.inf)`.")
OVERFLOW = "e¹⁰⁰ is ∞ in single precision, and ∞/∞ is NaN: `logsumexp` or `cross_entropy` never gets there."
ONE_SIDE = "only one half of the views asks for its partner: both views of each picture do, 2n in all."
VERY_LOW = -1e4                                           # where −∞ is wanted, −10⁹ will do
PARTNER = "the partner of view i of the first half is view i + n, and the other way round."


@exercise("4.4 a", points=1)
def cosines(answer: Attempt) -> Iterator[str]:
    """Every view with every other."""
    _table(answer, torch.tensor([[3.0, 0.0], [0.0, 2.0]]), torch.tensor([[0.0, 1.0], [4.0, 3.0]]))
    yield "two pictures make four views; their cosines are 0, 0.6, 0.8 and 1, and −∞ on the diagonal"
    rng = torch.Generator().manual_seed(5)
    for n, dim in ((5, 3), (3, 6), (9, 4)):
        _table(answer, *torch.randn(2, n, dim, generator=rng))
        yield f"{n} pictures: {2 * n} × {2 * n} cosines of embeddings of {dim} numbers"
    against.slopes(answer, dict(zip(("z_a", "z_b"), torch.randn(2, 3, 4, generator=rng))))
    yield "the gradient reaches both views"


def _table(answer: Attempt, z_a: Tensor, z_b: Tensor) -> None:
    n, dim = z_a.shape
    came = expect.tensor(against.ask(answer, z_a, z_b), "the answer", shape=(2 * n, 2 * n), axes="2n, 2n",
                         likely={
        "these are z_a with z_b: put both in one tensor first, with `torch.cat`.": (n, n),
        "`cat` along the wrong axis: views are rows.": (n, 2 * n),
        "products of numbers are still apart: add them up over the last axis.": (2 * n, 2 * n, dim),
        "the diagonal was taken out: leave it in, with −∞ there.": (2 * n, 2 * n - 1)})
    came = came.masked_fill(_itself(came) & (came < VERY_LOW), -torch.inf)
    against.match(came, _without_itself(_cosine(z_a, z_b)), "the cosines are not right",
                  wrong_cosines(z_a, z_b), row="view")


def _cosine(z_a: Tensor, z_b: Tensor) -> Tensor:
    z = torch.cat([z_a, z_b])
    return F.cosine_similarity(z[:, None], z, dim=-1)


def _itself(s: Tensor) -> Tensor:
    return torch.eye(len(s), dtype=torch.bool)


def _without_itself(s: Tensor) -> Tensor:
    return s.masked_fill(_itself(s), -torch.inf)


def wrong_cosines(z_a: Tensor, z_b: Tensor) -> dict[str, Tensor]:
    """What mistakes make of the table of cosines."""
    z, s = torch.cat([z_a, z_b]), _cosine(z_a, z_b)
    in_turns = torch.stack([z_a, z_b], 1).flatten(0, 1)
    return {
        f"{ITSELF} Put −∞ on the diagonal.": s,
        ZERO: s.masked_fill(_itself(s), 0.0),
        "−1 on the diagonal is a possible cosine, and still counts: −∞.": s.masked_fill(_itself(s), -1.0),
        "`F.normalize` works along axis 1 unless told otherwise. Was it told 0? Each row gets length 1.":
            _without_itself(F.normalize(z, dim=0) @ F.normalize(z, dim=0).T),
        "these are dot products: a cosine divides by both lengths.": _without_itself(z @ z.T),
        "dot products, and the diagonal is left in: two mistakes.": z @ z.T,
        "the partners are taken out: they are what each view is to find. Only the diagonal goes.":
            s.masked_fill(_itself(s).roll(len(z_a), 0), -torch.inf),
        "partners and diagonal are taken out: only the diagonal goes.":
            _without_itself(s).masked_fill(_itself(s).roll(len(z_a), 0), -torch.inf),
        "the views take turns: first all of z_a, then all of z_b.":
            _without_itself(_cosine(in_turns[:len(z_a)], in_turns[len(z_a):])),
        "z_b comes first: first all of z_a.": _without_itself(_cosine(z_b, z_a)),
        "these are distances: cosines are wanted.": _without_itself((z[:, None] - z).norm(dim=-1)),
        "+∞ on the diagonal: then each view would find itself.": s.masked_fill(_itself(s), torch.inf),
    }


@exercise("4.4 b", points=2)
def nt_xent(answer: Attempt) -> Iterator[str]:
    """NT-Xent."""
    for n in (3, 5):
        point = torch.tensor([[1.0, 2.0]]).expand(n, 2)
        against.number(against.ask(answer, point, point, temperature=0.5), math.log(2 * n - 1),
                       f"the loss of {n} pictures in one point", _in_one_point(n))
        yield f"{n} pictures in one point: each view guesses among {2 * n - 1} others, log {2 * n - 1}"
    rng = torch.Generator().manual_seed(6)
    for n, dim, temperature in ((4, 3, 0.5), (3, 5, 0.2), (7, 2, 2.0)):
        z_a, z_b = torch.randn(2, n, dim, generator=rng)
        against.number(against.ask(answer, z_a, z_b, temperature=temperature),
                       right_loss(_cosine(z_a, z_b) / temperature).item(), "the loss",
                       wrong_losses(z_a, z_b, temperature))
        yield f"{n} pictures, τ = {temperature:g}: the mean over {2 * n} views"
    _sharp(answer)
    yield "τ = 0.01: no number grows too large"
    against.slopes(answer, {"z_a": z_a, "z_b": z_b}, temperature=0.5)
    yield "the gradient reaches both views"


def _in_one_point(n: int) -> dict[str, float]:
    """What mistakes make of n pictures whose cosines are all 1, at τ = ½."""
    itself, partner = math.log(2 * n), math.log(2 * n - 2)
    return {ITSELF: itself, NO_POSITIVE: partner,
            f"{ZERO} (Or 0 was divided by τ.)": math.log(2 * n - 1 + math.exp(-2)),
            "only the views of the other half are below the fraction: all views but i itself.": math.log(n),
            "the sum over the views: take their mean.": 2 * n * math.log(2 * n - 1),
            "divided by n: the mean over all 2n views.": 2 * math.log(2 * n - 1),
            "the sign: −log.": -math.log(2 * n - 1),
            "the sum below the fraction is missing.": -2.0,
            "this is the probability: −log of it.": 1 / (2 * n - 1)}


def right_loss(s: Tensor) -> Tensor:
    """From cosines over τ, one view after the other."""
    n = len(s) // 2
    each = [torch.cat([row[:i], row[i + 1:]]).logsumexp(0) - row[(i + n) % (2 * n)]
            for i, row in enumerate(s)]
    return torch.stack(each).mean()


def wrong_losses(z_a: Tensor, z_b: Tensor, temperature: float) -> dict[str, float]:
    """What mistakes make of it."""
    n, z, cosine = len(z_a), torch.cat([z_a, z_b]), _cosine(z_a, z_b)
    s, rows = cosine / temperature, torch.arange(2 * n)
    other, apart = rows.roll(n), _without_itself(s)
    right, across = right_loss(s), s[:n, n:]
    each = apart.logsumexp(1) - s[rows, other]

    def ask_for(s: Tensor, partner: Tensor) -> Tensor:
        return F.cross_entropy(s, partner)
    wrong = {
        ITSELF: ask_for(s, other),
        NO_POSITIVE: (apart.masked_fill(F.one_hot(other).bool(), -torch.inf).logsumexp(1)
                      - s[rows, other]).mean(),
        ZERO: ask_for(s.masked_fill(_itself(s), 0.0), other),
        f"{ONE_SIDE} ": each[:n].mean(), f"{ONE_SIDE}  ": each[n:].mean(),
        "z_a is compared with z_b only: views of the same half are others, too.":
            ask_for(across, rows[:n]),
        "z_b is compared with z_a only: views of the same half are others, too.": ask_for(across.T, rows[:n]),
        "z_a is compared with z_b, and z_b with z_a: views of the same half are others, too.":
            (ask_for(across, rows[:n]) + ask_for(across.T, rows[:n])) / 2,
        f"{PARTNER} Here view i looks for itself.": ask_for(s, rows),
        f"{PARTNER} Here the views seem to take turns.": ask_for(apart, rows ^ 1),
        f"{PARTNER} Here the order is turned around.": ask_for(apart, rows.flip(0)),
        against.MULTIPLIED: right_loss(cosine * temperature),
        "the temperature is not used.": right_loss(cosine),
        "these are dot products: a cosine divides by both lengths.": right_loss(z @ z.T / temperature),
        "`F.normalize` was told axis 0: each embedding gets length 1, `dim=-1`.":
            right_loss(F.normalize(z, dim=0) @ F.normalize(z, dim=0).T / temperature),
        "these are distances: cosines are compared.":
            right_loss(-(z[:, None] - z).norm(dim=-1) / temperature),
        "the sum over the views: take their mean.": 2 * n * right,
        "divided by n: the mean over all 2n views.": 2 * right,
        "the sign: −log.": -right,
        "these are probabilities: −log of them.": (-each).exp().mean(),
        "the logarithm of the mean: take the mean of the logarithms.": -(-each).exp().mean().log(),
        "the sum below the fraction is missing.": -s[rows, other].mean(),
    }
    return {mistake: value.item() for mistake, value in wrong.items()}


def _sharp(answer: Attempt) -> None:
    z_a, z_b = torch.eye(3), torch.tensor([[0.0, 1.0, 0.0], [0.6, 0.8, 0.0], [0.0, 0.0, 1.0]])
    came = against.ask(answer, z_a, z_b, temperature=0.01)
    try:
        expect.number(came, right_loss(_cosine(z_a, z_b) / 0.01).item(), "the loss at τ = 0.01")
    except CheckFailed as failure:
        failure.likely = OVERFLOW
        raise
