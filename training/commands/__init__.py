"""The commands of `python -m training`, one module each.

A command is a module with `HELP` (one line), `add_arguments` and `run`. Heavy modules are imported
inside `run`, so that `--help` is quick.
"""
