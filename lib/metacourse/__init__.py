"""An interactive course on meta-learning; see the README for the floors."""
