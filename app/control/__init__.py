"""From gestures to the keys that a slide show takes; knows nothing of models and of windows."""
