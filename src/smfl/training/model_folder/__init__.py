"""A fitted model on disk: weights, config, feature schema, model card."""
