"""LSTM, GRU and RNN: their matrix products.

The inputs of all time steps are multiplied at once, since none waits for another; what was computed
at one step is multiplied at the next, step after step. Both directions have products of their own.
"""

from __future__ import annotations

from codesign.workload.onnx.operators.convolution import widths
from codesign.workload.onnx.operators.layers import product
from codesign.workload.onnx.operators.registry import Bits, Part, reads
from codesign.workload.onnx.values import Operator


@reads("RNN", how="the products of inputs (all time steps at once) and of states (per time step)")
def read_rnn(operator: Operator) -> list[Part]:
    """One gate sees the input and the state."""
    return _products(operator, [1])


@reads("LSTM", how="as RNN, with four gates in one product")
def read_lstm(operator: Operator) -> list[Part]:
    """Input, output, forget and cell gates see the same state."""
    return _products(operator, [4])


@reads("GRU", how="as RNN, with three gates; the last waits for the others unless it is linear")
def read_gru(operator: Operator) -> list[Part]:
    """The hidden gate sees a state that the reset gate has changed."""
    return _products(operator, [3] if operator.integer("linear_before_reset", 0) else [2, 1])


def _products(operator: Operator, gates: list[int]) -> list[Part]:
    """Inputs [T, B, I], weights [directions, gates·H, I], recurrences [directions, gates·H, H].

    Args:
        gates: how many of them are computed from the state together, one after another.
    """
    data, weights, states = (operator.shape(place) for place in range(3))
    if not len(data) == len(weights) == len(states) == 3:
        raise operator.misfit("inputs, weights and recurrences of three axes")
    hidden, number = states[2], sum(gates)
    steps, batch = data[:2] if not operator.integer("layout", 0) else data[1::-1]
    if weights != (weights[0], number * hidden, data[2]) or states[:2] != weights[:2]:
        raise operator.misfit(
            f"weights [directions, {number}·{hidden}, {data[2]}] and recurrences "
            f"[directions, {number}·{hidden}, {hidden}], not {list(weights)} and {list(states)}"
        )
    bits = widths(operator, 0, 1)
    parts = product(
        f"{operator.name}/input",
        rows=steps * batch,
        columns=number * hidden,
        depth=data[2],
        bits=bits,
        count=weights[0],
    )
    for together in gates:
        parts += product(
            f"{operator.name}/state",
            rows=batch,
            columns=together * hidden,
            depth=hidden,
            bits=Bits(operator.input(2).width, bits.outputs, bits.outputs),
            count=weights[0] * steps,
        )
    return parts
