import pytest
import torch

from metacourse.episode import Episode, Examples, task
from metacourse.methods import losses, maml
from tests.methods.pencil import dot, half_square, one_number, pictures, slope, small_net, small_theta

WAYS = ["loop", "threads", "vmap"]
ONE_STEP = dict(inner_lr=0.1, inner_steps=1)
SUPPORT = Examples(torch.zeros(1), torch.ones(1))
cross_entropy = losses.cross_entropy(small_net)


@pytest.fixture
def theta():
    return small_theta(torch.Generator().manual_seed(0))


@pytest.fixture
def episodes():
    return pictures(torch.Generator().manual_seed(1), tasks=3)


def three():
    return {"w": torch.tensor(3.0, requires_grad=True)}


@pytest.mark.parametrize("first_order, dphi_dtheta", [(False, 0.9), (True, 1.0)])
def test_meta_gradient_matches_the_hand_calculation(first_order, dphi_dtheta):
    start, episode = three(), Episode(support=one_number(1.0), query=one_number(2.0))
    maml.meta_loss(half_square, start, episode, **ONE_STEP, first_order=first_order).backward()
    _, gradient = maml.meta_gradient(half_square, start, episode, **ONE_STEP, first_order=first_order)
    phi = 3.0 - 0.1 * (3.0 - 1.0)
    assert start["w"].grad.item() == gradient["w"].item() == pytest.approx(dphi_dtheta * (phi - 2.0))


@pytest.mark.parametrize("first_order, dphi_dtheta", [(False, 0.9**5), (True, 1.0)])
def test_five_inner_steps_shrink_the_distance_and_its_slope_alike(first_order, dphi_dtheta):
    start = three()
    phi = maml.adapt(half_square, start, SUPPORT, inner_lr=0.1, inner_steps=5, first_order=first_order)
    phi["w"].backward()
    assert phi["w"].item() == pytest.approx(1 + 2 * 0.9**5)
    assert start["w"].grad.item() == pytest.approx(dphi_dtheta)


def test_zero_inner_steps_is_the_plain_loss(theta, episodes):
    inner = dict(inner_lr=0.1, inner_steps=0)
    plain = torch.stack([cross_entropy(theta, task(episodes, i).query) for i in range(3)]).mean()
    assert maml.meta_loss(cross_entropy, theta, episodes, **inner) == plain


@pytest.mark.parametrize("over", WAYS)
@pytest.mark.parametrize("inner_steps", [1, 5])
def test_meta_gradient_is_the_slope_that_finite_differences_measure(theta, episodes, over, inner_steps,
                                                                          two_cores):
    inner = dict(inner_lr=0.3, inner_steps=inner_steps)
    direction = small_theta(torch.Generator().manual_seed(2))
    measured = slope(lambda at: maml.meta_loss(cross_entropy, at, episodes, **inner), theta, direction)
    _, gradient = maml.meta_gradient(cross_entropy, theta, episodes, over=over, **inner)
    assert dot(gradient, direction) == pytest.approx(measured, rel=1e-6)


def test_first_order_is_not_that_slope(theta, episodes):
    inner, direction = dict(inner_lr=0.3, inner_steps=5), small_theta(torch.Generator().manual_seed(2))
    measured = slope(lambda at: maml.meta_loss(cross_entropy, at, episodes, **inner), theta, direction)
    _, gradient = maml.meta_gradient(cross_entropy, theta, episodes, first_order=True, **inner)
    assert dot(gradient, direction) != pytest.approx(measured, rel=0.05)


@pytest.mark.parametrize("first_order", [False, True])
@pytest.mark.parametrize("over, chunk", [("auto", None), ("threads", None), ("threads", 2), ("vmap", None),
                                         ("vmap", 1), ("vmap", 2)])
def test_every_way_over_the_tasks_gives_the_gradient_of_meta_loss(theta, episodes, over, chunk, first_order,
                                                                  two_cores):
    inner = dict(inner_lr=0.3, inner_steps=2, first_order=first_order)
    value, gradient = maml.meta_gradient(cross_entropy, theta, episodes, over=over, chunk=chunk, **inner)
    leaves = {name: p.clone().requires_grad_() for name, p in theta.items()}
    expected = maml.meta_loss(cross_entropy, leaves, episodes, **inner)
    expected.backward()
    torch.testing.assert_close(value, expected.detach())
    torch.testing.assert_close(gradient, {name: p.grad for name, p in leaves.items()})


def test_a_batch_of_tasks_is_the_mean_of_its_tasks(theta, episodes):
    each = [maml.task_loss(cross_entropy, theta, task(episodes, i), **ONE_STEP) for i in range(3)]
    assert maml.meta_loss(cross_entropy, theta, episodes, **ONE_STEP) == torch.stack(each).mean()


def test_adapting_leaves_theta_as_it_was(theta, episodes):
    before = {name: p.clone() for name, p in theta.items()}
    maml.adapt(cross_entropy, theta, task(episodes, 0).support, inner_lr=0.3, inner_steps=3)
    assert all(theta[name].equal(before[name]) for name in theta)


def test_renaming_classes_in_support_and_query_changes_no_loss(theta, episodes):
    renamed = Episode(*(half._replace(y=2 - half.y) for half in episodes))
    mirrored = {**theta, "head": theta["head"].flip(1)}
    inner = dict(inner_lr=0.3, inner_steps=2)
    torch.testing.assert_close(maml.meta_loss(cross_entropy, mirrored, renamed, **inner),
                               maml.meta_loss(cross_entropy, theta, episodes, **inner))


