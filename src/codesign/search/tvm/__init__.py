"""AutoTVM's tuner: a ranking model, simulated annealing on it, and batches of trials."""

from codesign.search.tvm.tuner import ModelBasedTuner, TunerSettings

__all__ = ["ModelBasedTuner", "TunerSettings"]
