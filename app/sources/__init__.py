"""Where frames come from: a camera, a video file, a folder of images or the bundled demo clip."""
