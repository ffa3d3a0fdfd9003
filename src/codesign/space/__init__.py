"""Design spaces: parameters, known constraints, samplers and features."""
