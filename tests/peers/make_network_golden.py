#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes tests/golden/vision/: small networks with random weights, and what other implementations say of random images.

ResNets and one ViT are transformers', another ViT is torchvision's, YOLOX is a transcription of its paper and its
checkpoints' names in torch, below. All run in float64; weights are stored in f32. Needs torch, torchvision,
transformers, safetensors. Usage: make_network_golden.py [OUT]
"""
import json
import pathlib
import sys

import torch
from safetensors.torch import save_file
from torch import nn

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


def focus(x):
    """Space to depth: of each square of 2 x 2 the top left, bottom left, top right and bottom right pixel."""
    return torch.cat([x[..., ::2, ::2], x[..., 1::2, ::2], x[..., ::2, 1::2], x[..., 1::2, 1::2]], 1)


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


# YOLOX (Ge et al., 2021), by the paper's figures and the names in its checkpoints.
class Conv(nn.Module):
    def __init__(self, inputs, outputs, kernel, stride=1, groups=1):
        super().__init__()
        self.conv = nn.Conv2d(inputs, outputs, kernel, stride, kernel // 2, groups=groups, bias=False)
        self.bn = nn.BatchNorm2d(outputs, eps=1e-3)

    def forward(self, x):
        return nn.functional.silu(self.bn(self.conv(x)))


class Separable(nn.Module):
    def __init__(self, inputs, outputs, kernel, stride=1):
        super().__init__()
        self.dconv = Conv(inputs, inputs, kernel, stride, groups=inputs)
        self.pconv = Conv(inputs, outputs, 1)

    def forward(self, x):
        return self.pconv(self.dconv(x))


class Bottleneck(nn.Module):
    def __init__(self, width, shortcut, block):
        super().__init__()
        self.conv1, self.conv2, self.shortcut = Conv(width, width, 1), block(width, width, 3), shortcut

    def forward(self, x):
        y = self.conv2(self.conv1(x))
        return x + y if self.shortcut else y


class Csp(nn.Module):
    def __init__(self, inputs, outputs, count, shortcut, block):
        super().__init__()
        half = outputs // 2
        self.conv1, self.conv2, self.conv3 = Conv(inputs, half, 1), Conv(inputs, half, 1), Conv(2 * half, outputs, 1)
        self.m = nn.Sequential(*[Bottleneck(half, shortcut, block) for _ in range(count)])

    def forward(self, x):
        return self.conv3(torch.cat([self.m(self.conv1(x)), self.conv2(x)], 1))


class PyramidPool(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.conv1, self.conv2 = Conv(width, width // 2, 1), Conv(width * 2, width, 1)

    def forward(self, x):
        x = self.conv1(x)
        return self.conv2(torch.cat([x] + [nn.functional.max_pool2d(x, k, 1, k // 2) for k in (5, 9, 13)], 1))


class Stem(nn.Module):
    def __init__(self, outputs):
        super().__init__()
        self.conv = Conv(12, outputs, 3)

    def forward(self, x):
        return self.conv(focus(x))


class Darknet(nn.Module):
    def __init__(self, base, depth, block):
        super().__init__()
        self.stem = Stem(base)
        self.dark2 = nn.Sequential(block(base, 2 * base, 3, 2), Csp(2 * base, 2 * base, depth, True, block))
        self.dark3 = nn.Sequential(block(2 * base, 4 * base, 3, 2), Csp(4 * base, 4 * base, 3 * depth, True, block))
        self.dark4 = nn.Sequential(block(4 * base, 8 * base, 3, 2), Csp(8 * base, 8 * base, 3 * depth, True, block))
        self.dark5 = nn.Sequential(block(8 * base, 16 * base, 3, 2), PyramidPool(16 * base),
                                   Csp(16 * base, 16 * base, depth, False, block))

    def forward(self, x):
        fine = self.dark3(self.dark2(self.stem(x)))
        middle = self.dark4(fine)
        return fine, middle, self.dark5(middle)


class Neck(nn.Module):
    def __init__(self, base, depth, block):
        super().__init__()
        self.backbone = Darknet(base, depth, block)
        self.lateral_conv0 = Conv(16 * base, 8 * base, 1)
        self.C3_p4 = Csp(16 * base, 8 * base, depth, False, block)
        self.reduce_conv1 = Conv(8 * base, 4 * base, 1)
        self.C3_p3 = Csp(8 * base, 4 * base, depth, False, block)
        self.bu_conv2 = block(4 * base, 4 * base, 3, 2)
        self.C3_n3 = Csp(8 * base, 8 * base, depth, False, block)
        self.bu_conv1 = block(8 * base, 8 * base, 3, 2)
        self.C3_n4 = Csp(16 * base, 16 * base, depth, False, block)

    def forward(self, x):
        fine, middle, coarse = self.backbone(x)
        double = lambda y: nn.functional.interpolate(y, scale_factor=2, mode="nearest")
        top = self.lateral_conv0(coarse)
        reduced = self.reduce_conv1(self.C3_p4(torch.cat([double(top), middle], 1)))
        out8 = self.C3_p3(torch.cat([double(reduced), fine], 1))
        out16 = self.C3_n3(torch.cat([self.bu_conv2(out8), reduced], 1))
        return out8, out16, self.C3_n4(torch.cat([self.bu_conv1(out16), top], 1))


class Head(nn.Module):
    def __init__(self, base, classes, block):
        super().__init__()
        width = 4 * base
        twice = lambda: nn.Sequential(block(width, width, 3), block(width, width, 3))
        each = lambda make: nn.ModuleList([make() for _ in range(3)])
        self.stems = nn.ModuleList([Conv(c * base, width, 1) for c in (4, 8, 16)])
        self.cls_convs, self.reg_convs = each(twice), each(twice)
        self.cls_preds = each(lambda: nn.Conv2d(width, classes, 1))
        self.reg_preds = each(lambda: nn.Conv2d(width, 4, 1))
        self.obj_preds = each(lambda: nn.Conv2d(width, 1, 1))

    def forward(self, levels, side):
        boxes, objects, classes = [], [], []
        for i, level in enumerate(levels):
            x = self.stems[i](level)
            of_class, of_box = self.cls_convs[i](x), self.reg_convs[i](x)
            flat = lambda y: y.flatten(2).transpose(1, 2)
            reg = flat(self.reg_preds[i](of_box))
            cells = level.shape[-1]
            stride = side / cells
            row, column = torch.meshgrid(torch.arange(cells), torch.arange(cells), indexing="ij")
            grid = torch.stack([column.flatten(), row.flatten()], 1)
            centre, size = (reg[..., :2] + grid) * stride, reg[..., 2:].exp() * stride
            boxes.append(torch.cat([centre - size / 2, centre + size / 2], -1))
            objects.append(flat(self.obj_preds[i](of_box)).sigmoid())
            classes.append(flat(self.cls_preds[i](of_class)).sigmoid())
        best, kind = torch.cat(classes, 1).max(-1)
        return torch.cat(boxes, 1), torch.cat(objects, 1)[..., 0] * best, kind


class Yolox(nn.Module):
    def __init__(self, depth, width, depthwise, classes):
        super().__init__()
        block = Separable if depthwise else Conv
        base, count = int(64 * width), max(1, round(3 * depth))
        self.backbone, self.head = Neck(base, count, block), Head(base, classes, block)

    def forward(self, x):
        return self.head(self.backbone(x), x.shape[-1])


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
