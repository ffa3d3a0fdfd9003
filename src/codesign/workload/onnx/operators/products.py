"""Matrix products of any rank, fused, quantized and packed ones too."""

from __future__ import annotations

import math
from collections.abc import Sequence

from codesign.workload.onnx.contrib import product_shape, transposed
from codesign.workload.onnx.operators.convolution import widths
from codesign.workload.onnx.operators.layers import product
from codesign.workload.onnx.operators.registry import Bits, Part, reads
from codesign.workload.onnx.values import Operator, Shape


def multiplied(operator: Operator, left: Shape, right: Shape, bits: Bits) -> list[Part]:
    """MatMul as NumPy's: [batch…, M, K] × [batch…, K, N].

    A batch axis along which only the left operand varies is more rows of one product, since all
    of them share the right one (weights: every token of every sentence); only the right one, more
    columns. What is left, along which both vary, is a batch of products that share nothing.
    """
    # Refuses what does not fit.
    product_shape(operator, left, right)
    left = (1, *left) if len(left) == 1 else left
    right = (*right, 1) if len(right) == 1 else right
    axes = max(len(left), len(right)) - 2
    both = list(zip(_led_by_ones(left[:-2], axes), _led_by_ones(right[:-2], axes), strict=True))
    return product(
        operator.name,
        batch=math.prod(a for a, b in both if a == b),
        rows=left[-2] * math.prod(a for a, b in both if b == 1 != a),
        columns=right[-1] * math.prod(b for a, b in both if a == 1 != b),
        depth=left[-1],
        bits=bits,
    )


def _led_by_ones(sizes: Sequence[int], axes: int) -> Shape:
    return (1,) * (axes - len(sizes)) + tuple(sizes)


@reads(
    *("MatMul", "MatMulInteger", "com.microsoft.MatMulInteger16"),
    *("com.microsoft.DynamicQuantizeMatMul", "com.microsoft.MatMulIntegerToFloat"),
    *("com.microsoft.FusedMatMul", "com.microsoft.TransposeMatMul"),
    *("com.microsoft.FusedMatMulActivation", "com.microsoft.GemmFastGelu"),
    how="matrix products of any rank: what shares an operand is one product, the rest a batch",
)
def read_matmul(operator: Operator) -> list[Part]:
    """Both operands first."""
    left = transposed(operator, operator.shape(0), "A")
    right = transposed(operator, operator.shape(1), "B")
    bits = widths(operator, 0, 1)
    if operator.kind.endswith("DynamicQuantizeMatMul"):
        # Its inputs are quantized before they are multiplied.
        bits = Bits(bits.weights, 8, bits.outputs)
    return multiplied(operator, left, right, bits)


@reads("QLinearMatMul", how="matrix products, without their scales and zero points")
def read_quantized_matmul(operator: Operator) -> list[Part]:
    """Operands each with their scale and zero point."""
    return multiplied(operator, operator.shape(0), operator.shape(3), widths(operator, 0, 3))


@reads(
    *("com.microsoft.MatMulNBits", "com.microsoft.MatMulBnb4"),
    how="a product with packed weights, of the true size and width",
)
def read_packed_matmul(operator: Operator) -> list[Part]:
    """The weights' size stands in attributes K and N."""
    left = operator.shape(0)
    depth, columns = operator.integer("K"), operator.integer("N")
    bits = widths(operator, 0, 1, operator.integer("bits", 4))
    return multiplied(operator, left, (depth, columns), bits)


@reads(
    *("Gemm", "com.microsoft.FusedGemm"),
    how="a matrix product, either operand transposed or not",
)
def read_gemm(operator: Operator) -> list[Part]:
    """[M, K] × [K, N]."""
    return _gemm(operator, 1)


@reads("com.microsoft.QGemm", how="a matrix product, without its scales and zero points")
def read_quantized_gemm(operator: Operator) -> list[Part]:
    """Operands each with their scale and zero point."""
    return _gemm(operator, 3)


def _gemm(operator: Operator, right: int) -> list[Part]:
    first, second = operator.shape(0), operator.shape(right)
    if len(first) != 2 or len(second) != 2:
        raise operator.misfit("two matrices")
    rows, depth = first[::-1] if operator.integer("transA", 0) else first
    depth_too, columns = second[::-1] if operator.integer("transB", 0) else second
    if depth != depth_too:
        raise operator.misfit(f"inner sizes that agree, not {depth} and {depth_too}")
    bits = widths(operator, 0, right)
    return product(operator.name, rows=rows, columns=columns, depth=depth, bits=bits)
