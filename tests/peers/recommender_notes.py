# SPDX-License-Identifier: Apache-2.0
"""What people say in the table of cpu_side_by_side.py --suite recommender."""

INTRODUCTION = """\
Two cores of a virtual AMD EPYC of Zen 4 (AVX-512, bf16 arithmetic): another machine than that of peers-cpu.md.
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
bytes as ours. fbgemm: its package's table-batched bags; of int8 their rows are 132 bytes, with scale and bias in f16. They are beside
ours on one table alone: in that package `fbgemmHasAvx512Support()` and `fbgemmHasAvx2Support()` say no on this virtual
CPU, so that it takes its plain reference, while the FBGEMM built into torch takes its generated kernels: so torch's
rows show what FBGEMM reaches here. Its bags for training have no CPU kernel in that package. The model in torch is
`tests/peers/torch_dlrm.py`. The machine was compiling meanwhile, and all sides ran at real-time priority (`chrt -f 10`)
for that: compilers took no core from them, but cache and memory, hence so many disturbed pairs. Most pairs of
the groups bags-*-1e7-*, bags-f32-1e4-1.05 and model-f32-1 were disturbed: they were measured twice, and the second
time stands here, better or worse. The probe reads with one pattern and is sometimes beaten: a share above 1 says
only that rows are read as fast as the memory gives them."""

# By the beginning of a target's key (recommender_table.targets): what was tried, and what limits it.
MISSES = {
    "bag-cached-f32":
        "evenly over 10^4 rows both sides read at what the last cache gives (the probe's rate and a little more): "
        "little is left to win but at bags of one row. Skewed, most rows are in L1 and L2, and torch's kernel "
        "(FBGEMM's, generated for the shape) is ahead, by a fifth to a third: ours takes 24 cycles a row, whose 512 "
        "bytes would take 8 from L1 and 16 from L2. Tried and kept: every other line of near rows is asked for "
        "(10 % less time, evenly and skewed; a third more far from cache); f32 sums are stored without a call, and "
        "only means divide (bags of one: 40 % less). Tried and dropped: near rows not asked for at all (12 to 25 % "
        "less skewed, 3 to 20 % more evenly); asked into L1 instead of L2 (6 to 11 % less skewed, 8 % more evenly); "
        "four rows a step (slower). Skewed over 10^7 rows most lookups are cached too, but whose are not known when "
        "they are asked for.",
    "bag-cached-int8":
        "decoding binds: widening, converting and multiplying 128 bytes are 26 operations of 512 bits, 13 cycles of "
        "all four vector pipes by count; measured are 19 to 21, as of torch's kernel, which is FBGEMM's. Tried and "
        "kept: four rows a step, their biases one addition (12 to 15 % less time). Fetching ahead changes nothing "
        "here. A bag of one is 16 ns of one core whatever its row's type, its own costs (offsets, storing 512 bytes of "
        "sums) more than the row's; and a call of 20 to 30 us has to start and join two threads.",
    "bag-far-int8":
        "bags of one: 2048 rows of 136 bytes are 50 to 70 us a call; from run to run the ratio was between 0.8 and 3.",
    "bag-probe-f32":
        "bags of one: each call of 2048 rows begins with nothing asked for, and writes as many bytes as it reads, "
        "which the probe does not. Not taken apart further.",
    "bag-probe-int8":
        "bags of one: a call is 50 to 70 us, and a bag's own costs as large as its row's. The probe, too, reads rows of "
        "136 bytes, which touch three lines each: 71 % of what it moves counts. The share of longer bags was between "
        "0.7 and 1.2 from run to run, on a host whose memory rate moves by a factor of two with its neighbours' work; "
        "before four rows were decoded a step it was 0.6 to 0.7.",
    "model-bf16":
        "nearly all of the batch is oneDNN's products (161 ms by the parts below, of 158 together), at 0.83 to 0.88 of "
        "the probe: what can be won is in them. An earlier run gave 1.12.",
    "products":
        "oneDNN's f32 products with weights as checkpoints have them; the bottom MLP is 3.5 ms, and its first layer "
        "has 13 inputs. An earlier run gave 0.89. Not taken apart further.",
}
