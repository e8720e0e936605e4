"""What `predict` needs beside the model: the evidence of one interview, sentence by sentence."""
