"""Attention: scores of queries with keys, and what they select of the values.

Queries of heads that share keys and values are rows of one product. Masks leave nothing out: what
is masked is computed, as it is by most.
"""

from __future__ import annotations

from codesign.workload.onnx.contrib import MICROSOFT
from codesign.workload.onnx.operators.convolution import widths
from codesign.workload.onnx.operators.layers import product
from codesign.workload.onnx.operators.registry import Bits, Part, reads
from codesign.workload.onnx.values import Operator

_HOW = "scores and weighted sums per head, as batches of products; heads that share keys are rows"


def _attend(
    operator: Operator,
    *,
    batch: int,
    heads: int,
    shared: int,
    queries: int,
    keys: int,
    width: int,
    value_width: int,
    bits: Bits,
) -> list[Part]:
    """Both products of attention.

    Args:
        heads, shared: of the queries, and of the keys and values.
        queries, keys: how many there are per head, those kept from before included.
        width, value_width: words of a query and of a value.
    """
    if shared < 1 or heads % shared:
        raise operator.misfit(f"heads that share keys evenly, not {heads} over {shared}")
    rows = heads // shared * queries
    groups = batch * shared
    scores = product(
        f"{operator.name}/scores", batch=groups, rows=rows, columns=keys, depth=width, bits=bits
    )
    return scores + product(
        f"{operator.name}/values",
        batch=groups,
        rows=rows,
        columns=value_width,
        depth=keys,
        bits=bits,
    )


@reads("Attention", how=_HOW)
def read_attention(operator: Operator) -> list[Part]:
    """Q, K, V as [B, S, heads·D] or [B, heads, S, D], and keys and values of before."""
    query, key, value = (operator.shape(place) for place in range(3))
    if not len(query) == len(key) == len(value) or len(query) not in (3, 4):
        raise operator.misfit("queries, keys and values of three or four axes")
    if len(query) == 3:
        heads, shared = operator.integer("q_num_heads"), operator.integer("kv_num_heads")
        query, key = _split(operator, query, heads), _split(operator, key, shared)
        value = _split(operator, value, shared)
    before = operator.shape(4)[2] if operator.has(4) and len(operator.shape(4)) == 4 else 0
    return _attend(
        operator,
        batch=query[0],
        heads=query[1],
        shared=key[1],
        queries=query[2],
        keys=before + key[2],
        width=query[3],
        value_width=value[3],
        bits=widths(operator, 0, 1),
    )


def _split(operator: Operator, shape: tuple[int, ...], heads: int) -> tuple[int, ...]:
    """[B, S, heads·D] as [B, heads, S, D]."""
    if heads < 1 or shape[2] % heads:
        raise operator.misfit(f"a width that {heads} heads divide, not {shape[2]}")
    return (shape[0], heads, shape[1], shape[2] // heads)


@reads(
    *(f"{MICROSOFT}Attention", f"{MICROSOFT}QAttention"),
    how="the projection to queries, keys and values, then attention",
)
def read_projected_attention(operator: Operator) -> list[Part]:
    """[B, S, D] × [D, Dq + Dk + Dv], with keys and values of before."""
    data, weights = operator.shape(0), operator.shape(1)
    heads = operator.integer("num_heads")
    if len(data) != 3 or len(weights) != 2 or heads < 1 or data[2] != weights[0]:
        raise operator.misfit("inputs [B, S, D], weights [D, 3·D] and a number of heads")
    sizes = operator.integers("qkv_hidden_sizes", [weights[1] // 3] * 3)
    if len(sizes) != 3 or sum(sizes) != weights[1] or any(size % heads for size in sizes):
        raise operator.misfit(f"sizes of queries, keys and values that {heads} heads divide")
    place = 8 if operator.kind.endswith("QAttention") else 4
    before = (
        operator.shape(place)[3] if operator.has(place) and len(operator.shape(place)) == 5 else 0
    )
    bits = widths(operator, 0, 1)
    projection = product(
        f"{operator.name}/projection",
        rows=data[0] * data[1],
        columns=weights[1],
        depth=data[2],
        bits=bits,
    )
    return projection + _attend(
        operator,
        batch=data[0],
        heads=heads,
        shared=heads,
        queries=data[1],
        keys=before + data[1],
        width=sizes[0] // heads,
        value_width=sizes[2] // heads,
        bits=Bits(bits.outputs, bits.outputs, bits.outputs),
    )


@reads(f"{MICROSOFT}MultiHeadAttention", how=_HOW)
def read_multi_head(operator: Operator) -> list[Part]:
    """Queries [B, S, D] and keys [B, L, D] or [B, heads, L, D]; all packed, or keys and values."""
    query = operator.shape(0)
    heads = operator.integer("num_heads")
    if heads < 1:
        raise operator.misfit(f"a number of heads, not {heads}")
    before = operator.shape(6)[2] if operator.has(6) and len(operator.shape(6)) == 4 else 0
    if len(query) == 5 and query[2:4] == (heads, 3):
        batch, queries, _, _, width = query
        keys, value_width = queries, width
    elif len(query) == 3 and query[2] % heads == 0 and operator.has(1):
        batch, queries, width = query[0], query[1], query[2] // heads
        key = operator.shape(1)
        if len(key) == 5:
            keys, value_width = key[1], key[4]
        elif len(key) in (3, 4) and operator.has(2):
            keys = key[1] if len(key) == 3 else key[2]
            value = operator.shape(2)
            value_width = value[-1] // heads if len(value) == 3 else value[-1]
        else:
            raise operator.misfit("keys and values of three or four axes")
    else:
        raise operator.misfit("queries [B, S, D] with keys, or [B, S, heads, 3, D]")
    return _attend(
        operator,
        batch=batch,
        heads=heads,
        shared=heads,
        queries=queries,
        keys=before + keys,
        width=width,
        value_width=value_width,
        bits=widths(operator, 0, 1 if operator.has(1) else 0),
    )


@reads(
    f"{MICROSOFT}GroupQueryAttention",
    how=_HOW + "; as many keys as its total length says, if that is a constant, else those of "
    "before and the new ones",
)
def read_grouped_query(operator: Operator) -> list[Part]:
    """Queries [B, S, heads·D] or all packed; keys of before [B, shared, L, D]."""
    query = operator.shape(0)
    heads, shared = operator.integer("num_heads"), operator.integer("kv_num_heads")
    if len(query) != 3 or min(heads, shared) < 1:
        raise operator.misfit("queries [B, S, D] and numbers of heads")
    parts = heads if operator.has(1) else heads + 2 * shared
    if query[2] % parts:
        raise operator.misfit(f"a width that {parts} heads divide, not {query[2]}")
    new = operator.shape(1)[1] if operator.has(1) and len(operator.shape(1)) > 1 else query[1]
    before = operator.shape(3)[2] if operator.has(3) and len(operator.shape(3)) == 4 else 0
    total = operator.number(6)
    return _attend(
        operator,
        batch=query[0],
        heads=heads,
        shared=shared,
        queries=query[1],
        keys=before + new if total is None or total < 1 else total,
        width=query[2] // parts,
        value_width=query[2] // parts,
        bits=widths(operator, 0, 3 if operator.has(3) else 0),
    )
