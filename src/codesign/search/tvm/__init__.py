"""AutoTVM's tuner: a learned cost model, simulated annealing on it, batches of trials."""

from codesign.search.tvm.tuner import ModelBasedTuner, TunerSettings

__all__ = ["ModelBasedTuner", "TunerSettings"]
