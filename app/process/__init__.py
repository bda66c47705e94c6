"""The process around the application: signals, standard streams, native libraries, the display."""
