"""MoCo: other pictures to differ from, kept in a queue, so that batches may be small (He et al., 2020).

SimCLR compares with the pictures of its batch only. MoCo remembers the embeddings of earlier batches. They
are comparable only if the network that made them hardly changes; so a second network makes them, the momentum
encoder, which follows the trained one slowly and gets no gradient.

The paper's words *query* and *key* mean something else in this course: they are `z_online` and `z_momentum`.

Differs from the paper:
- the queue begins empty, where the authors' code begins with random vectors: at the first step there is
  nothing to differ from, and the loss is 0;
- it holds any number of vectors; a batch need not divide it;
- no shuffled batch norm. On several GPUs, batch statistics of their own tell a network which pictures came
  together, and the paper shuffles against that. On one device use group norm, which looks at one picture;
- a projection head, as in SimCLR (the paper's second version has it, too).
"""
from collections.abc import Callable

import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor

from metacourse.episode import Params
from metacourse.methods import refuse
from metacourse.methods.simclr import Views

QUEUE = "queue"                                 # what the queue is called in a checkpoint


def follow(slow: Params, theta: Params, *, momentum: float) -> Params:
    """θ_k ← m θ_k + (1 − m) θ_q: the momentum encoder takes a small step to the trained one (Equation 2).

    With momentum 1 it never moves, with 0 it is a copy.
    """
    if not 0 <= momentum <= 1:
        raise ValueError(f"momentum={momentum}; wanted a number from 0 (a copy) to 1 (never moves), as 0.99")
    if slow.keys() != theta.keys():
        raise ValueError(f"θ has {sorted(slow.keys() ^ theta.keys())} in one network and not in the other; "
                         "wanted two of the same make")
    return {name: torch.lerp(p.detach(), slow[name], momentum) for name, p in theta.items()}


def info_nce(z_online: Float[Tensor, "n dim"], z_momentum: Float[Tensor, "_ dim"],
             queue: Float[Tensor, "keys dim"], *, temperature: float) -> Float[Tensor, ""]:
    """Mean of −log(exp(q·k₊ / τ) / Σ_k exp(q·k / τ)), over k₊ and the queue (Equation 1).

    k₊ is the other view of the same picture. All vectors are given length 1; only q gets a gradient.
    """
    if len(z_online) != len(z_momentum) or not len(z_online):
        raise ValueError(f"{len(z_online)} and {len(z_momentum)} views; wanted two of each picture, and one "
                         "picture or more")
    q, positive = (F.normalize(z, dim=-1) for z in (z_online, z_momentum.detach()))
    like = (q * positive).sum(dim=-1, keepdim=True)                          # q·k₊
    unlike = q @ F.normalize(queue.detach(), dim=-1).T                       # q·k of the queue
    s = torch.cat([like, unlike], dim=1) / refuse.cold(temperature)
    return F.cross_entropy(s, torch.zeros(len(s), dtype=torch.long, device=s.device))


class Queue:
    """The last `size` vectors that were pushed, oldest first; fewer before it is full."""

    def __init__(self, size: int):
        if size < 1:
            raise ValueError(f"size={size}; wanted room for one vector or more: 1024 for small data")
        self.size, self.held = size, None

    def __len__(self) -> int:
        return 0 if self.held is None else len(self.held)

    def push(self, z: Float[Tensor, "n dim"]) -> None:
        """Take the vectors in, in their order, without their history; the oldest leave."""
        z = z.detach()
        both = z if self.held is None else torch.cat([self.held, z])
        self.held = both[-self.size:].clone()


class MoCo:
    """What lives on between two steps: the momentum encoder and the queue.

        method = moco.MoCo(embed, project, theta, queue=1024, momentum=0.99, temperature=0.1)
        trained = train(method.loss, theta, batch, steps=…, after_step=method.after_step, memory=method)

    `batch(step)` gives `simclr.batch(…)`. As `memory`, it travels in the checkpoints.
    """

    def __init__(self, embed: Callable, project: Callable, theta: Params, *, queue: int, momentum: float,
                 temperature: float):
        self.embed, self.project, self.temperature = embed, project, refuse.cold(temperature)
        self.slow = {name: p.detach().clone() for name, p in theta.items()}
        self.queue, self.momentum = Queue(queue), momentum
        follow(self.slow, self.slow, momentum=momentum)                      # refuses a wrong momentum now

    def loss(self, theta: Params, views: Views) -> Float[Tensor, ""]:
        """How well view a, by θ, is told from the queue by its likeness to view b, by the slow network."""
        x_a, x_b = views
        z_online = self.project(theta, refuse.maps(self.embed(theta, x_a), x_a, leading=1))
        with torch.no_grad():
            self.fresh = F.normalize(self.project(self.slow, self.embed(self.slow, x_b)), dim=-1)
        others = self.fresh[:0] if self.queue.held is None else self.queue.held
        return info_nce(z_online, self.fresh, others, temperature=self.temperature)

    def after_step(self, theta: Params) -> None:
        """Move the slow network, and let the vectors of this step into the queue."""
        self.slow = follow(self.slow, theta, momentum=self.momentum)
        self.queue.push(self.fresh)

    def state_dict(self) -> Params:
        """The momentum encoder's parameters, and the queue under the name "queue" once there is one."""
        held = {} if self.queue.held is None else {QUEUE: self.queue.held}
        return {**self.slow, **held}

    def load_state_dict(self, state: Params) -> None:
        """Go on from there. Raises ValueError for the state of another network."""
        slow = {name: p for name, p in state.items() if name != QUEUE}
        if slow.keys() != self.slow.keys():
            raise ValueError(f"the state has {sorted(slow)}, this momentum encoder {sorted(self.slow)}; "
                             "wanted the same network: take a checkpoint of this training, or start anew")
        self.slow = {name: p.to(self.slow[name]) for name, p in slow.items()}
        device = next(iter(self.slow.values())).device
        self.queue.held = state[QUEUE].to(device) if QUEUE in state else None
