"""The batch kernel for loops whose last iteration is partial (`docs/cost-model.md`, section 20)."""
