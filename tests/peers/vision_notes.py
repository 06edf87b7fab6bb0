# SPDX-License-Identifier: Apache-2.0
"""What people say in the tables of cpu_side_by_side.py --suite vision and vision-avx2."""
import collections

METHOD = """\
Made by `tests/peers/cpu_side_by_side.py --suite vision`, or `vision-avx2`; the pairs are in the JSON beside this page. Same dtype and
number of threads on every side, a process each, the others asleep. Networks have random weights, and run on tensors in
memory: ours is stage `network` of the plans of `configs/vision/`, every kernel verified and the fastest taken. Of YOLOX
all sides begin with the focused image and end with predictions that are not decoded; of ViT ours begins with patches,
which its preprocessing lays out, and theirs with an image, whose embedding is a convolution. Peers: torchvision's
`resnet50` and `vit_b_16` and the YOLOX of `tests/peers/torch_yolox.py`. torch, in `inference_mode`: the fastest of
eager, eager with channels last where there are convolutions, and `torch.compile` with frozen weights, which chooses
layouts itself. ONNX Runtime: `torch.onnx.export` (opset 18), all graph optimisations, with and without bound outputs.
OpenVINO: the same file, latency hint, inference precision of the row's dtype. bf16 is beside OpenVINO alone.
Other oneDNN: these sources, linked with another release, every kernel verified and the fastest taken there too.

Pieces: two files of 1920x1080 that our side wrote (`docs/vision.md`, the test scene), a thread each. Pillow: decoded to
its own pixels, not copied into an array; resized and cut, or resized from the box that is shown alone, whichever is
faster, then numpy. torchvision: `io.decode_jpeg`, and transforms v2 (Resize with antialias, CenterCrop, ToDtype,
Normalize), a thread a picture or batched. Pillow-SIMD: the same ways, built here for AVX2. End to end: a whole pass of
one batch, stage by stage, of as many pictures as keep every core in every stage: what the stages beside `decode` and
`network` take, of what these two take, and so of core-seconds as well."""

HOW = """\
How to read it stands in [peers-cpu.md](peers-cpu.md): ratios of times taken in pairs, ours and theirs in turn, with
medians and their 95 % intervals (the range, below six pairs). Peers are shown as they are, also where they win. "Of
probe" is the share of what multiply-adds from registers reach that a network's arithmetic does: theirs as our plans
count it, ours without what Winograd's convolutions save, where our kernel names them; pieces have no ceiling of that
kind, and the probe beside them only tells quiet from disturbed."""

# `misses`: by the beginning of a target's key (vision_table.targets), what was tried, and what limits it.
Notes = collections.namedtuple("Notes", "introduction misses")

ZEN4 = Notes("""\
Two cores of a virtual AMD EPYC of Zen 4 (AVX-512, bf16 arithmetic): another machine than that of peers-cpu.md. Of a CPU
with AVX2 alone: [peers-vision-avx2.md](peers-vision-avx2.md).
""" + HOW, {
    "network-f32":
        "ours is between 0.975 and 1.05 of the fastest peer: level with OpenVINO (0.98 to 1.05), ahead of torch (1.02 to "
        "1.48) and, but for ResNet-50 at batch 16 (0.97), of ONNX Runtime. All sides spend their time in convolutions and "
        "matmuls at 0.80 to 0.88 of the probe, and most of them in oneDNN's. It counts as undecided because of ONNX Runtime: "
        "beside it the probe reads a fifth lower than beside the others, in every pair: its threads spin while they wait, "
        "which they are told not to since, though our own times are what they are beside the others.",
    "network-onnxruntime":
        "1.13 and 1.15 on ViT-B/16, 1.02, 0.97 and 1.03 on the convolutional ones, where ONNX Runtime has blocked layouts "
        "and kernels of its own for AVX-512. A tenth more would need 0.95 of the probe over the whole network, or fewer "
        "multiplications: Winograd's convolutions came later (peers-vision-avx2.md), and were not timed on this machine.",
    "network-bf16":
        "ahead at batch 1 (1.02 to 1.17), behind at ResNet-50, batch 16 (0.96) and ViT-B/16, batch 8 (0.93): OpenVINO has "
        "oneDNN 3, ours here is Debian 12's 2.6, and it fuses what follows a matmul into it. Debian 13's oneDNN 3 was not "
        "timed.",
    "probe": "all of its pairs with OpenVINO and torch give 0.86, those with ONNX Runtime 0.98 for the reason of above.",
    "after-copy":
        "on a CPU `upload` copies whole decoded pictures (12 MB, 0.9 to 1.2 ms), of which the resize reads a part: the plan "
        "is the same on every device. Without the copy it is 2.84.",
    "nms": "0.0005 of the network in every pair, disturbed or not, where 0.01 is asked for.",
})

ZEN3 = Notes("""\
Two cores of a virtual AMD EPYC of Zen 3, whose widest vectors are AVX2's. It multiplies no bf16, so that there is f32
alone. ONNX Runtime's threads were told not to spin when a run ends (`session.force_spinning_stop`), through which they
disturb the other side's turn. The machine was quiet for minutes only: most pairs count as disturbed, their shares of the
probe say little, and ratios are what both sides reach beside such neighbours. Of a CPU with AVX-512 and bf16:
[peers-vision-cpu.md](peers-vision-cpu.md).

oneDNN 2.6 is what Debian 12 has, 3.7 what Debian 13 has and what CMake fetches where no package is: on this CPU the same
program is as fast on either (0.98 to 1.04).
""" + HOW, {
    "network-f32":
        "ResNet-50 is 1.17 and 1.21 times as fast as the fastest peer, YOLOX-S 1.49 times, ViT-B/16 1.00 and 1.16 times; "
        "1.25 to 1.73 times as fast as torch. The convolutional ones by Winograd's F(4x4, 3x3), which is right by the same "
        "tolerance and which no peer is known to use: of their arithmetic it does without 23, 26 and 43 % (docs/vision.md). Without "
        "it, ten hours before, they were 0.94 to 1.02 times as fast.",
    "network-onnxruntime":
        "1.17 and 1.21 on ResNet-50, 1.49 on YOLOX-S, 1.16 on ViT-B/16 at batch 8, and 1.00 on ViT-B/16 at batch 1: "
        "one image's matrix products, on both sides at 0.7 of the probe beside such neighbours.",
    "probe":
        "0.88 of it as the network counts its FLOPs, of which Winograd's convolutions do without 26 %: 0.63 to 0.69 of it as "
        "they are done.",
    "decode": "1.11 of torchvision, 1.4 of Pillow and Pillow-SIMD; all decode with libjpeg-turbo.",
    "after-resize": "2.37 of Pillow-SIMD, 3 of torchvision, 4.7 of Pillow.",
    "after-copy": "as with AVX-512: `upload` copies whole decoded pictures, of which the resize reads a part.",
    "whole":
        "0.008 to 0.026, in every pair; the convolutional networks take a fifth to a third less than without Winograd, so "
        "that the rest is more of them.",
    "nms": "0.0017 of the network in every pair, where 0.01 is asked for.",
})
