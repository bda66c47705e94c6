"""What sends a key to the program that has the keyboard, one module for each way to do it."""
