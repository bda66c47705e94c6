"""What turns data into a model: data sets, the performer, fitting and evaluation."""
