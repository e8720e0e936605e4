"""The verbs that lead a call through the rooms, one a file: load, prepare, describe, train, evaluate, predict, …."""
