"""One accelerator in every form that Timeloop has had, with a problem and a mapping."""

from __future__ import annotations

TREE = """\
architecture:
  version: VERSION
  subtree:
  - name: system
    attributes: {technology: 45nm}
    local:
    - {name: DRAM, class: DRAM, attributes: {width: 64, block-size: 8, word-bits: 8}}
    subtree:
    - name: chip
      local:
      - name: Wire
        class: wire
        attributes: {length: 1}
      - name: Buffer
        class: smartbuffer_SRAM
        attributes:
          memory_depth: 2 * 512
          memory_width: 64
          n_banks: 32
          block_size: 8
          word_bits: 8
          read_bandwidth: 16
          shared_bandwidth: 24
      subtree:
      - name: PE[0..14]
        local:
        - name: Spad[1..4]
          class: smartbuffer_RF
          attributes: {depth: 16, width: 16, datawidth: 16, meshX: 15, n_rdwr_ports: 2}
        - name: mac[1..4]
          class: intmac
          attributes: {datawidth: 8, meshX: 15, width: 3}
"""

NODES = """\
architecture:
  version: 0.4
  nodes:
  - !Container {name: system, attributes: {technology: 45nm, scale: 2}}
  - !Component {name: DRAM, class: DRAM, attributes: {width: 64, datawidth: 8}}
  - !Component
    name: Buffer
    class: smartbuffer_SRAM
    attributes:
      {memory_depth: 512 * scale, memory_width: 64, datawidth: 8, n_rdwr_ports: 2,
       read_bandwidth: 16, shared_bandwidth: 24, block_size: 8}
  - !Container {name: columns, spatial: {meshX: 15}}
  - !Container {name: PE, spatial: {meshY: scale * 2}}
  - !Component
    {name: Spad, class: smartbuffer_RF, attributes: {depth: 16, width: 16, datawidth: 16}}
  - !Component {name: mac, class: intmac, attributes: {width: 3, multiplier_width: 8}}
"""

DUMP = """\
dumped_by_timeloop_front_end: true
architecture:
  version: '0.4'
  subtree:
  - name: system_top_level
    attributes: {version: '0.4', has_power_gating: false, power_gated_at: null}
    local:
    - name: DRAM[1..1]
      class: DRAM
      attributes: {width: 64, datawidth: 8, cluster_size: 1, reduction_supported: true,
                   multiple_buffering: 1, min_utilization: 0, allow_overbooking: false,
                   meshX: 1, meshY: 1}
      required_actions: [read, write]
      enabled: true
    - name: Buffer[1..1]
      class: smartbuffer_SRAM
      attributes: {depth: 1024, width: 64, datawidth: 8, cluster_size: 1, n_banks: 2,
                   read_bandwidth: 16, shared_bandwidth: 24, meshX: 1, meshY: 1}
    - name: inter_columns_spatial[1..1]
      class: dummy_storage
      attributes: {width: 1, depth: 1, datawidth: 1, technology: -1, meshX: 1, meshY: 1}
    - name: inter_PE_spatial[1..15]
      class: dummy_storage
      attributes: {width: 1, depth: 1, datawidth: 1, technology: -1, meshX: 15, meshY: 1}
    - name: Spad[1..60]
      class: smartbuffer_RF
      attributes: {depth: 16, width: 16, datawidth: 16, meshX: 15, meshY: 4}
    - name: mac[1..60]
      class: intmac
      attributes: {multiplier_width: 8, adder_width: 16, meshX: 15, meshY: 4}
architecture_constraints:
  targets:
  - {target: inter_columns_spatial, type: spatial, factors: 'C=1,M=15', permutation: MC, split: 9}
  - {target: inter_PE_spatial, type: spatial, factors: 'M=1', permutation: CM, split: 0}
  - {target: inter_PE_spatial, type: temporal, factors: 'C=1,M=1', permutation: CM}
  - {target: inter_PE_spatial, type: bypass, bypass: [Weights, Inputs, Outputs]}
compound_components: {version: '0.4', classes: []}
mapping: []
mapper: {version: '0.4', out_prefix: timeloop-mapper}
mapspace: {version: '0.4', template: uber}
globals: {version: '0.4', environment_variables: {}}
"""

