"""Where tasks come from: a data set is one tensor `[class, drawing, C, H, W]`; `sampling` makes episodes."""
