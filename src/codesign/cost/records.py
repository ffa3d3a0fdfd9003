"""Records: accelerators, layers and mappings as JSON lines (`docs/records.md`)."""

from __future__ import annotations

import gzip
import io
import json
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from codesign.errors import InputError
from codesign.factors import DIVISORS, FACTORS
from codesign.hardware.architecture import Hardware
from codesign.hardware.levels import read_hardware
from codesign.mapping.files import read_mapping
from codesign.mapping.mapping import Mapping
from codesign.reading import Fields, closest, shown
from codesign.workload.layer import Layer
from codesign.workload.shape import CONV
from codesign.workload.workload import read_bits

T = TypeVar("T")
MAX_LINE_BYTES = 4 * 2**20
MAX_EMPTY_LINES = 1000
"""One after the other: a packed file of 300 KB can have hundreds of millions."""

MAX_DEFINITION_BYTES = 64 * 2**20
"""The most bytes of all definitions in a file. They are kept in memory, and a compressed file can
unpack to any length."""


@dataclass(frozen=True)
class Record:
    """One mapping to price. `id` is its number in the file, `factors` as in `Mapping.check`."""

    id: int
    hardware: Hardware
    layer: Layer
    mapping: Mapping
    factors: str = DIVISORS


def read_records(path: Path, every: int = 1) -> Iterator[Record]:
    """The records of a `.jsonl` or `.jsonl.gz` file, in order.

    Args:
        path: the file.
        every: return only every n-th record, beginning with the first. Of the others, only the
            JSON is checked.

    Raises:
        InputError: the file cannot be read, has no records, or has a bad line. The message has the
            number of the line.
    """
    architectures: dict[str, Hardware] = {}
    layers: dict[str, Layer] = {}
    records = 0
    defined_bytes = 0
    for number, line in _lines(path):
        try:
            fields = _parse(line)
            if "define_arch" in fields:
                name = fields.text("define_arch")
                _define(architectures, name, _define_architecture(fields, name))
            elif "define_layer" in fields:
                name = fields.text("define_layer")
                _define(layers, name, _define_layer(fields, name))
            else:
                if records % every == 0:
                    yield _record(fields, architectures, layers)
                records += 1
                continue
            defined_bytes += len(line)
            if defined_bytes > MAX_DEFINITION_BYTES:
                raise InputError(f"definitions of more than {MAX_DEFINITION_BYTES >> 20} MiB")
        except InputError as error:
            raise InputError(f"{path}, line {number}: {error}") from None
    if not records:
        raise InputError(f"{path}: it has no records, expected at least one")


def _define(known: dict[str, T], name: str, value: T) -> None:
    # A repeated equal definition is accepted, so that files can be joined with `cat`.
    if known.setdefault(name, value) != value:
        raise InputError(f"{shown(name)} is defined a second time with other content")


def _lines(path: Path) -> Iterator[tuple[int, str]]:
    number, empty, empty_bytes = 0, 0, 0
    try:
        with path.open("rb") as raw, _unpacked(raw) as file:
            while line := file.readline(MAX_LINE_BYTES + 1):
                number += 1
                if len(line) > MAX_LINE_BYTES:
                    raise InputError(f"{path}, line {number}: longer than {MAX_LINE_BYTES} bytes")
                if line.strip():
                    empty, empty_bytes = 0, 0
                    yield number, line.decode("utf-8")
                    continue
                empty, empty_bytes = empty + 1, empty_bytes + len(line)
                if empty > MAX_EMPTY_LINES or empty_bytes > MAX_LINE_BYTES:
                    raise InputError(
                        f"{path}, line {number}: {empty} empty lines one after the other, expected "
                        f"at most {MAX_EMPTY_LINES}, and {MAX_LINE_BYTES} bytes"
                    )
    except UnicodeDecodeError:
        raise InputError(f"{path}, line {number}: not UTF-8 text") from None
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise InputError(f"{path}, after line {number}: damaged gzip file: {error}") from None
    except OSError as error:
        raise InputError(f"{path}: {error.strerror or error}") from None


def _unpacked(raw: io.BufferedReader) -> gzip.GzipFile | io.BufferedReader:
    # By content, not by name: a file may be compressed or unpacked without a change of its name.
    is_packed = raw.peek(2)[:2] == b"\x1f\x8b"
    return gzip.GzipFile(fileobj=raw) if is_packed else raw


def _refuse_repeats(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    data = dict(pairs)
    if len(data) != len(pairs):
        names = [name for name, _ in pairs]
        repeated = next(name for name in names if names.count(name) > 1)
        raise InputError(f"the key {shown(repeated)} occurs twice")
    return data


def _refuse_constant(name: str) -> None:
    raise InputError(f"{name} is not a number of JSON, expected a finite number")


_DECODER = json.JSONDecoder(object_pairs_hook=_refuse_repeats, parse_constant=_refuse_constant)


def _parse(line: str) -> Fields:
    try:
        data = _DECODER.decode(line)
    except InputError:
        raise
    except json.JSONDecodeError as error:
        raise InputError(f"not JSON: {error.msg} (column {error.colno})") from None
    except RecursionError:
        raise InputError("not JSON: nested too deeply") from None
    except ValueError:
        # Python does not read whole numbers with thousands of digits.
        raise InputError("not JSON: a number with too many digits") from None
    return Fields(data, "record")


def _define_architecture(fields: Fields, name: str) -> Hardware:
    spec = fields.fields("spec")
    hardware = read_hardware(spec, name)
    spec.done()
    fields.done()
    return hardware


def _define_layer(fields: Fields, name: str) -> Layer:
    spec = fields.fields("spec")
    sizes = {key: spec.integer(key) for key in "RSPQCK"}
    sizes |= {key: spec.integer(key, 1) for key in ("N", *CONV.coefficients)}
    bits = read_bits(spec)
    spec.done()
    fields.done()
    return Layer.conv(name, **sizes).with_bits(bits)


def _record(fields: Fields, architectures: dict[str, Hardware], layers: dict[str, Layer]) -> Record:
    identity = fields.integer("id", minimum=0, maximum=2**63 - 1)
    hardware = _defined(fields, "arch", architectures)
    layer = _defined(fields, "layer", layers)
    mapping = read_mapping(fields, "mapping")
    factors = fields.text("factors", DIVISORS, choices=list(FACTORS))
    fields.done()
    mapping.check(layer, hardware, factors)
    return Record(identity, hardware, layer, mapping, factors)


def _defined(fields: Fields, key: str, known: dict[str, T]) -> T:
    name = fields.text(key)
    if name not in known:
        raise InputError(
            f"{key} is {shown(name)}, which is not defined above{closest(name, list(known))}"
        )
    return known[name]