FLATTENED = """\
architecture:
  version: '0.4'
  local:
  - name: system.chip.PE[0..14].Spad[1..4]
    class: smartbuffer_RF
    attributes: {depth: 16, width: 16, datawidth: 16, meshX: 15, n_instances: 1}
  - {name: 'system.chip.PE[0..14].mac[1..4]', class: intmac, attributes: {datawidth: 8, meshX: 15}}
  - {name: 'system.DRAM', class: DRAM, attributes: {width: 64, datawidth: 8}}
  - name: system.chip.Buffer
    class: smartbuffer_SRAM
    attributes: {depth: 1024, width: 64, datawidth: 8, read_bandwidth: 16, shared_bandwidth: 24}
"""

FLAT = """\
arch:
  arithmetic: {name: mac, instances: 60, meshX: 15, word_bits: 8}
  storage:
  - {name: Spad, entries: 16, depth: 99, instances: 60, meshX: 15, technology: RegFile,
     word-bits: 16}
  - {name: Buffer, entries: 8192, network-word-bits: 16, n_rdwr_ports: 2, n_banks: 1, word_bits: 8,
     block_size: 8, read_bandwidth: 16, shared_bandwidth: 24}
  - {name: DRAM, technology: DRAM, word-bits: 8, block-size: 8}
"""

SHAPE = """\
  shape:
    name: matmul
    dimensions: [C, M, P]
    data_spaces:
    - {name: Weights, projection: [[[C]], [[M]]]}
    - {name: Inputs, projection: [[[C]], [[P]]]}
    - {name: Outputs, projection: [[[M]], [[P]]], read_write: true}
"""

PROBLEM = f"""\
problem:
  version: 0.4
{SHAPE}\
  instance: {{C: 8, M: 30, P: 4, densities: {{Weights: {{density: 1.0}}}}}}
"""

MAPPING = """\
mapping:
- {target: DRAM, type: temporal, factors: [M=2], permutation: [M, C, P]}
- {target: columns, type: spatial, factors: [M=15, C=1], permutation: [M, C, P], split: 3}
- {target: PE, type: spatial, factors: C=4, permutation: CMP, split: 0}
- {target: Spad, type: temporal, factors: C=2 P=4, permutation: PCM}
- {target: Buffer, type: dataspace, keep: [Inputs, Outputs], bypass: [Weights]}
"""

CONSTRAINED = """\
architecture_constraints:
  targets:
  - {target: Buffer, type: dataspace, bypass: [Weights], keep: [Inputs]}
  - {target: columns, type: spatial, factors: [P=1], permutation: [C, P, M], split: 9}
  - {target: PE, type: spatial, factors: [P=1], permutation: [M, P, C], split: 1}
mapspace_constraints:
- {target: Spad, type: temporal, factors: C=0 P<=4 M=1, permutation: PCM}
- {target: DRAM, type: temporal, permutation: M}
- {target: Spad, type: utilization, min: 0.5}
"""
"""Beside the nodes."""

BASE = f"""\
base_ignore: &base
  version: 0.4
  instance: {{C: 1, M: 1, P: 1}}
{SHAPE}"""

MERGED = """\
problem:
  <<<: *base
  instance: {C: 8, P: 4}
"""
"""After the base, or with a line that includes it."""

LIBCONFIG = """\
# The accelerator of FLAT, in the oldest form.
arch :
{
  arithmetic = { name = "mac"; instances = 60; meshX = 0xF; word_bits = 8L; };
  storage = (
    { name = "Sp" "ad"; entries = 16; depth = 99; instances = 60, meshX = 15;
      technology = "RegFile"; word-bits = 16 },  // registers
    { name = "Buffer"; entries = 8192; word_bits = 8; block_size = 8; read_bandwidth = 16.0;
      shared_bandwidth = 2.4e1; },
    /* all { that
       is outside */
    { name = "DRAM"; technology = "DRAM"; word-bits = 8; block-size = 8; },
  );
};
mapper = { optimization_metrics = [ "energy", "delay" ]; live_status = True; };
problem = { R = 1; S = 1; P = 4; Q = 1; C = 8; K = 30; N = 1; };
mapping = (
  { target = 0; type = "datatype"; keep = [ "Weights" ]; bypass = [ "Inputs", "Outputs" ]; },
  { target = 2; type = "temporal"; factors = "C8 K2 P4"; permutation = "KCP"; },
  { target = 1; type = "spatial"; factors = "K15"; split = 9; permutation = "K"; }
);
"""
