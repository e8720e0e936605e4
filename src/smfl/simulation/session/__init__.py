"""One simulated interview: the participant, what is planted, the words, and when they are spoken."""
