"""Operators that multiply and accumulate, but that no layer expresses: what they would be."""

from __future__ import annotations

from codesign.workload.onnx.contrib import MICROSOFT
from codesign.workload.onnx.operators.layers import volume
from codesign.workload.onnx.operators.registry import Part, UnsupportedError, reads
from codesign.workload.onnx.values import Operator


@reads("DeformConv", how="which inputs a filter meets depends on the data", is_layer=False)
def refuse_deformable(operator: Operator) -> list[Part]:
    """As many products as a convolution has."""
    macs = volume(operator.output_shape()) * volume(operator.shape(1)[1:])
    raise UnsupportedError("which inputs a filter meets depends on the data", macs)


@reads("DFT", how="no fixed number of products: a fast transform needs fewer", is_layer=False)
def refuse_transform(operator: Operator) -> list[Part]:
    """Its size may even depend on the data."""
    raise UnsupportedError("a fast transform needs fewer products than its definition")


@reads("STFT", how="no fixed number of products: a fast transform needs fewer", is_layer=False)
def refuse_short_transform(operator: Operator) -> list[Part]:
    """A DFT of each frame, left out for the same reason."""
    raise UnsupportedError("a fast transform needs fewer products than its definition")


@reads(
    *("LinearAttention", f"{MICROSOFT}LinearAttention"),
    how="a recurrence over matrices, which no layer expresses",
    is_layer=False,
)
def refuse_linear_attention(operator: Operator) -> list[Part]:
    """Per token: the outer product of key and value, and the query's product with the state."""
    query, key, value = (operator.shape(place) for place in range(3))
    heads, shared = operator.integer("q_num_heads"), operator.integer("kv_num_heads")
    if not len(query) == len(key) == len(value) == 3 or min(heads, shared) < 1:
        raise operator.misfit("queries, keys and values [B, T, heads·D]")
    state = key[2] // shared * (value[2] // shared)
    # A delta rule also reads what the state has for the key.
    rule = operator.attributes.get("update_rule", "gated_delta")
    updates = 2 if rule in ("delta", "gated_delta") else 1
    macs = query[0] * query[1] * state * (updates * shared + heads)
    raise UnsupportedError("a recurrence over matrices, which no layer expresses", macs)


@reads(f"{MICROSOFT}MoE", how="which experts see a token depends on the data", is_layer=False)
def refuse_experts(operator: Operator) -> list[Part]:
    """Each token passes through `k` experts of two or three matrices."""
    data = operator.shape(0)
    chosen = operator.integer("k", 1)
    words = sum(volume(operator.shape(place)[1:]) for place in (2, 4, 6) if operator.has(place))
    macs = volume(data[:-1]) * chosen * words
    raise UnsupportedError("which experts see a token depends on the data", macs)


_UNREAD = (
    *("QMoE", "SparseAttention", "PackedAttention", "PackedMultiHeadAttention", "PagedAttention"),
    *("LongformerAttention", "DecoderAttention", "DecoderMaskedSelfAttention", "QOrderedMatMul"),
    *("DecoderMaskedMultiHeadAttention", "QOrderedAttention", "QOrderedLongformerAttention"),
    *("AttnLSTM", "DynamicQuantizeLSTM", "ConvTransposeWithDynamicPads", "GemmFloat8"),
    *("MatMulFpQ4", "MatMulNBitsMlp", "MatMulNBitsQkv", "SparseToDenseMatMul", "WordConvEmbedding"),
    *("Rfft", "Irfft", "GatedDeltaNet", "BeamSearch", "GreedySearch", "Sampling"),
)


@reads(
    *(f"{MICROSOFT}{kind}" for kind in _UNREAD),
    how="its operands are packed, sparse, or a whole network's: not read",
    is_layer=False,
)
def refuse_unread(operator: Operator) -> list[Part]:
    """Named, so that nobody takes it for an operator that computes nothing."""
    raise UnsupportedError("its operands are packed, sparse, or a whole network's")
