"""What operators of ONNX Runtime's own (`com.microsoft`) write, where that is certain.

ONNX has no inference for them, but optimised files are full of them: fused convolutions and
products, attention, quantized arithmetic, and norms in between. Their definitions are in
https://github.com/microsoft/onnxruntime/blob/main/docs/ContribOperators.md.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from onnx import TensorProto

from codesign.workload.onnx.values import Operator, Shape, Value

Rule = Callable[[Operator], list[Value]]

MICROSOFT = "com.microsoft."


def _same(*places: int) -> Rule:
    """Every output listed as its first input is; those in between are not known."""

    def rule(operator: Operator) -> list[Value]:
        first = operator.input(0)
        shape = operator.shape(0)
        last = max(places)
        return [
            Value(shape, first.element)
            if place in places
            else Value(cause=f"what {operator.title} writes besides is not read")
            for place in range(last + 1)
        ]

    return rule


def _dequantized(operator: Operator) -> list[Value]:
    return [Value(operator.shape(0), operator.input(1).element)]


def _quantized(operator: Operator) -> list[Value]:
    element = operator.input(2).element if operator.has(2) else TensorProto.UINT8
    return [Value(operator.shape(0), element)]


def _broadcast(left: int, right: int) -> Rule:
    def rule(operator: Operator) -> list[Value]:
        shapes = operator.shape(left), operator.shape(right)
        try:
            shape = np.broadcast_shapes(*shapes)
        except ValueError:
            raise operator.misfit(f"shapes that agree, not {shapes[0]} and {shapes[1]}") from None
        return [Value(shape, operator.input(left).element)]

    return rule


def _concatenated(operator: Operator) -> list[Value]:
    """QLinearConcat: a scale and a zero point, then triples of a tensor and its own."""
    shapes = [operator.shape(place) for place in range(2, len(operator.inputs), 3)]
    if not shapes or len({len(shape) for shape in shapes}) > 1:
        raise operator.misfit("tensors of as many axes")
    axis = operator.integer("axis")
    if not -len(shapes[0]) <= axis < len(shapes[0]):
        raise operator.misfit(f"an axis of {len(shapes[0])}, not {axis}")
    whole = list(shapes[0])
    whole[axis] = sum(shape[axis] for shape in shapes)
    return [Value(tuple(whole), operator.input(2).element)]


def _embedded(operator: Operator) -> list[Value]:
    """EmbedLayerNormalization: a row of the table per token."""
    tokens, table = operator.shape(0), operator.shape(2)
    whole = Value((*tokens, table[-1]), operator.input(2).element)
    return [whole, Value(tokens[:1], TensorProto.INT32), whole]


def windows(operator: Operator, sizes: Sequence[int], kernel: Sequence[int]) -> Shape:
    """Places of a window along each axis: the convolution's formula, padding as given."""
    axes = len(sizes)
    strides = operator.integers("strides", [1] * axes)
    dilations = operator.integers("dilations", [1] * axes)
    pads = operator.integers("pads", [0] * 2 * axes)
    is_fit = len(strides) == len(dilations) == len(kernel) == axes and len(pads) == 2 * axes
    if not is_fit or min([*strides, *dilations, *kernel], default=1) < 1:
        raise operator.misfit(f"strides, dilations and pads of {axes} axes")
    how = operator.attributes.get("auto_pad", "NOTSET")
    places = []
    for axis, size in enumerate(sizes):
        if how in ("SAME_UPPER", "SAME_LOWER"):
            places.append(-(-size // strides[axis]))
            continue
        padded = size + (pads[axis] + pads[axis + axes] if how == "NOTSET" else 0)
        reach = (kernel[axis] - 1) * dilations[axis] + 1
        room = padded - reach
        rounded = -(-room // strides[axis]) if operator.integer("ceil_mode", 0) else None
        places.append((room // strides[axis] if rounded is None else rounded) + 1)
    if min(places, default=1) < 0:
        raise operator.misfit(f"inputs that hold the window, not {list(sizes)}")
    return tuple(places)


def _convolved(channels_last: bool | None = False, weights: int = 1) -> Rule:
    def rule(operator: Operator) -> list[Value]:
        is_last = channels_last
        if is_last is None:
            is_last = bool(operator.integer("channels_last", 0))
        data, filters = operator.shape(0), operator.shape(weights)
        if len(data) != len(filters) or len(data) < 3:
            raise operator.misfit("as many axes in inputs and weights")
        sizes = data[1:-1] if is_last else data[2:]
        places = windows(operator, sizes, filters[2:])
        whole = (data[0], *places, filters[0]) if is_last else (data[0], filters[0], *places)
        return [Value(whole, operator.input(0).element)]

    return rule


def _pooled(operator: Operator) -> list[Value]:
    """QLinearAveragePool and NhwcMaxPool."""
    data = operator.shape(0)
    kernel = operator.integers("kernel_shape", [])
    is_last = operator.kind.endswith("NhwcMaxPool") or bool(operator.integer("channels_last", 0))
    sizes = data[1:-1] if is_last else data[2:]
    places = windows(operator, sizes, kernel)
    whole = (data[0], *places, data[-1]) if is_last else (*data[:2], *places)
    return [Value(whole, operator.input(0).element)]


def _pooled_whole(operator: Operator) -> list[Value]:
    """QLinearGlobalAveragePool: one word per channel."""
    data = operator.shape(0)
    ones = (1,) * (len(data) - 2)
    is_last = bool(operator.integer("channels_last", 0))
    whole = (data[0], *ones, data[-1]) if is_last else (*data[:2], *ones)
    return [Value(whole, operator.input(0).element)]


def transposed(operator: Operator, shape: Shape, side: str) -> Shape:
    """An operand of FusedMatMul as MatMul would be given it: `side` is A or B."""
    if operator.integer(f"transBatch{side}", 0) and len(shape) > 2:
        # The first axis is moved to where the rows begin.
        shape = (*shape[1:-1], shape[0], shape[-1])
    if operator.integer(f"trans{side}", 0) and len(shape) > 1:
        shape = (*shape[:-2], shape[-1], shape[-2])
    return shape


def product_shape(operator: Operator, left: Shape, right: Shape) -> Shape:
    """NumPy's matmul; `InputError` where the operands do not fit."""
    if not left or not right:
        raise operator.misfit(f"operands with axes, not {list(left)} × {list(right)}")
    first = (1, *left) if len(left) == 1 else left
    second = (*right, 1) if len(right) == 1 else right
    try:
        batch = np.broadcast_shapes(first[:-2], second[:-2])
    except ValueError:
        batch = None
    if batch is None or first[-1] != second[-2]:
        raise operator.misfit(f"sizes that agree, not {list(left)} × {list(right)}")
    rows = () if len(left) == 1 else (first[-2],)
    columns = () if len(right) == 1 else (second[-1],)
    return (*batch, *rows, *columns)


def _multiplied(right: int = 1, element: int | None = None) -> Rule:
    def rule(operator: Operator) -> list[Value]:
        first = transposed(operator, operator.shape(0), "A")
        second = transposed(operator, operator.shape(right), "B")
        found = operator.input(0).element if element is None else element
        return [Value(product_shape(operator, first, second), found)]

    return rule


def _gemm(right: int = 1) -> Rule:
    def rule(operator: Operator) -> list[Value]:
        first, second = operator.shape(0), operator.shape(right)
        if len(first) != 2 or len(second) != 2:
            raise operator.misfit("two matrices")
        whole = product_shape(
            operator, transposed(operator, first, "A"), transposed(operator, second, "B")
        )
        # QGemm writes floats where it is given no scale for its output.
        is_quantized = operator.kind == f"{MICROSOFT}QGemm" and operator.has(7)
        is_float = operator.kind == f"{MICROSOFT}QGemm" and not is_quantized
        return [Value(whole, TensorProto.FLOAT if is_float else operator.input(0).element)]

    return rule


def _packed_product(operator: Operator) -> list[Value]:
    """MatMulNBits and MatMulBnb4: the weights' true size stands in attributes."""
    data = operator.shape(0)
    depth, columns = operator.integer("K"), operator.integer("N")
    if not data or data[-1] != depth or min(depth, columns) < 1:
        raise operator.misfit(f"inputs [..., K] with K = {depth}, not {list(data)}")
    return [Value((*data[:-1], columns), operator.input(0).element)]


def _attention(operator: Operator) -> list[Value]:
    """Attention and QAttention: [B, S, D] → [B, S, Dv], and keys and values kept."""
    data, weights = operator.shape(0), operator.shape(1)
    heads = operator.integer("num_heads")
    if len(data) != 3 or len(weights) != 2 or heads < 1:
        raise operator.misfit("inputs [B, S, D], weights [D, 3·D] and a number of heads")
    sizes = operator.integers("qkv_hidden_sizes", [weights[1] // 3] * 3)
    if len(sizes) != 3 or sum(sizes) != weights[1] or any(size % heads for size in sizes):
        raise operator.misfit(f"sizes of queries, keys and values that {heads} heads divide")
    place = 8 if operator.kind.endswith("QAttention") else 4
    before = operator.shape(place)[3] if operator.has(place) else 0
    element = operator.input(3 if place == 8 else 0).element
    present = (2, data[0], heads, before + data[1], sizes[1] // heads)
    return [Value((*data[:2], sizes[2]), element), Value(present, element)]


def _multi_head(operator: Operator) -> list[Value]:
    """MultiHeadAttention: the values' width is that of the output."""
    data, element = operator.shape(0), operator.input(0).element
    heads = operator.integer("num_heads")
    if len(data) == 5:
        return [Value((*data[:2], data[2] * data[4]), element)]
    if len(data) != 3 or heads < 1:
        raise operator.misfit("queries [B, S, D] or [B, S, heads, 3, D]")
    if not operator.has(2):
        return [Value(data, element)]
    values = operator.shape(2)
    width = values[2] if len(values) == 3 else values[1] * values[3]
    return [Value((*data[:2], width), element)]


def _grouped_query(operator: Operator) -> list[Value]:
    """GroupQueryAttention: queries alone, or queries, keys and values side by side."""
    data, element = operator.shape(0), operator.input(0).element
    heads, shared = operator.integer("num_heads"), operator.integer("kv_num_heads")
    if len(data) != 3 or min(heads, shared) < 1 or heads % shared:
        raise operator.misfit("queries [B, S, D] of heads that share keys evenly")
    packed = heads + 2 * shared
    if operator.has(1):
        return [Value(data, element)]
    if data[2] % packed:
        raise operator.misfit(f"a width that {packed} heads divide, not {data[2]}")
    return [Value((*data[:2], data[2] // packed * heads), element)]


def _causal(operator: Operator) -> list[Value]:
    """CausalConvWithState: as long as its input, and the state after it."""
    data, filters = operator.shape(0), operator.shape(1)
    if len(data) != 3 or len(filters) != 3:
        raise operator.misfit("inputs [B, C, L] and weights [C, 1, k]")
    element = operator.input(0).element
    return [Value(data, element), Value((*data[:2], filters[2] - 1), element)]


RULES: dict[str, Rule] = {
    # ONNX Runtime puts this one into ONNX's own domain, where no standard knows it.
    "SimplifiedLayerNormalization": _same(0),
    **{
        MICROSOFT + kind: rule
        for kind, rule in {
            **dict.fromkeys(
                (
                    *("Gelu", "BiasGelu", "FastGelu", "QuickGelu", "BiasSoftmax", "BiasDropout"),
                    *("BitmaskDropout", "RotaryEmbedding", "GroupNorm", "Inverse", "Trilu"),
                    *("QLinearSigmoid", "QLinearSoftmax", "QLinearLeakyRelu", "BiasAdd"),
                ),
                _same(0),
            ),
            **{
                "SkipLayerNormalization": _same(0, 3),
                "SkipSimplifiedLayerNormalization": _same(0, 3),
            },
            **{"SkipGroupNorm": _same(0, 1), "EmbedLayerNormalization": _embedded},
            **{"DequantizeLinear": _dequantized, "QuantizeLinear": _quantized},
            **{"QLinearAdd": _broadcast(0, 3), "QLinearMul": _broadcast(0, 3)},
            **{"QLinearConcat": _concatenated, "QLinearAveragePool": _pooled},
            **{"QLinearGlobalAveragePool": _pooled_whole, "NhwcMaxPool": _pooled},
            **{"FusedConv": _convolved(), "QLinearConv": _convolved(None, weights=3)},
            **{"NhwcConv": _convolved(True), "NhwcFusedConv": _convolved(True)},
            **{"FusedMatMul": _multiplied(), "TransposeMatMul": _multiplied()},
            **{"FusedMatMulActivation": _multiplied(), "GemmFastGelu": _multiplied()},
            **{"DynamicQuantizeMatMul": _multiplied(element=TensorProto.FLOAT)},
            **{"MatMulIntegerToFloat": _multiplied(element=TensorProto.FLOAT)},
            **{"MatMulInteger16": _multiplied(element=TensorProto.INT32)},
            **{"FusedGemm": _gemm(), "QGemm": _gemm(right=3)},
            **{"MatMulNBits": _packed_product, "MatMulBnb4": _packed_product},
            **{"Attention": _attention, "QAttention": _attention},
            **{"MultiHeadAttention": _multi_head, "GroupQueryAttention": _grouped_query},
            "CausalConvWithState": _causal,
        }.items()
    },
}
"""What each writes. Operators that are not listed stop inference, and are named."""
