"""What the network computes: FLOPs, and keep, reuse and skip of every fused block."""
