"""A person's own set of gestures: takes, a classifier of their features, thresholds, a figure."""
