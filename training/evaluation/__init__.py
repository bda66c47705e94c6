"""How good a model is: over clips, over streams, and what its policies did."""
