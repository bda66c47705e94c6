"""The desktop window: the only package that may import PyQt6 and pyqtgraph."""
