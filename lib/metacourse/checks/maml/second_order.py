"""Exercise 2.5 E: the query loss after a step, through which autograd finds its way back to the network."""
from collections.abc import Callable, Iterator

import torch
from torch import Tensor, nn
from torch.func import functional_call

from metacourse.checks.attempt import Attempt
from metacourse.checks.exercise import exercise
from metacourse.checks.maml import params
from metacourse.checks.maml.network import close
from metacourse.checks.report import CheckFailed

RATE = 0.2
STATE = ("`state_dict()` has the numbers of the weights without their graph: "
         "`dict(network.named_parameters())` has the weights themselves.")
STEP = "`phi = {name: p - inner_lr * g, …}` and `functional_call(network, phi, (x_query,))`"


@exercise("2.5 E", points=2)
def query_loss(answer: Attempt) -> Iterator[str]:
    """A step that autograd sees."""
    network, task, x_support, x_query = _given()
    theta = {name: p.detach().clone().requires_grad_() for name, p in network.named_parameters()}
    came = _ask(answer, network, task, x_support, x_query)
    if not isinstance(came, Tensor) or came.numel() != 1:
        raise CheckFailed("the query loss should be a tensor with one number", came=came,
                          likely="`.item()` cuts the graph." if isinstance(came, float) else "")
    changed = [name for name, p in network.named_parameters() if not torch.equal(p, theta[name])]
    if changed:
        raise CheckFailed("the network's own weights were changed", came=f"{changed[0]!r} is another one now",
                          likely=f"a step in place, which autograd cannot follow: {STEP}.")
    after = _after(network, task, x_support, x_query)
    params.match(came.item(), after(theta).item(), "the query loss", _values(after, theta))
    yield "the query loss is that of φ, and the network still has θ"
    if any(p.grad is not None for p in network.parameters()):
        raise CheckFailed("`.grad` should still be empty", likely="`backward()` adds to `.grad`: "
                          "`torch.autograd.grad` only returns the gradient.")
    yield "`.grad` is still empty"
    came = _gradient(came.sum(), network)
    exact, first_order = (_flat(_slopes(after(theta, first_order=cut), theta)) for cut in (False, True))
    if not close(came, exact):
        likely = "this is first-order: `create_graph=True` is missing." if close(came, first_order) else ""
        raise CheckFailed("the gradient of the query loss is not right", came=_show(came),
                          wanted=_show(exact), likely=likely)
    yield "its gradient goes through the step: it is the exact one"


class _Network(nn.Sequential):
    """Remembers whether its state dict was asked for."""

    asked = False

    def state_dict(self, *args, **kwargs) -> dict:
        self.asked = True
        return super().state_dict(*args, **kwargs)


def _ask(answer: Attempt, network: _Network, *given) -> object:
    try:
        return params.ask(answer, network, *given, inner_lr=RATE)
    except CheckFailed as failure:
        if network.asked and failure.likely == params.CUT:
            failure.likely = STATE
        raise


def _given() -> tuple[_Network, Callable, Tensor, Tensor]:
    rng = torch.Generator().manual_seed(4)
    network = _Network(nn.Linear(1, 3), nn.Tanh(), nn.Linear(3, 1)).double()
    for p in network.parameters():
        p.data = torch.randn(p.shape, generator=rng, dtype=p.dtype)
    x = 4 * torch.rand(9, 1, generator=rng, dtype=torch.float64) - 2
    return network, lambda x: 2 * torch.sin(x - 0.5), x[:4], x[4:]


def _after(network: nn.Module, task: Callable, x_support: Tensor, x_query: Tensor) -> Callable:
    """The query loss after a step, as a function of θ; with switches for what can go wrong."""
    def loss(p: dict, x: Tensor, total: bool = False) -> Tensor:
        squares = (functional_call(network, p, (x,)) - task(x)).square()
        return squares.sum() if total else squares.mean()

    def after(theta, *, rate=RATE, steps=1, first_order=False, adapt_to=x_support, judge_on=x_query, sums=()):
        phi = theta
        for _ in range(steps):
            slope = _slopes(loss(phi, adapt_to, "support" in sums), phi, create_graph=not first_order)
            phi = {name: phi[name] - rate * slope[name] for name in phi}
        return loss(phi, judge_on, "query" in sums)
    after.sets = {"support": x_support, "query": x_query}
    return after


def _values(after: Callable, theta: dict) -> dict[str, float]:
    support, query = after.sets["support"], after.sets["query"]
    return {mistake: after(theta, **change).item() for mistake, change in {
        "the query loss is taken at θ: the step must come first.": {"steps": 0},
        "this is the loss on the support set: φ is judged on the query set.": {"judge_on": support},
        "φ is adapted to the query set.": {"adapt_to": query},
        "the two sets are swapped.": {"adapt_to": query, "judge_on": support},
        "the step goes uphill: φ = θ − α ∇.": {"rate": -RATE},
        "α is squared.": {"rate": RATE**2},
        "α is forgotten.": {"rate": 1.0},
        "one step too many.": {"steps": 2},
        "the squared errors of the queries are added up: the mean is wanted.": {"sums": ("query",)},
        "the squared errors of the support set are added up: the mean is wanted.": {"sums": ("support",)},
        "the squared errors are added up in both losses: the mean is wanted.": {"sums": ("support", "query")},
    }.items()}


def _gradient(loss: Tensor, network: _Network) -> Tensor:
    weights = dict(network.named_parameters())
    found = [None] * len(weights)
    if loss.requires_grad:
        found = torch.autograd.grad(loss, list(weights.values()), allow_unused=True)
    if any(g is None for g in found):
        raise CheckFailed("the query loss does not depend on the network's weights",
                          likely=STATE if network.asked else params.CUT)
    return _flat(dict(zip(weights, found)))


def _slopes(loss: Tensor, phi: dict, *, create_graph: bool = False) -> dict:
    return dict(zip(phi, torch.autograd.grad(loss, list(phi.values()), create_graph=create_graph)))


def _flat(gradient: dict) -> Tensor:
    return torch.cat([g.detach().flatten() for g in gradient.values()])


def _show(gradient: Tensor) -> str:
    return "(" + ", ".join(f"{x:.3f}" for x in gradient.tolist()) + ")"
