"""The AdaFuse network in PyTorch: backbones, policies, fusion, cost and export."""
