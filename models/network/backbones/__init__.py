"""Plain networks with named fusion sites, under torchvision's parameter names."""
