"""The sentences of the text that compare, and where their numbers are. `claims` checks them."""
from dataclasses import dataclass

EACH = "*"                                      # in a path: here come the seeds, and the rest is below each


@dataclass(frozen=True)
class Claim:
    """A sentence, and where its numbers are: an experiment, then keys that lead to one for each seed."""

    id: str
    sentence: str
    left: tuple[str, ...]                       # beats `right`; or is near chance, where there is no `right`
    right: tuple[str, ...] | None = None        # may also lead to one number for all seeds
    what: str = "accuracy"                      # of which more is better; or "mse", of which less is


PROTONET, SCRATCH = ("protonet_glyphs", "protonet"), ("protonet_glyphs", "scratch")
PIXELS = ("protonet_glyphs", "pixels", "cosine")
FUNDAMENTALS = (
    Claim("protonet-pixels", "A ProtoNet beats raw pixels.", PROTONET, PIXELS),
    Claim("protonet-scratch", "A ProtoNet beats a network trained from scratch.", PROTONET, SCRATCH),
    Claim("scratch-pixels", "A network trained from scratch beats raw pixels.", SCRATCH, PIXELS),
    Claim("fixed-chance", "Trained with fixed labels, a network is near chance (6 points) on new characters.",
          ("fixed_labels_glyphs", "fixed", "test")),
    Claim("fixed-training", "On the characters it was trained on, fixed labels win.",
          ("fixed_labels_glyphs", "fixed", "train"), ("fixed_labels_glyphs", "reshuffled", "train")),
    Claim("reshuffled-new", "On new characters, reshuffled labels win.",
          ("fixed_labels_glyphs", "reshuffled", "test"), ("fixed_labels_glyphs", "fixed", "test")),
)

WAVES, FAMILY = ("maml_sinusoids", "after_one", "10"), "maml_family_glyphs"
ANY = ("anil_reuse_sinusoids", "trained", "any frequency")
MAML = (
    Claim("maml-joint", "After one inner step on ten points, MAML's error is below joint training's.",
          (*WAVES, "maml"), (*WAVES, "joint"), what="mse"),
    Claim("maml-start", "Before its first inner step MAML is near chance (6 points) on new characters.",
          (FAMILY, "walk", "maml", EACH, "0")),
    Claim("maml-fomaml", "With one large inner step, MAML beats first-order MAML on new characters.",
          (FAMILY, "maml"), (FAMILY, "fomaml")),
    Claim("anil-maml", "In trainings as short as ours, ANIL beats MAML on new characters.",
          (FAMILY, "anil"), (FAMILY, "maml")),
    Claim("maml-reptile", "In trainings as short as ours, MAML beats Reptile on new characters.",
          (FAMILY, "maml"), (FAMILY, "reptile")),
    Claim("maml-anil-waves", "On waves of any frequency, MAML's error is below ANIL's.",
          (*ANY, "maml"), (*ANY, "anil"), what="mse"),
)
CLAIMS = (*FUNDAMENTALS, *MAML)
