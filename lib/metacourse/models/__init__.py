"""Functions with parameters: a few networks, and the one bridge from `nn.Module` to (apply, theta)."""
