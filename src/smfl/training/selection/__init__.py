"""What is chosen inside the training participants: settings, strong and weak modalities."""
