"""The commands fit, validate and test: recipe, module, checkpoints, callbacks, endings."""

FIT_COMMANDS = ("fit", "validate", "test")
"""The commands that Lightning's command line runs."""

FIT_TWO_VIEWS = "fit-two-views"
"""The command that trains a network of two views, through the same command line."""
