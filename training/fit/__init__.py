"""The commands fit, validate and test: recipe, module, checkpoints, callbacks, endings."""

FIT_COMMANDS = ("fit", "validate", "test")
"""The commands that Lightning's command line runs."""
