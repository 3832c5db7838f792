"""Which of PyTorch's operations compute, which move memory, and which only keep books."""
import re
from collections.abc import Mapping

PATTERNS = {                                             # the first that fits decides
    "convolutions": r"conv",
    "matrix products": r"mm$|::(mv|addmv|dot|vdot|matmul|linear|einsum)$",
    "batch norm": r"batch_norm|group_norm",
    "pooling": r"pool",
    "views and empty tensors": r"::(t|view|_unsafe_view|reshape|_reshape_alias|as_strided|transpose|permute|"
                               r"movedim|expand|expand_as|select|slice|split|chunk|unbind|narrow|squeeze|"
                               r"unsqueeze|flatten|unflatten|alias|detach_?|requires_grad_|empty\w*|"
                               r"result_type|is_\w+|resolve_\w+|view_as|size|numpy_T|mT|_has_\w+|lift\w*)$",
    "copies": r"copy|clone|contiguous|::to$|cat$|stack|im2col|col2im|unfold|fill|zero|ones|full|index|gather|"
              r"scatter|select_backward|slice_backward|where|arange|one_hot|rand|pad",
    "sums": r"sum|mean|var|norm$|softmax|nll|amax|amin|cross_entropy|logsumexp",
    "elementwise": "",                                   # all others
}
PYTHON = "Python and autograd"                           # the time that no operation covers
GROUPS = {"arithmetic": ("convolutions", "matrix products"),
          "moving memory": ("batch norm", "pooling", "elementwise", "sums", "copies"),
          "Python and bookkeeping": (PYTHON, "views and empty tensors")}


def kind(operation: str) -> str:
    """Of an operation by its name."""
    return next(name for name, pattern in PATTERNS.items() if re.search(pattern, operation))


def share_of_kinds(times: Mapping[str, float], taken: float) -> dict[str, float]:
    """Of the time that a step has taken, by kind."""
    shares = dict.fromkeys((kind for kinds in GROUPS.values() for kind in kinds), 0.0)
    whole = max(taken, sum(times.values()))
    for operation, time in times.items():
        shares[kind(operation)] += time / whole
    return {**shares, PYTHON: 1 - sum(shares.values())}
