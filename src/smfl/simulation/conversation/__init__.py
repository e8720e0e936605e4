"""What is said in a simulated interview, by whom, and when."""
