"""What each backbone is made of, without PyTorch, under torchvision's parameter names."""
