# SPDX-License-Identifier: Apache-2.0
"""What people say in the table of cpu_side_by_side.py --suite recommender."""

INTRODUCTION = """\
How to read it stands in [peers-cpu.md](peers-cpu.md): ratios of times taken in pairs, ours and theirs in turn, with
medians and their 95 % intervals (the range, below six pairs). Peers are shown as they are, also where they win. Of
embedding bags "of probe" is the share of what reading whole rows of that very table at random reaches, evenly and
asked for well ahead; where ids are skewed caches serve most of them, and the share says nothing. Bytes are those of
all rows looked up. All sides look the same ids up, in turns of as many sets as name 2 GiB of rows."""

METHOD = """\
Made by `tests/peers/cpu_side_by_side.py --suite recommender`; the pairs are in the JSON beside this page. Same dtype
and number of threads on every side, a process each, the others asleep. torch: of its ways (ids of 32 and of 64 bits;
for models eager and `torch.compile`) the fastest, with `inference_mode` and with THP_MEM_ALLOC_ENABLE=1, so that its
tables lie on huge pages as ours do. Its int8 bags are `quantized::embedding_bag_byte_rowwise_offsets`, rows of 136
bytes as ours. fbgemm: its table-batched bags; of int8 their rows are 132 bytes, with scale and bias in f16. The model
in torch is `tests/peers/torch_dlrm.py`."""

# By the beginning of a target's key (recommender_table.targets): what was tried, and what limits it.
MISSES = {}
