"""Measured movements of people, and how the performer's compare with them."""
