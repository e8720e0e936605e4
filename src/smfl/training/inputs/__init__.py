"""From sentence features to the tensors that networks read, measured on the training participants."""
