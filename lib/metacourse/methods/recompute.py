"""Memory that hardly grows with the inner steps: a step keeps its inputs, and is taken again in backward."""
from collections.abc import Callable

import torch
from torch.func import vjp
from torch.utils._pytree import tree_flatten, tree_unflatten


def recomputed(step: Callable) -> Callable:
    """The same function of dicts and tuples of tensors; its graph is built in backward, not kept until then.

    Everything that the gradient is wanted for must be an argument: `step` may close over constants only.
    (`torch.utils.checkpoint` does the same, but not inside `torch.func`'s transforms.)
    """
    def light(*inputs):
        leaves, form = tree_flatten(inputs)
        out_form = None

        def flat(*leaves):
            nonlocal out_form
            out, out_form = tree_flatten(step(*tree_unflatten(leaves, form)))
            return tuple(t.view_as(t) for t in out)                # what a step leaves alone goes in and out
        return tree_unflatten(_TakenAgain.apply(flat, *leaves), out_form)
    return light


class _TakenAgain(torch.autograd.Function):
    generate_vmap_rule = True

    @staticmethod
    def forward(flat, *leaves):
        return flat(*leaves)

    @staticmethod
    def setup_context(ctx, inputs, output):
        ctx.flat, *leaves = inputs
        ctx.others = [None if isinstance(leaf, torch.Tensor) else leaf for leaf in leaves]     # numbers
        ctx.save_for_backward(*(leaf if isinstance(leaf, torch.Tensor) else None for leaf in leaves))

    @staticmethod
    def backward(ctx, *grads):
        leaves = [t if other is None else other for t, other in zip(ctx.saved_tensors, ctx.others)]
        wanted = [i for i, needed in enumerate(ctx.needs_input_grad[1:]) if needed]

        def of_wanted(*values):
            new = dict(zip(wanted, values))
            return ctx.flat(*(new.get(i, leaf) for i, leaf in enumerate(leaves)))
        pullback = vjp(of_wanted, *(leaves[i] for i in wanted))[1]
        found = dict(zip(wanted, pullback(grads)))
        return None, *(found.get(i) for i in range(len(leaves)))
