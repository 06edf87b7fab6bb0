#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes tests/golden/vision/: small networks with random weights, and what other implementations say of random images.

ResNets and one ViT are transformers', another ViT is torchvision's, YOLOX is a transcription of its paper and its
checkpoints' names in torch (torch_yolox.py). All run in float64; weights are stored in f32. Needs torch, torchvision,
transformers, safetensors. Usage: make_network_golden.py [OUT]
"""
import json
import pathlib
import sys

import torch
from safetensors.torch import save_file

from torch_yolox import Yolox, focus

OUT = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else pathlib.Path(__file__).parents[1] / "golden" / "vision")
BATCH = 2


def shake(model):
    """Random weights, of which every one matters; statistics of normalisations as training leaves them."""
    generator = torch.Generator().manual_seed(1)
    with torch.no_grad():
        for name, tensor in model.state_dict().items():
            if not tensor.is_floating_point():
                continue
            random = torch.randn(tensor.shape, generator=generator)
            if name.endswith("running_var"):
                tensor.copy_(0.5 + random.abs())
            elif tensor.dim() >= 2 and "position" not in name and "cls" not in name:
                tensor.copy_(random * (2.0 / tensor[0].numel()) ** 0.5)
            elif tensor.dim() == 1 and name.endswith("weight"):
                tensor.copy_(1 + 0.1 * random)
            else:
                tensor.copy_(0.3 * random)
    return model.double().eval()


def in_files(name):
    """transformers 5 renamed a ViT's modules; the hub's files keep the names that they were published with."""
    for new, old in [("vit.layers.", "vit.encoder.layer."), ("attention.q_proj", "attention.attention.query"),
                     ("attention.k_proj", "attention.attention.key"), ("attention.v_proj", "attention.attention.value"),
                     ("attention.o_proj", "attention.output.dense"), ("mlp.fc1", "intermediate.dense"),
                     ("mlp.fc2", "output.dense")]:
        if name.startswith("vit."):
            name = name.replace(new, old)
    return name


def save(name, model, config, network_input, expected):
    folder = OUT / name
    folder.mkdir(parents=True, exist_ok=True)
    weights = {in_files(k): v.float().contiguous() for k, v in model.state_dict().items() if v.is_floating_point()}
    save_file(weights, folder / "model.safetensors")
    text = {"model": config, "batch": BATCH, "input": [round(v, 6) for v in network_input.flatten().tolist()]}
    text.update({k: v.flatten().tolist() for k, v in expected.items()})
    (folder / "expected.json").write_text(json.dumps(text) + "\n")


def images(side):
    x = torch.randn(BATCH, 3, side, side, generator=torch.Generator().manual_seed(2)).double()
    return torch.round(x * 1e6) / 1e6


def as_f32(model):
    """Weights as they are stored, computed with in float64."""
    with torch.no_grad():
        for tensor in model.state_dict().values():
            if tensor.is_floating_point():
                tensor.copy_(tensor.float())
    return model


def nhwc(x):
    return x.permute(0, 2, 3, 1)


def patches(x, side):
    n, c, h, w = x.shape
    x = x.reshape(n, c, h // side, side, w // side, side)
    return x.permute(0, 2, 4, 1, 3, 5)


def transformers_models():
    from transformers import ResNetConfig, ResNetForImageClassification, ViTConfig, ViTForImageClassification

    side = 32
    for name, layer, widths, depths in [("resnet-bottleneck", "bottleneck", [16, 32], [2, 1]),
                                        ("resnet-basic", "basic", [8, 16], [1, 2])]:
        config = ResNetConfig(embedding_size=8, hidden_sizes=widths, depths=depths, layer_type=layer, num_labels=7)
        model = as_f32(shake(ResNetForImageClassification(config)))
        x = images(side)
        ours = {"architectures": ["ResNetForImageClassification"], "embedding_size": 8, "hidden_sizes": widths,
                "depths": depths, "layer_type": layer, "num_labels": 7, "image_size": side}
        save(name, model, ours, nhwc(x), {"logits": model(x).logits})

    config = ViTConfig(hidden_size=32, num_hidden_layers=2, num_attention_heads=4, intermediate_size=48,
                       image_size=side, patch_size=8, num_labels=5)
    model = as_f32(shake(ViTForImageClassification(config)))
    x = images(side)
    ours = {"architectures": ["ViTForImageClassification"], "hidden_size": 32, "num_hidden_layers": 2,
            "num_attention_heads": 4, "intermediate_size": 48, "image_size": side, "patch_size": 8, "num_labels": 5,
            "layer_norm_eps": config.layer_norm_eps}
    save("vit", model, ours, patches(x, 8), {"logits": model(x).logits})


def torchvision_model():
    from torchvision.models.vision_transformer import VisionTransformer

    side = 32
    model = VisionTransformer(image_size=side, patch_size=8, num_layers=2, num_heads=4, hidden_dim=32, mlp_dim=48,
                              num_classes=5)
    model = as_f32(shake(model))
    x = images(side)
    ours = {"architectures": ["ViTForImageClassification"], "hidden_size": 32, "num_hidden_layers": 2,
            "num_attention_heads": 4, "intermediate_size": 48, "image_size": side, "patch_size": 8, "num_labels": 5,
            "layer_norm_eps": 1e-6}
    save("vit-torchvision", model, ours, patches(x, 8), {"logits": model(x)})


def yolox_models():
    side = 64
    for name, depth, depthwise in [("yolox", 0.33, False), ("yolox-depthwise", 0.67, True)]:
        model = as_f32(shake(Yolox(depth, 0.0625, depthwise, 3)))
        x = images(side)
        boxes, scores, kinds = model(x)
        ours = {"architectures": ["YOLOX"], "depth": depth, "width": 0.0625, "depthwise": depthwise, "classes": 3,
                "image_size": side}
        save(name, model, ours, nhwc(focus(x)), {"boxes": boxes, "scores": scores, "classes": kinds})


with torch.no_grad():
    transformers_models()
    torchvision_model()
    yolox_models()
