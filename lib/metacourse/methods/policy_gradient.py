"""MAML where examples are walks and the loss is a reward: policy gradients (Finn et al., 2017, Algorithm 3).

A policy is Gaussian: `apply(theta, state)` gives the mean of the action, θ["log_std"] its spread. Its loss on
trajectories has as its value minus the mean return, and as its derivatives *of every order* unbiased
estimates of those of the expected return (Foerster et al., 2018, in the form of Farquhar et al., 2019).

Differs from the paper:
- the outer step is one policy-gradient step, where the paper takes TRPO; the baseline is the mean return of
  the other trajectories at the same time, where it fits a linear function of the state;
- autograd through log π · A, as the paper's code has it, forgets that θ also decides *which* trajectories are
  seen; here `exp(log π − its constant)` remembers. What remains: φ comes from finitely many trajectories, so
  that the meta-gradient is that of adapting to the expected return up to O(1 / trajectories).
"""
import math
from collections.abc import Callable
from typing import NamedTuple, Protocol, runtime_checkable

import torch
from jaxtyping import Float
from torch import Tensor
from torch.func import grad, grad_and_value, vmap

from metacourse.episode import Loss, Params


@runtime_checkable
class World(Protocol):
    """What a policy can act in: a black box. Worlds with a leading tasks axis are gone through by `vmap`."""

    def start(self, trajectories: int) -> Tensor: ...
    def step(self, state: Tensor, action: Tensor) -> tuple[Tensor, Tensor]: ...


class Trajectories(NamedTuple):
    """What happened to a policy: states, what was done in them, and the reward that came of it."""

    state: Float[Tensor, "*tasks trajectory time state"]
    action: Float[Tensor, "*tasks trajectory time action"]
    reward: Float[Tensor, "*tasks trajectory time"]


@torch.no_grad()
def sample(apply: Callable, theta: Params, world: World, noise: Float[Tensor, "trajectory time action"]
           ) -> Trajectories:
    """Let the policy act in one world. Standard normal `noise` decides: action = mean + std · noise."""
    mean, std = split(apply, theta)
    state, steps = world.start(len(noise)), []
    for now in noise.unbind(1):
        action = mean(state) + std * now
        following, reward = world.step(state, action)
        steps.append((state, action, reward))
        state = following
    return Trajectories(*(torch.stack(each, dim=1) for each in zip(*steps)))


def loss(apply: Callable) -> Loss:
    """ℒ(θ; trajectories) = −mean return, whose derivatives are those of the expected return under π_θ.

    With W_t = exp(Σ_{t' ≤ t} log π − the same as a constant), which is 1, the loss is
    −Σ_t [r_t + (W_t − W_{t−1}) A_t]: ∇ of W_t − W_{t−1} is ∇ log π(a_t|s_t), so the first derivative is
    REINFORCE. Give it trajectories that were sampled with this θ.
    """
    def surrogate(theta: Params, trajectories: Trajectories) -> Float[Tensor, ""]:
        log_p = log_prob(apply, theta, trajectories).cumsum(-1)               # Σ_{t' ≤ t} log π(a|s, θ)
        weight = (log_p - log_p.detach()).exp()                               # W_t
        earlier = torch.cat([torch.ones_like(weight[:, :1]), weight[:, :-1]], dim=1)           # W_{t−1}
        gain = (weight - earlier) * advantage(trajectories.reward)
        return -(trajectories.reward + gain).sum(-1).mean()
    return surrogate


def advantage(reward: Float[Tensor, "trajectory time"]) -> Float[Tensor, "trajectory time"]:
    """Return from each time on, less its mean over the *other* trajectories (which leaves it unbiased)."""
    n = len(reward)
    to_go = reward.flip(-1).cumsum(-1).flip(-1)                               # R_t = Σ_{t' ≥ t} r_{t'}
    return (to_go - to_go.mean(0)) * n / (n - 1)                              # A_t


def log_prob(apply: Callable, theta: Params, trajectories: Trajectories
             ) -> Float[Tensor, "trajectory time"]:
    """log π(a_t | s_t, θ) of what was done."""
    mean, std = split(apply, theta)
    z = (trajectories.action - mean(trajectories.state)) / std
    return (-z.square() / 2 - std.log() - math.log(2 * math.pi) / 2).sum(-1)


