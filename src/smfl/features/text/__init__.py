"""The words: sentence encoders and what is read from their vectors."""