def test_unequal_shots_count_only_where_the_mask_says(theta, episodes):
    mask = torch.tensor([[True, True], [True, False], [True, False]]).expand(3, 3, 2)
    masked = episodes._replace(support=episodes.support._replace(mask=mask))
    inner = dict(inner_lr=0.3, inner_steps=1)
    loop = maml.meta_gradient(cross_entropy, theta, masked, over="loop", **inner)
    torch.testing.assert_close(maml.meta_gradient(cross_entropy, theta, masked, over="vmap", **inner), loop)
    assert loop[0] != maml.meta_loss(cross_entropy, theta, episodes, **inner)


def test_predict_scores_the_queries_with_the_adapted_parameters(theta, episodes):
    episode = task(episodes, 0)
    inner, x = dict(inner_lr=0.3, inner_steps=2), episode.query.x.flatten(0, 1)
    scores = maml.predict(small_net, theta, episode.support, x, loss=cross_entropy, **inner)
    phi = maml.adapt(cross_entropy, theta, episode.support, **inner)
    torch.testing.assert_close(scores, small_net(phi, x))
    assert not scores.requires_grad


def test_training_makes_noisy_pictures_easy_to_learn(theta):
    rng = torch.Generator().manual_seed(3)
    values = []
    for _ in range(30):
        episodes = pictures(rng, tasks=2)
        value, gradient = maml.meta_gradient(cross_entropy, theta, episodes, inner_lr=0.3, inner_steps=1)
        theta = {name: p - 0.3 * gradient[name] for name, p in theta.items()}
        values.append(value.item())
    assert sum(values[-10:]) < 0.75 * sum(values[:10])


@pytest.mark.parametrize("inner, message", [
    (dict(inner_lr=0.0, inner_steps=1), "inner_lr=0.0; wanted a rate > 0"),
    (dict(inner_lr=-0.1, inner_steps=1), "inner_lr=-0.1; wanted a rate > 0"),
    (dict(inner_lr=0.1, inner_steps=-1), "inner_steps=-1; wanted 0 or more"),
    (dict(inner_lr=0.1, inner_steps=1, over="gpu"), "over='gpu'; wanted one of auto, loop, threads, vmap"),
])
def test_settings_that_cannot_be_are_named(theta, episodes, inner, message):
    with pytest.raises(ValueError, match=message):
        maml.meta_gradient(cross_entropy, theta, episodes, **inner)


@pytest.mark.parametrize("over", WAYS)
def test_a_loss_that_gives_a_vector_is_refused(theta, episodes, over, two_cores):
    def unaveraged(theta, examples):
        return small_net(theta, examples.x).sum((-1, -2))
    with pytest.raises(ValueError, match=r"shape \(3,\); wanted one number"):
        maml.meta_gradient(unaveraged, theta, episodes, over=over, **ONE_STEP)


@pytest.mark.parametrize("over", WAYS)
def test_a_loss_that_explodes_names_the_step_and_the_rate(over, two_cores):
    steep = Episode(support=one_number(1.0, 1.0), query=one_number(2.0, 2.0))
    with pytest.raises(FloatingPointError, match=r"inner step 3 of 9 is not finite; lower inner_lr=1000000"):
        maml.meta_gradient(half_square, three(), steep, inner_lr=1e15, inner_steps=9, over=over)
    with pytest.raises(FloatingPointError, match="query loss after adapting is not finite; lower inner_lr"):
        maml.meta_gradient(half_square, three(), steep, inner_lr=1e15, inner_steps=2, over=over)


def test_a_loss_that_forgets_theta_is_refused(theta, episodes):
    def own_weights(_, examples):
        return cross_entropy(theta, examples)
    with pytest.raises(ValueError, match=r"none of the parameters conv, .* apply\(theta, x\)"):
        maml.adapt(own_weights, dict(theta), task(episodes, 0).support, **ONE_STEP)


def test_a_parameter_that_the_loss_does_not_use_stays(theta, episodes):
    more = {**theta, "idle": torch.ones(2, dtype=torch.float64)}
    assert maml.adapt(cross_entropy, more, task(episodes, 0).support, **ONE_STEP)["idle"].equal(more["idle"])
    _, gradient = maml.meta_gradient(cross_entropy, more, episodes, **ONE_STEP)
    assert gradient.pop("idle").equal(torch.zeros(2, dtype=torch.float64))
    torch.testing.assert_close(gradient, maml.meta_gradient(cross_entropy, theta, episodes, **ONE_STEP)[1])


def test_the_walk_starts_at_theta_and_ends_at_phi():
    path = maml.walk(half_square, three(), SUPPORT, inner_lr=0.5, inner_steps=3)
    assert [phi["w"].item() for phi in path] == [3.0, 2.0, 1.5, 1.25]
    phi = maml.adapt(half_square, three(), SUPPORT, inner_lr=0.5, inner_steps=3)
    assert phi["w"] == path[-1]["w"]


def test_vmap_hides_no_explosion():
    steep = one_number(1.0, 1.0)
    adapt = torch.func.vmap(lambda y: maml.adapt(half_square, three(), SUPPORT._replace(y=y), inner_lr=1e15,
                                                 inner_steps=9))
    with pytest.raises(FloatingPointError, match="support loss at inner step 3 of 9"):
        adapt(steep.y)