def split(apply: Callable, theta: Params) -> tuple[Callable, Float[Tensor, " action"]]:
    """The mean as a function of the state, and the standard deviation."""
    if "log_std" not in theta:
        raise ValueError(f"θ has {', '.join(theta)}; a Gaussian policy needs its spread as \"log_std\", too")
    network = {name: p for name, p in theta.items() if name != "log_std"}
    return lambda state: apply(network, state), theta["log_std"].exp()


def walk(apply: Callable, theta: Params, world: World, noise: Float[Tensor, "rounds trajectory time action"],
         *, inner_lr: float, first_order: bool = False) -> tuple[list[Params], list[Trajectories]]:
    """[φ_0 = θ, …, φ_J] and what each of them met: *fresh* trajectories for every step, J + 1 in all.

    Steps after the first are half as long, as in the paper (Appendix A.2).
    """
    phi, phis, met = theta, [theta], [sample(apply, theta, world, noise[0])]
    for step, now in enumerate(noise[1:]):
        alpha = inner_lr if step == 0 else inner_lr / 2
        here = {name: p.detach() for name, p in phi.items()} if first_order else phi
        gradient = grad(loss(apply))(here, met[-1])
        phi = {name: phi[name] - alpha * gradient[name] for name in phi}      # φ ← φ − α ∇_φ ℒ(φ; its own)
        phis.append(phi)
        met.append(sample(apply, phi, world, now))
    return phis, met


def task_loss(apply: Callable, theta: Params, world: World,
              noise: Float[Tensor, "rounds trajectory time action"], **inner) -> Float[Tensor, ""]:
    """ℒ(φ; trajectories of φ) in one world: what the adapted policy earns where *it* goes."""
    phis, met = walk(apply, theta, world, noise, **inner)
    return loss(apply)(phis[-1], met[-1])


def meta_gradient(apply: Callable, theta: Params, worlds: World, *, inner_steps: int, trajectories: int,
                  horizon: int, rng: torch.Generator, **inner) -> tuple[Float[Tensor, ""], Params]:
    """Mean over tasks of `task_loss`, and an estimate of its gradient in θ. No inner steps: joint training.

    `worlds` is a NamedTuple of tensors with a tasks axis; each step meets `trajectories` new walks.
    """
    theta = {name: p.detach() for name, p in theta.items()}
    noise = _draw(theta, worlds, inner_steps, trajectories, horizon, rng)
    each = grad_and_value(lambda theta, world, noise: task_loss(apply, theta, world, noise, **inner))
    gradients, values = vmap(each, in_dims=(None, 0, 0))(theta, worlds, noise)
    if not values.isfinite().all():
        raise FloatingPointError("a return after adapting is not finite; lower inner_lr or the outer rate")
    return values.mean(), {name: g.mean(0) for name, g in gradients.items()}


@torch.no_grad()
def evaluate(apply: Callable, theta: Params, worlds: World, *, inner_steps: int, trajectories: int,
             horizon: int, rng: torch.Generator, inner_lr: float) -> Trajectories:
    """What φ_0, …, φ_J meet in new worlds: each part is [tasks, inner_steps + 1, trajectory, time, …]."""
    def met(world: World, noise: Tensor) -> Trajectories:
        _, met = walk(apply, theta, world, noise, inner_lr=inner_lr, first_order=True)
        return Trajectories(*(torch.stack(each) for each in zip(*met)))
    return vmap(met)(worlds, _draw(theta, worlds, inner_steps, trajectories, horizon, rng))


def _draw(theta: Params, worlds: World, inner_steps: int, trajectories: int, horizon: int,
          rng: torch.Generator) -> Float[Tensor, "tasks rounds trajectory time action"]:
    if inner_steps < 0 or trajectories < 2 or horizon < 1:
        raise ValueError(f"inner_steps={inner_steps}, trajectories={trajectories}, horizon={horizon}; wanted "
                         "steps ≥ 0, two trajectories at least (each is judged by the others), a horizon ≥ 1")
    spread = theta["log_std"]
    shape = (len(worlds[0]), inner_steps + 1, trajectories, horizon, len(spread))
    return torch.randn(shape, generator=rng, dtype=spread.dtype).to(spread.device)
