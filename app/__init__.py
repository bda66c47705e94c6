"""The desktop application: camera to gesture, live, with what the network decided to compute."""

__version__ = "0.1.0"
