"""The linear path: a closed form that a network starts from."""
