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


def on(domain: str, method: str, shot: str = "1", *seed: str) -> tuple[str, ...]:
    """Where chapter 3's comparison keeps a method's accuracies, or the one that no seed changes."""
    return ("few_shot_comparison_glyphs", "accuracy", domain, shot, method, *seed)


def grid(what: str, trained: str, tested: str) -> tuple[str, ...]:
    """Where a grid of train and test conditions keeps its accuracies."""
    return ("protonet_way_shot_glyphs", what, trained, tested)


def distance(name: str) -> tuple[str, ...]:
    """Where ProtoNets trained with a distance keep their accuracies with one shot."""
    return ("protonet_distance_glyphs", "accuracy", "1", name)


FEW_SHOT = (
    Claim("few-ways", "Of as many pictures, 20-way tasks train a better ProtoNet than 5-way ones, for 5-way "
                      "tests, too.", grid("way", "20", "5"), grid("way", "5", "5")),
    Claim("few-plain", "In trainings as short as ours, plain distance trains a better ProtoNet than squared.",
          distance("euclidean"), distance("squared")),
    Claim("few-relation", "At equal time, ProtoNet beats the relation network.",
          on("glyphs", "protonet"), on("glyphs", "relation")),
    Claim("few-relation-shots", "A relation network trained with one shot is worse with five.",
          on("glyphs", "relation"), on("glyphs", "relation", "5")),
    Claim("few-context", "At equal time, matching networks do better without full context embeddings.",
          on("glyphs", "matching"), on("glyphs", "matching_fce")),
    Claim("few-triplet", "At equal time, triplets train a better siamese network than pairs.",
          on("glyphs", "triplet"), on("glyphs", "siamese")),
    Claim("few-matching", "At equal time, matching networks beat SimpleShot.",
          on("glyphs", "matching"), on("glyphs", "simple_shot")),
    Claim("few-maml", "At equal time, ProtoNet beats MAML.", on("glyphs", "protonet"), on("glyphs", "maml")),
    Claim("few-simple-maml", "At equal time, SimpleShot beats MAML.",
          on("glyphs", "simple_shot"), on("glyphs", "maml")),
    Claim("few-simple-maml-5", "At equal time, SimpleShot beats MAML with five shots, too.",
          on("glyphs", "simple_shot", "5"), on("glyphs", "maml", "5")),
    Claim("few-simple-anil", "At equal time, SimpleShot beats ANIL.",
          on("glyphs", "simple_shot"), on("glyphs", "anil")),
    Claim("few-simple-relation", "At equal time, SimpleShot beats the relation network.",
          on("glyphs", "simple_shot"), on("glyphs", "relation")),
    Claim("few-simple", "At equal time, ProtoNet beats SimpleShot.",
          on("glyphs", "protonet"), on("glyphs", "simple_shot")),
    Claim("few-finetune", "With one picture a class, SimpleShot beats fine-tuning the whole network.",
          on("glyphs", "simple_shot"), on("glyphs", "finetune")),
    Claim("few-pixels", "MAML beats raw pixels on new scripts.",
          on("glyphs", "maml"), on("glyphs", "pixels", "1", "0")),
    Claim("few-omniglot", "Trained on glyphs, a ProtoNet with its way tuned beats raw pixels on Omniglot.",
          on("omniglot", "protonet_ways"), on("omniglot", "pixels", "1", "0")),
    Claim("few-quickdraw", "Trained on glyphs, a ProtoNet with its way tuned beats raw pixels on Quick, "
                           "Draw!", on("quickdraw", "protonet_ways"), on("quickdraw", "pixels", "1", "0")),
)


def tuned(strategy: str, examples: str) -> tuple[str, ...]:
    """Where fine-tuning to new scripts keeps a strategy's accuracies with so many examples per class."""
    return ("finetuning_glyphs", "accuracy", "glyphs", strategy, examples)


def student(how: str, channels: str) -> tuple[str, ...]:
    """Where distillation keeps the accuracies of students of one width that learned in one way."""
    return ("distillation_glyphs", "accuracy", how, channels)


def copied(kind: str, blocks: str) -> tuple[str, ...]:
    """Where a new script's accuracies are, learned with so many copied blocks, frozen or tuned."""
    return ("transfer_layers_glyphs", "accuracy", kind, blocks)


def adapted(method: str) -> tuple[str, ...]:
    """Where target accuracies on bold digits on noise are, of networks with batch norm."""
    return ("domain_adaptation_glyphs", "accuracy", method)


def fair(domain: str, method: str, examples: str, *seed: str) -> tuple[str, ...]:
    """Where the fair run of section 4.6 keeps a method's accuracies."""
    return ("transfer_or_meta_glyphs", "accuracy", domain, examples, method, *seed)


