# SPDX-License-Identifier: Apache-2.0
"""What cpu_side_by_side.py --suite vision compares: groups of rows, each ours against one peer."""

PEERS = ("onnxruntime", "openvino", "torch", "pillow", "pillow-simd", "other oneDNN")
# Config of ours; the peers' name (vision_networks.py); the batches.
NETWORKS = {"ResNet-50": ("resnet-50", "resnet50", (1, 16)), "ViT-B/16": ("vit-base", "vit_b_16", (1, 8)),
            "YOLOX-S": ("yolox-s", "yolox_s", (1,))}
NETWORK_PEERS = {"f32": ("onnxruntime", "openvino", "torch"), "bf16": ("openvino",)}
# End to end: what is left beside these two stages, which no plan could do without.
OF = ["decode", "network"]
WHOLE = {"ResNet-50": 16, "ViT-B/16": 8, "YOLOX-S": 4}  # pictures, even numbers: decoding keeps both cores
SMALL, LARGE = "64x48", "1920x1080"  # files: the network sees nothing of their size
PICTURES = 2


def ours(config, dtype, batch, image, stages):
    return {"unit": "vision_stages", "config": f"configs/vision/{config}.json", "dtype": dtype, "batch": batch,
            "image": image, "stages": stages}


def network(model, batch, dtype):
    config, name, _ = NETWORKS[model]
    theirs = {"unit": "network", "network": name, "batch": batch, "dtype": dtype,
              "onnx_file": f"{name}-{batch}.onnx"}
    yield {"what": "network", "of": model, "shape": f"batch {batch}", "dtype": dtype, "binds": "fma",
           "ours": ours(config, dtype, batch, SMALL, ["network"]),
           "peers": {peer: theirs for peer in NETWORK_PEERS[dtype]}, "pairs": 8}


def piece(of, stages, unit):
    """The probe tells quiet from disturbed; no share of it is meant."""
    peers = ("pillow", "pillow-simd", "torch")
    yield {"what": "piece", "of": of, "shape": f"{PICTURES} of {LARGE}", "dtype": "f32", "binds": "fma",
           "ceiling": False, "pairs": 12,
           "ours": {**ours("resnet-50", "f32", PICTURES, LARGE, stages), "jpeg_file": "picture."},
           "peers": {peer: {"unit": unit, "jpeg_file": "picture."} for peer in peers}}


def release(dtype):
    """The same program on two releases of oneDNN."""
    for model, (config, _, batches) in NETWORKS.items():
        for batch in batches:
            unit = ours(config, dtype, batch, SMALL, ["network"])
            yield {"what": "release", "of": model, "shape": f"batch {batch}", "dtype": dtype, "binds": "fma",
                   "ours": unit, "peers": {"other oneDNN": unit}, "pairs": 8}


def end_to_end():
    for model, batch in WHOLE.items():
        unit = {**ours(NETWORKS[model][0], "f32", batch, LARGE, []), "unit": "beside", "of": OF}
        yield {"what": "whole", "of": model, "shape": f"{batch} of {LARGE}", "dtype": "f32", "binds": "fma",
               "ceiling": False, "ours": unit, "peers": {}, "pairs": 8, "repeats": 1}


def suppression():
    unit = {**ours("yolox-s", "f32", 1, "640x480", []), "unit": "suppression"}
    yield {"what": "nms", "of": "YOLOX-S", "shape": "8400 boxes, 80 classes", "dtype": "f32", "binds": "fma",
           "ceiling": False, "ours": unit, "peers": {}, "pairs": 12, "repeats": 2}


GROUPS = {f"{name}-{dtype}-{batch}": lambda model=model, batch=batch, dtype=dtype: network(model, batch, dtype)
          for dtype in ("f32", "bf16") for model, (_, name, batches) in NETWORKS.items() for batch in batches}
GROUPS |= {"decode": lambda: piece("JPEG decode", ["decode"], "decode"),
           "after-decode": lambda: piece("resize to tensor", ["preprocess"], "after_decode"),
           "after-decode-copied": lambda: piece("copy, resize to tensor", ["upload", "preprocess"], "after_decode"),
           "nms": suppression, "end-to-end": end_to_end,
           **{f"release-{dtype}": lambda dtype=dtype: release(dtype) for dtype in NETWORK_PEERS}}
