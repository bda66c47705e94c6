"""Reads what a person has shown from folders of clips."""
