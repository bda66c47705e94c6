"""Trains the layers that read the joints of a hand over time, without pictures."""
