"""The cost model in plain NumPy, with whole batches, to compare the compiled kernel with.

It has what Eyeriss and its row-stationary dataflow need: the accountings of Timeloop, no networks,
and no two spatial loops of a level along one sliding axis. Section numbers are those of
`docs/cost-model.md`. Tests compare it with the kernel.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from codesign.accounting import ACCOUNTINGS, TRANSLATION, Rules
from codesign.cost.tables import (
    BLOCK_UNITS,
    CAPACITY_UNITS,
    CLUSTER_SIZE,
    ELEMENTS,
    FANOUT_X,
    FANOUT_Y,
    INSTANCES,
    IRRELEVANT,
    LATE_CYCLES,
    LEAK_PJ,
    LEAST_UNITS,
    MAC_PJ,
    PLAIN,
    READ_RATE,
    READ_WRITE,
    SHARED_RATE,
    SHARES,
    VECTOR_PJ,
    WRITE_PJ,
    WRITE_RATE,
    Tables,
)
from codesign.mapping import MappingBatch

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]


def price(
    tables: Tables, batch: MappingBatch, rules: Rules = ACCOUNTINGS["timeloop"]
) -> tuple[Ints, Floats]:
    """Cycles [B] and energy in pJ [B]; 0 and NaN where a mapping breaks a rule."""
    spatial = batch.spatial.astype(np.int64)
    split = spatial.prod(axis=2)
    temporal = batch.temporal.astype(np.int64)
    grown = np.cumprod(split * temporal, axis=1)
    start = np.concatenate([np.ones_like(grown[:, :1]), grown[:, :-1]], axis=1)
    union = start * split
    words, extent = _measure(tables, grown)
    keep = (batch.keep[:, :, None] >> np.arange(words.shape[2]) & 1).astype(np.int64)
    valid = _is_valid(tables, spatial, words, keep)
    fanout = split.prod(axis=2)
    used = np.cumprod(fanout[:, ::-1], axis=1)[:, ::-1] // fanout
    order = batch.order.astype(np.int64)
    loops = (
        order.reshape(len(order), -1),
        np.take_along_axis(temporal, order, axis=2).reshape(len(order), -1),
        np.take_along_axis(union, order, axis=2).reshape(len(order), -1),
    )
    outer = np.cumprod(loops[1][:, ::-1], axis=1)[:, ::-1]
    counts = _count(tables, rules, split, fanout, union, words, extent, keep, loops, outer)
    cycles = _cycles(tables, counts, outer[:, 0]) + tables.totals[LATE_CYCLES]
    macs = used[:, 0] * fanout[:, 0] * outer[:, 0]
    energy = _energy(tables, counts, used, macs) + tables.energies[LEAK_PJ] * cycles
    return np.where(valid, cycles, 0), np.where(valid, energy, np.nan)


def within_limits(tables: Tables, batch: MappingBatch, sizes: Ints) -> NDArray[np.bool_]:
    """[B], whether mappings break no rule if tiles end with the layer, whose sizes are [D] (20)."""
    spatial = batch.spatial.astype(np.int64)
    grown = np.cumprod(spatial.prod(axis=2) * batch.temporal, axis=1)
    words, _ = _measure(tables, np.minimum(grown, sizes))
    keep = (batch.keep[:, :, None] >> np.arange(words.shape[2]) & 1).astype(np.int64)
    return _is_valid(tables, spatial, words, keep)


def _measure(tables: Tables, tile: Ints) -> tuple[Ints, Ints]:
    """Words [B, L, W] and extents [B, L, W, A] of tiles [B, L, D] (section 2)."""
    spaces, most = len(tables.role), int(tables.axes.max(initial=0))
    words = np.ones((*tile.shape[:2], spaces), np.int64)
    extent = np.ones((*words.shape, most), np.int64)
    for w, kinds in enumerate(tables.role):
        words[..., w] = tile[..., kinds == PLAIN].prod(axis=2)
        for a in range(tables.axes[w]):
            moving = kinds == a + 1
            extent[..., w, a] += ((tile[..., moving] - 1) * tables.stride[w, moving]).sum(axis=2)
        words[..., w] *= extent[..., w, :].prod(axis=2)
    return words, extent


def _is_valid(tables: Tables, spatial: Ints, words: Ints, keep: Ints) -> NDArray[np.bool_]:
    """The rules of section 11."""
    limits, rates = tables.limits, tables.rates
    along = spatial.prod(axis=3)
    fits = (along[:, :, 0] <= limits[:, FANOUT_X]) & (along[:, :, 1] <= limits[:, FANOUT_Y])
    held = (words * keep * limits[:, ELEMENTS:]).sum(axis=2)
    capacity = limits[:, CAPACITY_UNITS]
    fits &= (capacity < 0) | ((held <= capacity) & (held >= rates[:, LEAST_UNITS]))
    return fits.all(axis=1)


def _count(
    tables: Tables,
    rules: Rules,
    split: Ints,
    fanout: Ints,
    union: Ints,
    words: Ints,
    extent: Ints,
    keep: Ints,
    loops: tuple[Ints, Ints, Ints],
    outer: Ints,
) -> tuple[Ints, Ints, Ints]:
    """Words read, filled and updated, [B, L, W] per instance (sections 3 to 7)."""
    reads, fills, updates = (np.zeros_like(words) for _ in range(3))
    levels, dimensions = split.shape[1:]
    unions = _measure(tables, union)[0]
    partition = words.copy()
    for level in range(levels - 2, -1, -1):
        shared = partition[:, level + 1] * words[:, level] // unions[:, level + 1]
        spread = fanout[:, level + 1, None] > 1
        partition[:, level] = np.where(spread, shared, partition[:, level + 1])
    for w, kinds in enumerate(tables.role):
        below = outer[:, 0]
        for level in range(levels):
            below = content = below * split[:, level, kinds != IRRELEVANT].prod(axis=1)
            is_kept = keep[:, level, w]
            reads[:, level, w] = content * is_kept
            if w == tables.totals[READ_WRITE]:
                reads[:, level, w] -= partition[:, level, w] * is_kept
                updates[:, level, w] = content * is_kept
            if level < levels - 1:
                start = (level + 1) * dimensions
                tiles = _Windows(tables, w, words[:, level, w], extent[:, level, w], loops, start)
                received = (
                    tiles.remembered(outer, rules.rests)
                    if rules.window == TRANSLATION
                    else tiles.fetched(outer)
                )
                below = np.where(is_kept, received, content)
                fills[:, level, w] = below * is_kept
                if w == tables.totals[READ_WRITE] and not rules.first_fills:
                    fills[:, level, w] -= partition[:, level, w] * is_kept
    return reads, fills, updates


class _Windows:
    """Tiles of one dataspace at one level, moved by the loops outside it (section 3b)."""

    def __init__(
        self,
        tables: Tables,
        w: int,
        words: Ints,
        extent: Ints,
        loops: tuple[Ints, Ints, Ints],
        start: int,
    ) -> None:
        self.tables, self.w, self.words, self.extent = tables, w, words, extent
        self.loops, self.start = loops, start

    def fetched(self, outer: Ints) -> Ints:
        """Words that the level receives in the whole run."""
        count, axes = len(self.words), int(self.tables.axes[self.w])
        volume = np.zeros((count, 1 + 2 * axes), np.int64)
        state = np.tile(np.arange(1 + 2 * axes), (count, 1))
        moved = np.zeros((count, axes), np.int64)
        done, started = np.zeros(count, bool), np.zeros(count, bool)
        result = self.words.copy()
        for place in range(self.start, self.loops[0].shape[1]):
            dimension, bound, step = (column[:, place] for column in self.loops)
            kind = self.tables.role[self.w, dimension]
            live = ~done & (bound > 1)
            ends = live & (kind == PLAIN)
            result[ends] = ((self.words + volume[:, 0]) * outer[:, place])[ends]
            done |= ends
            rests = live & (kind == IRRELEVANT) & ~started
            state[rests] = 0
            moves = live & (kind != PLAIN) & ~rests
            started |= moves
            motion = -moved
            for a in range(axes):
                far = np.where(kind == a + 1, step * self.tables.stride[self.w, dimension], 0)
                motion[:, a] += far
                moved[:, a] += np.where(moves, far, 0)
            if moves.any():
                self._advance(moves, motion, bound - 1, volume, state)
        return np.where(done, result, self.words + volume[:, 0])

    def _advance(
        self, moves: NDArray[np.bool_], motion: Ints, turns: Ints, volume: Ints, state: Ints
    ) -> None:
        """Wraps one more loop around the gradient automaton, where `moves` says so."""
        rows = np.arange(len(motion))
        moving = motion != 0
        axis = moving.argmax(axis=1)
        far, extent = motion[rows, axis], self.extent[rows, axis]
        slides = (moving.sum(axis=1) == 1) & (np.abs(far) < extent)
        gradient = np.where(slides, 1 + 2 * axis + (far < 0), 0)
        part = self.words // extent * np.abs(far)
        whole = np.where(moving.any(axis=1), self.words, 0)
        rest_volume, rest_state = volume[:, 0].copy(), state[:, 0].copy()
        along_volume, along_state = volume[rows, gradient], state[rows, gradient]
        for g in range(volume.shape[1]):
            follows = slides & ((state[:, g] == 0) | (state[:, g] == gradient))
            added = np.where(follows, part + along_volume, whole + rest_volume)
            volume[:, g] += np.where(moves, turns * added, 0)
            state[:, g] = np.where(moves, np.where(follows, along_state, rest_state), state[:, g])

    def remembered(self, outer: Ints, rests: bool) -> Ints:
        """The same where the innermost translation is remembered (section 14)."""
        count, places = len(self.words), self.loops[0].shape[1]
        axes = int(self.tables.axes[self.w])
        volume, result = np.zeros(count, np.int64), np.zeros(count, np.int64)
        moved, first = np.zeros((count, axes), np.int64), np.zeros((count, axes), np.int64)
        is_open, is_first = np.ones(count, bool), np.ones(count, bool)
        for place in range(self.start, places):
            dimension, bound, step = (column[:, place] for column in self.loops)
            kind = self.tables.role[self.w, dimension]
            ends = is_open & (bound > 1) & (kind == PLAIN)
            result[ends] = ((self.words + volume) * outer[:, place])[ends]
            is_open &= ~ends
            turns = np.where(is_open, bound - 1, 0)
            far = step * self.tables.stride[self.w, dimension]
            move = np.where(kind[:, None] == np.arange(1, axes + 1), far[:, None], 0)
            motion = move - moved
            moved += np.where(turns[:, None] > 0, move, 0)
            still = ~motion.any(axis=1)
            starts = is_first & (turns > 0) & (rests | ~still)
            first[starts], is_first = motion[starts], is_first & ~starts
            left = np.maximum(0, self.extent[:, :axes] - np.abs(motion))
            shared = self.words // self.extent[:, :axes].prod(axis=1) * left.prod(axis=1)
            alike = (motion == first).all(axis=1) | (still & (not rests))
            new = self.words - np.where(alike, shared, 0)
            volume += turns * (new + volume)
        return np.where(is_open, self.words + volume, result)


def _cycles(tables: Tables, counts: tuple[Ints, Ints, Ints], steps: Ints) -> Ints:
    """The slowest of computing and of every level's traffic (section 10)."""
    reads, fills, updates = counts
    per_step = steps[:, None, None]
    part = tables.rates[:, SHARES : SHARES + reads.shape[2]]
    reading = (reads / per_step * part).sum(axis=2)
    writing = ((updates + fills) / per_step * part).sum(axis=2)
    with np.errstate(divide="ignore"):
        slowdown = np.minimum(
            tables.rates[:, READ_RATE] / reading, tables.rates[:, WRITE_RATE] / writing
        )
        shared = writing + reading
        slowdown = np.minimum(slowdown, tables.rates[:, SHARED_RATE] / shared)
    needed = np.ceil(steps[:, None] / np.minimum(1.0, slowdown)).astype(np.int64)
    return np.maximum(steps, needed.max(axis=1))


def _energy(tables: Tables, counts: tuple[Ints, Ints, Ints], used: Ints, macs: Ints) -> Floats:
    """MACs and accesses of all instances, pJ (section 8); Eyeriss's addresses cost nothing."""
    reads, fills, updates = counts
    block, size = tables.limits[:, BLOCK_UNITS, None], tables.limits[:, ELEMENTS:]
    paid = np.minimum(used, tables.limits[:, INSTANCES] // tables.limits[:, CLUSTER_SIZE])
    vector, write = tables.rates[:, VECTOR_PJ, None], tables.rates[:, WRITE_PJ, None]
    both = -(-(reads + fills + updates) * size // block) * vector
    apart = -(-reads * size // block) * vector + -(-(fills + updates) * size // block) * write
    access = np.where(write < 0, both, apart) * paid[:, :, None]
    total: Floats = macs * tables.energies[MAC_PJ] + access.sum(axis=(1, 2))
    return total