TRANSFER = (
    Claim("layers-copied", "On one new script, four copied blocks beat a network drawn at random.",
          copied("tuned", "4"), copied("tuned", "0")),
    Claim("layers-frozen", "On one new script, four copied blocks do better frozen than tuned.",
          copied("frozen", "4"), copied("tuned", "4")),
    Claim("layers-two", "Two copied and frozen blocks beat a network drawn at random.",
          copied("frozen", "2"), copied("frozen", "0")),
    Claim("negative-frozen", "Training from scratch beats a frozen body that has learned random labels.",
          copied("negative", "nothing"), copied("negative, frozen", "random labels")),
    Claim("tune-scratch", "With one example per class, fine-tuning everything beats training from scratch.",
          tuned("all", "1"), tuned("scratch", "1")),
    Claim("tune-scratch-many", "With twenty examples per class, fine-tuning everything still beats training "
                               "from scratch.", tuned("all", "20"), tuned("scratch", "20")),
    Claim("tune-head", "With one example per class, a new head beats fine-tuning everything.",
          tuned("head", "1"), tuned("all", "1")),
    Claim("tune-layerwise", "With one example per class, layer-wise rates beat one rate for everything.",
          tuned("layerwise", "1"), tuned("all", "1")),
    Claim("tune-start", "With one example per class, a pull toward the start beats fine-tuning everything.",
          tuned("l2sp", "1"), tuned("all", "1")),
    Claim("tune-low-rank", "With one example per class, low-rank updates beat fine-tuning everything.",
          tuned("low_rank", "1"), tuned("all", "1")),
    Claim("adapt-adabn", "On bold digits on noise, the target's batch-norm statistics beat the source's.",
          adapted("adabn"), adapted("source_only")),
    Claim("adapt-dann", "On bold digits on noise, DANN beats a network trained on the source only.",
          adapted("dann"), adapted("source_only")),
    Claim("adapt-oracle", "On bold digits on noise, the target's labels beat DANN without them.",
          adapted("oracle"), adapted("dann")),
    *(Claim(f"distill-labels-{channels}", f"A student of {channels} channels learns more from the teacher's "
            "answers than from labels.", student("distilled", channels), student("labels", channels))
      for channels in ("8", "16", "32")),
    *(Claim(f"distill-features-{channels}", f"A student of {channels} channels learns more from the "
            "teacher's answers than from its features.", student("distilled", channels),
            student("features", channels))
      for channels in ("8", "16", "32")),
    Claim("distill-unseen", "Of characters that it was never shown, a student knows more from the teacher's "
                            "answers than from labels.", ("distillation_glyphs", "unseen", "distilled"),
          ("distillation_glyphs", "unseen", "labels")),
    *(Claim(f"fair-protonet-{examples}", "At equal time, ProtoNet beats SimpleShot on new scripts with "
            f"{examples} examples per class.", fair("glyphs", "protonet_ways", examples),
            fair("glyphs", "simple_shot", examples)) for examples in ("1", "5", "10")),
    Claim("fair-omniglot", "At equal time, ProtoNet beats SimpleShot on Omniglot, too, with one example.",
          fair("omniglot", "protonet_ways", "1"), fair("omniglot", "simple_shot", "1")),
    Claim("fair-finetune", "With one example per class, SimpleShot beats fine-tuning on new scripts.",
          fair("glyphs", "simple_shot", "1"), fair("glyphs", "finetune", "1")),
    Claim("fair-layerwise", "With one example per class, layer-wise rates beat one rate on new scripts.",
          fair("glyphs", "layerwise", "1"), fair("glyphs", "finetune", "1")),
    Claim("fair-head", "With one example per class, a new head beats fine-tuning on new scripts.",
          fair("glyphs", "head", "1"), fair("glyphs", "finetune", "1")),
    Claim("fair-far", "With ten examples per class, fine-tuning beats a new head on Quick, Draw!",
          fair("quickdraw", "finetune", "10"), fair("quickdraw", "head", "10")),
    Claim("fair-simclr", "At equal time, SimpleShot on labels beats SimCLR on new scripts with one example.",
          fair("glyphs", "simple_shot", "1"), fair("glyphs", "simclr", "1")),
    Claim("fair-simclr-pixels", "At equal time, SimCLR beats raw pixels on Omniglot with one example.",
          fair("omniglot", "simclr", "1"), fair("omniglot", "pixels", "1", "0")),
)
CLAIMS = (*FUNDAMENTALS, *MAML, *FEW_SHOT, *TRANSFER)
