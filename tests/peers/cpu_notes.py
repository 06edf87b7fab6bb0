# SPDX-License-Identifier: Apache-2.0
"""What people say in the table of cpu_side_by_side.py: how to read it, and why a target is missed."""

INTRODUCTION = """\
Every ratio is of times taken in pairs, ours and theirs in turn, in one run, with a probe of the machine around
each; medians, and in brackets their 95 % interval (the range, below six pairs). "Of probe" is the share of what
the probes beside the pair show that the machine can do: multiply-adds from registers where arithmetic binds,
reads from memory where memory does. "Ours is faster by" above 1 means that assay takes less time. Peers are
shown as they are, also where they win.

The targets were set for a CPU with AVX-512 bf16. Where a CPU has no bf16 arithmetic, as here, bf16 values are
widened and multiplied in f32: the f32 rate is then the ceiling of bf16 too, and what the targets say of bf16
instructions cannot be measured on it."""

METHOD = """\
Made by `tests/peers/cpu_side_by_side.py`; the pairs are in the JSON beside this page. Same dtype and number of
threads on every side, a process each, the others asleep. torch: the faster of eager and `torch.compile`, with
`inference_mode`; models of transformers with SDPA, eager with a growing cache, compiled with a static one.
llama.cpp: weights of the same bits in GGUF, flash attention on or off, whichever is faster; its KV cache is f16
where ours is bf16. All weights are random; every side takes the most likely token. oneDNN directly: weights in
the layout it asks for, packed beforehand; assay keeps weights as checkpoints have them."""

# By the beginning of a target's key (cpu_table.targets): what was tried, and what limits it.
MISSES = {}
