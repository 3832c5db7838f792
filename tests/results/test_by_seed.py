from metacourse import results


def test_accuracies_of_seeds_can_be_subtracted():
    ours, theirs = ({"0": {"accuracy": a, "interval": 0.1}, "1": {"accuracy": 0.5}} for a in (0.75, 0.5))
    assert (results.by_seed(ours) - results.by_seed(theirs)).tolist() == [0.25, 0.0]
