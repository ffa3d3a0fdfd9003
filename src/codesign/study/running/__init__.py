"""What runs the study: configs, the searches they need, stages, and how a run was made."""
