"""Distillation: a small network learns what a large one says of every class (Hinton et al., 2015).

A label names one class. A trained teacher also says which others the picture resembles, and a temperature
makes these small probabilities large enough to learn from. Or the student imitates a layer of the teacher
instead of its answers (Romero et al., 2015, "FitNets").

Differs from the papers:
- the soft part is the Kullback-Leibler divergence, which is Hinton et al.'s cross-entropy minus what does not
  depend on the student: the same gradients, and 0 where student and teacher agree;
- `soft` and 1 − `soft` weigh the teacher's part and the labels'; Hinton et al. ask for a small weight on the
  labels (the letter α is taken: it is the inner learning rate);
- Romero et al. train up to the imitated layer first, and distill the answers afterwards; here `features` is a
  loss like any other, to be used alone or added. It is a mean over the features, where they sum.
"""
from collections.abc import Callable

import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor

from metacourse.episode import Examples, Params
from metacourse.methods import refuse


def soften(logits: Float[Tensor, "batch way"], *, temperature: float) -> Float[Tensor, "batch way"]:
    """Probabilities q_i = exp(z_i / T) / Σ_j exp(z_j / T): the larger T, the more even."""
    return (logits / refuse.cold(temperature)).softmax(dim=-1)


def response(student: Float[Tensor, "batch _"], teacher: Float[Tensor, "batch _"], *,
             temperature: float) -> Float[Tensor, ""]:
    """T² · KL(teacher ‖ student), both softened by T; the arguments are logits, the teacher is a constant.

    The gradient of the divergence is (q − p) / T (Equation 2), and q − p shrinks with T besides: like 1 / T².
    The factor T² undoes that, so that `soft` means the same at every temperature. As T grows, what is left
    is (z − v) / way (Equation 4): the student matches the teacher's logits, up to a constant.
    """
    if student.shape != teacher.shape:
        raise ValueError(f"the student's logits have shape {list(student.shape)}, the teacher's "
                         f"{list(teacher.shape)}; wanted the same images and the same classes: "
                         "leave out classes of the teacher, or imitate its features")
    T = refuse.cold(temperature)
    log_q, log_p = (student / T).log_softmax(dim=-1), (teacher.detach() / T).log_softmax(dim=-1)
    return T**2 * F.kl_div(log_q, log_p, reduction="batchmean", log_target=True)


def loss(apply: Callable, theta: Params, examples: Examples, teacher: Float[Tensor, "batch way"], *,
         temperature: float, soft: float) -> Float[Tensor, ""]:
    """soft · response + (1 − soft) · cross-entropy: the teacher's logits of these images, and their labels.

    `apply(θ, x)` gives the student's logits. The teacher's are computed once, before: they do not change.
    With soft = 0 it is ordinary training, with soft = 1 no label is looked at.
    """
    if not 0 <= soft <= 1:
        raise ValueError(f"soft={soft}; wanted a weight from 0 (labels only) to 1 (teacher only)")
    student = apply(theta, examples.x)
    from_teacher = response(student, teacher, temperature=temperature)
    return soft * from_teacher + (1 - soft) * F.cross_entropy(student, examples.y)


def features(z_student: Float[Tensor, "batch _"], z_teacher: Float[Tensor, "batch _"]) -> Float[Tensor, ""]:
    """½ (z_student − z_teacher)², mean over images and features; the teacher is a constant.

    A student of another width needs a projection r, trained with it: `features(r(θ, z_student), z_teacher)`.
    """
    if z_student.shape != z_teacher.shape:
        raise ValueError(f"the student's features have shape {list(z_student.shape)}, the teacher's "
                         f"{list(z_teacher.shape)}; wanted the same: project the student's, as "
                         "feature_loss does")
    return 0.5 * (z_student - z_teacher.detach()).square().mean()


def feature_loss(embed: Callable, project: Callable, theta: Params, x: Float[Tensor, "batch ..."],
                 z_teacher: Float[Tensor, "batch dim"]) -> Float[Tensor, ""]:
    """How far the student's features, projected to the teacher's width, are from the teacher's.

        embed, project, theta = together(StridedConv4(16), project=nn.Linear(64, teacher.dim))
    """
    return features(project(theta, embed(theta, x)), z_teacher)
