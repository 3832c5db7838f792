"""Exercise 4.6, repairs 1 and 2: a backbone that stays, and an optimizer that learns of a new block."""
from collections.abc import Iterator
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from metacourse.checks import expect
from metacourse.checks.attempt import Attempt
from metacourse.checks.exercise import exercise
from metacourse.checks.few_shot import against
from metacourse.checks.report import CheckFailed

STATISTICS = ("batch norm in training mode counts along, whether its parameters are frozen or not: "
              "`.eval()`. It must reach every kind of it, also inside of blocks.")
IN_TRAINING = ("batch norm still normalizes by the pictures of the batch, so a picture's features depend "
               "on its neighbors: `.eval()` makes it use what it has counted in pretraining.")
STILL_LEARNS = "`.eval()` freezes no parameter: `.requires_grad_(False)` does, for all of a module at once."
STILL_FROZEN = "the optimizer knows the block, and no gradient reaches it: `block.requires_grad_(True)`."
NOT_KNOWN = ("the optimizer does not know of the block: it moves what it was given. "
             "`optimizer.add_param_group({\"params\": …, \"lr\": …})`.")
FORGOTTEN = ("a new optimizer does not know the gradients of earlier steps, so the head moves in another "
             "way: give the block to the old one, with `add_param_group`.")
A_COPY = "a copy is frozen, and the backbone itself, which the training loop goes on using, is not."
OLD_RATE, NEW_RATE = 0.01, 0.003


@exercise("4.6 (1)", points=1)
def freeze(answer: Attempt) -> Iterator[str]:
    """A backbone that stays."""
    backbone, x = pretrained(), images(8, seed=1)
    as_it_was, before = backbone(x).detach(), _state(backbone)
    frozen = answer(backbone.train())
    if not isinstance(frozen, nn.Module):
        raise CheckFailed("the answer should be the backbone", came=frozen)
    if frozen is not answer.given[0]:
        raise CheckFailed("the answer should be the backbone that was given", likely=A_COPY)
    z = frozen(x + 0)
    changed = [name for name, was in before.items() if not torch.equal(was, frozen.state_dict()[name])]
    if changed:
        statistics = any("running" in name for name in changed)
        raise CheckFailed("the backbone has changed", came=", ".join(changed[:3]),
                          likely=STATISTICS if statistics else "")
    yield "after a batch of pictures, its statistics are what they were"
    if not against.close(z.detach(), as_it_was):
        raise CheckFailed("its features are not those it gave before", came=against.short(z[0]),
                          wanted=against.short(as_it_was[0]), likely=IN_TRAINING)
    yield "a picture has the features that it had before, in any company"
    learning = [name for name, p in frozen.named_parameters() if p.requires_grad]
    if learning:
        raise CheckFailed("some parameters still ask for a gradient", came=", ".join(learning[:4]),
                          likely=STILL_LEARNS if len(learning) == len(list(frozen.parameters())) else
                          "all of them are to be frozen: biases, batch norm's and those inside, too.")
    yield "no parameter asks for a gradient"


