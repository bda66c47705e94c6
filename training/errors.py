"""Wrong usage: what a command line or a recipe asks for, and nothing could do."""


class UsageError(Exception):
    """A value is out of range or belongs to no other; told like an unknown option, exit code 2."""
