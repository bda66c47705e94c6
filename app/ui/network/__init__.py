"""What the network computes: FLOPs, and keep, reuse and skip in every fused block."""
