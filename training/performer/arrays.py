"""The array types that the performer's modules exchange."""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
"""Points, directions and tables; meters or radians."""

Picture = NDArray[np.float32]
"""Linear light, shape (H, W, 3), usually RGB."""

Image = NDArray[np.uint8]
"""A camera's picture, shape (H, W, 3), BGR."""