def pretrained() -> nn.Sequential:
    """A backbone with batch norm outside and inside, which has seen pictures of another kind."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(2)
        inner = nn.Sequential(nn.Conv2d(1, 3, 3), nn.BatchNorm2d(3), nn.ReLU(), nn.Flatten())
        backbone = nn.Sequential(inner, nn.Linear(12, 4), nn.BatchNorm1d(4))
    for seed in range(3):
        backbone(3 * images(16, seed=10 + seed) - 1)
    return backbone.eval()


def images(n: int, *, seed: int) -> Tensor:
    return torch.rand(n, 1, 4, 4, generator=torch.Generator().manual_seed(seed))


def _state(module: nn.Module) -> dict[str, Tensor]:
    return {name: value.clone() for name, value in module.state_dict().items()}


class Training:
    """A head that has been trained for some steps, on top of a block that is frozen still."""

    def __init__(self):
        rng = torch.Generator().manual_seed(3)
        self.x, self.y = torch.randn(6, 4, generator=rng), torch.tensor([0, 1, 1, 0, 1, 0])
        self.block, self.head = nn.Linear(4, 3), nn.Linear(3, 2)
        with torch.no_grad():
            for p in (*self.block.parameters(), *self.head.parameters()):
                p.copy_(torch.randn(p.shape, generator=rng))
        self.block.requires_grad_(False)
        self.optimizer = torch.optim.Adam(self.head.parameters(), lr=OLD_RATE)
        for _ in range(3):
            self.step()

    def step(self, optimizer: Any = None) -> None:
        """One step of training, by the optimizer that the learner returned, or by the first one."""
        for p in (*self.block.parameters(), *self.head.parameters()):
            p.grad = None
        F.cross_entropy(self.head(torch.tanh(self.block(self.x))), self.y).backward()
        (optimizer or self.optimizer).step()

    def weights(self, of: nn.Module) -> Tensor:
        return torch.cat([p.detach().flatten() for p in of.parameters()])


def first_optimizer() -> torch.optim.Optimizer:
    """PyTorch loads its compiler with the first optimizer, which takes seconds."""
    return torch.optim.SGD([torch.zeros(1)])


@exercise("4.6 (2)", points=1, warm_up=first_optimizer)
def thaw(answer: Attempt) -> Iterator[str]:
    """An optimizer that knows."""
    here, alone = Training(), Training()
    start, head = here.weights(here.block).clone(), here.weights(here.head).clone()
    optimizer = answer(here.optimizer, here.block, lr=NEW_RATE)
    if not isinstance(optimizer, torch.optim.Optimizer):
        raise CheckFailed("the answer should be the optimizer", came=optimizer)
    if not torch.equal(here.weights(here.block), start):
        raise CheckFailed("the block has moved already", likely="`step()` belongs to the training loop.")
    here.step(optimizer), alone.step()
    moved = (here.weights(here.block) - start).abs()
    if not moved.all():
        frozen = not any(p.requires_grad for p in here.block.parameters())
        raise CheckFailed("the block does not move in the next step, or a part of it does not",
                          came=f"{int((moved > 0).sum())} of its {len(moved)} numbers move",
                          likely=_why(here, optimizer, frozen, moved))
    yield "in the next step, every number of the block moves"
    expect.number(moved.max(), NEW_RATE, "the block's rate (Adam's first step is as long as that)",
                  tolerance=0.02, likely={"the block has the head's rate: `lr` of its own group.": OLD_RATE})
    yield f"at its own rate, {NEW_RATE:g}"
    if not against.close(1e3 * (here.weights(here.head) - head), 1e3 * (alone.weights(alone.head) - head)):
        raise CheckFailed("the head does not go on as before", came=against.short(here.weights(here.head)),
                          wanted=against.short(alone.weights(alone.head)), likely=_head(here, optimizer))
    yield "the head goes on as before, at its rate, and with what Adam remembers of it"


def _why(here: Training, optimizer: torch.optim.Optimizer, frozen: bool, moved: Tensor) -> str:
    known = {id(p) for group in optimizer.param_groups for p in group["params"]}
    knows = [id(p) in known for p in here.block.parameters()]
    if any(knows) and (frozen or all(knows)):
        return STILL_FROZEN
    if not any(knows):
        return NOT_KNOWN + " And it is frozen still: `block.requires_grad_(True)`." * frozen
    return "a block has more than one parameter: all of them are to move."


def _head(here: Training, optimizer: torch.optim.Optimizer) -> str:
    head = {id(p) for p in here.head.parameters()}
    rates = {group["lr"] for group in optimizer.param_groups for p in group["params"] if id(p) in head}
    if not rates:
        return "this optimizer does not know the head: the block is added, and nothing is taken away."
    return FORGOTTEN if rates == {OLD_RATE} else "the head's rate has changed: `lr` is for the block alone."
