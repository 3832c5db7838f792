"""Where tasks come from: every data set is one tensor `[class, drawing, C, H, W]`, and `sampling` makes episodes of it."""
