import pytest
import torch

from metacourse.experiments import self_supervised_parts as parts
from metacourse.methods import views


@pytest.fixture
def images(rng):
    return torch.randint(0, 256, (3, 4, 1, 28, 28), generator=rng, dtype=torch.uint8)


def drawn(*rows):
    """A picture of 12 × 12, from a few cells of 4 × 4."""
    cells = torch.tensor([[cell == "#" for cell in row] for row in rows]).float()
    return 255 * cells.repeat_interleave(4, 0).repeat_interleave(4, 1)[None]


def test_b_and_d_are_found_and_o_is_not():
    b, d = drawn("#..", "##.", "##."), drawn("..#", ".##", ".##")
    o, p = drawn("###", "#.#", "###"), drawn("##.", "##.", "#..")
    assert parts.mirrored_pairs(torch.stack([o, b, p, d])).tolist() == [[1, 3]]


def test_characters_that_look_alike_are_no_pair():
    o = drawn("###", "#.#", "###")
    assert len(parts.mirrored_pairs(torch.stack([o, o]))) == 0


@pytest.mark.parametrize("kind", ["supervised", "simclr", "moco"])
def test_each_pretraining_begins_with_the_network_of_its_seed(kind, images):
    way = parts.build(kind, images, 3, channels=8, size=4, view=views.glyphs)
    alone = parts.untrained(images, 3, 8)
    x = images[0].float() / 255
    torch.testing.assert_close(way.embed(way.theta, x), alone.embed(alone.theta, x))
    assert way.loss(way.theta, way.batch(0)).isfinite()


def test_every_way_sees_as_many_views_a_step(images):
    def unchanged(x, rng):
        return x
    labeled = parts.build("supervised", images, 0, channels=8, size=5, view=unchanged).batch(7)
    pictures = images.flatten(0, 1).float() / 255
    assert len(labeled.x) == 10 and len(labeled.x.flatten(1).unique(dim=0)) == 10
    assert all(x.equal(pictures[4 * y:4 * y + 4][(pictures[4 * y:4 * y + 4] == x).all((1, 2, 3))][0])
               for x, y in zip(labeled.x, labeled.y))
    pair = parts.build("moco", images, 0, channels=8, size=5, view=unchanged).batch(7)
    assert len(pair.x_a) == len(pair.x_b) == 5


def test_a_step_draws_the_same_again(images):
    way = parts.build("supervised", images, 0, channels=8, size=5, view=views.glyphs)
    assert way.batch(7).x.equal(way.batch(7).x) and not way.batch(8).x.equal(way.batch(7).x)


def test_an_unknown_pretraining_is_named(images):
    with pytest.raises(ValueError, match="kind='byol'; wanted 'supervised', 'simclr' or 'moco'"):
        parts.build("byol", images, 0, channels=8, size=4, view=views.glyphs)


def test_features_are_centered_and_of_length_one(images):
    z = parts.untrained(images, 0, 8)(images)
    assert z.shape == (3, 4, 32)
    torch.testing.assert_close(z.norm(dim=-1), torch.ones(3, 4))


def test_a_probe_reads_what_is_there():
    """Three classes at the corners of a triangle, drawn four times each."""
    z = torch.eye(3)[:, None].expand(3, 4, 3)
    found = parts.linear_probe(z, classes=3, c=10.0)
    assert (found["accuracy"], found["classes"], found["pictures"]) == (1.0, 3, 6)
    assert found["chance"] == pytest.approx(1 / 3, abs=1e-4)


@pytest.mark.filterwarnings("ignore::metacourse.training.ChanceWarning")
def test_pairs_are_asked_about_with_one_half_as_chance(images):
    embedding = parts.untrained(images.repeat(2, 5, 1, 1, 1), 0, 8)
    found = parts.pairs_told_apart(embedding, images.repeat(2, 5, 1, 1, 1), torch.tensor([[0, 1], [2, 4]]), 4)
    assert found["chance"] == 0.5 and found["episodes"] == 4
