"""Fits the classifier of a finished network to streams, and leaves the rest of it as it is."""
