# SPDX-License-Identifier: Apache-2.0
"""The networks of cpu_side_by_side.py --suite vision in torch, with random weights, and an input of each. As a
program it writes one as ONNX, in a process of its own so that no other peer shares its with torch:

    vision_networks.py NETWORK BATCH FILE
"""
import sys

import torch
from torch import nn

import torch_yolox

OPSET = 18


class YoloxNetwork(nn.Module):
    """What our plan calls the network of YOLOX-S: from the focused image to predictions that are not decoded."""
    def __init__(self):
        super().__init__()
        self.yolox = torch_yolox.Yolox(0.33, 0.5, False, 80)

    def forward(self, focused):
        return [y for level in self.yolox.predictions(focused) for y in level]


def resnet50():
    import torchvision
    return torchvision.models.resnet50(), (3, 224, 224)


def vit_b_16():
    import torchvision
    return torchvision.models.vit_b_16(), (3, 224, 224)


NETWORKS = {"resnet50": resnet50, "vit_b_16": vit_b_16, "yolox_s": lambda: (YoloxNetwork(), (12, 320, 320))}


def settled(model, x):
    """Statistics of normalisations as these weights make them: else values would vanish, or grow, from layer to
    layer, and arithmetic with subnormal numbers is slow."""
    norms = [layer for layer in model.modules() if isinstance(layer, nn.BatchNorm2d)]
    for norm in norms:
        norm.momentum = None  # the mean of what it sees
    if norms:
        model.train()
        model(x)
    return model.eval()


def network(name, batch):
    torch.manual_seed(1)
    model, shape = NETWORKS[name]()
    x = torch.randn(batch, *shape)
    with torch.no_grad():
        settled(model, x)
    return model.requires_grad_(False), x


def export(name, batch, path):
    model, x = network(name, batch)
    with torch.no_grad():
        torch.onnx.export(model, (x,), path, opset_version=OPSET, input_names=["x"], dynamo=True, external_data=False)


if __name__ == "__main__":
    export(sys.argv[1], int(sys.argv[2]), sys.argv[3])
