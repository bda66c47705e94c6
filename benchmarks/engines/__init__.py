"""What engines need for one frame, side by side: `python -m benchmarks engines`."""
