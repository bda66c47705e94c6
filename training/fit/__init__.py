"""The commands fit, validate and test: recipe, module, checkpoints, callbacks, endings."""
