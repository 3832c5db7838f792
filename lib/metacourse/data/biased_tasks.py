"""Yes-or-no decisions about people of two groups, where history favored one of them. Entirely synthetic.

Each task is one kind of decision. Four features tell, through a direction that differs from task to task,
what a person deserves (y = 1 or 0); two are *proxies*, the same in every task, that tell only the group s. Of
the people with y = 1 most belong to group 1, of those with y = 0 most to group 0: a learner with few examples
finds the proxies useful, and group 0 pays.
"""
import torch
from jaxtyping import Float
from torch import Tensor

from metacourse.episode import Episode, Examples

MERITS, PROXIES = 4, 2                               # features of each kind, in this order
DIM = MERITS + PROXIES


def sample_episodes(*, tasks: int, shot: int, queries: int, rng: torch.Generator, agreement: float = 0.8,
                    merit: float = 1.2, proxy: float = 1.0) -> Episode:
    """A meta-batch of tasks: x `[tasks, person, 6]`, y `[tasks, person, 2]`, the label and the group.

    `shot` and `queries` count people per label, so a support set has 2 · shot people. A share `agreement` of
    them has a group equal to the label, exactly. `merit` and `proxy` are how far, in standard deviations of
    the noise, the features move with label and group (`proxy` each of the two).
    Raises ValueError where the shares come to fractions of a person.
    """
    if tasks < 1:
        raise ValueError(f"tasks={tasks} should be at least 1")
    direction = torch.nn.functional.normalize(torch.randn(tasks, 1, MERITS, generator=rng), dim=-1)

    def people(per_label: int) -> Examples:
        y, s = _labels_and_groups(per_label, agreement)
        x = torch.randn(tasks, len(y), DIM, generator=rng)
        x[..., :MERITS] += merit * (2 * y - 1)[:, None] * direction
        x[..., MERITS:] += proxy * (2 * s - 1)[:, None]
        return Examples(x, torch.stack([y, s], -1).expand(tasks, -1, -1))
    return Episode(people(shot), people(queries))


def _labels_and_groups(per_label: int, agreement: float) -> tuple[Float[Tensor, " n"], Float[Tensor, " n"]]:
    agreeing = per_label * agreement
    if per_label < 1 or not 0 <= agreement <= 1 or abs(agreeing - round(agreeing)) > 1e-6:
        raise ValueError(f"{per_label} people per label and agreement={agreement} make {agreeing:g} people; "
                         "wanted at least 1 per label and a whole number, as with 5 and 0.8")
    y = torch.tensor([0.0, 1.0]).repeat_interleave(per_label)
    agrees = torch.arange(per_label) < round(agreeing)
    return y, torch.where(agrees.repeat(2), y, 1 - y)
