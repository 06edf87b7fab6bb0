# SPDX-License-Identifier: Apache-2.0
"""The networks of vision and of recommenders in PyTorch, on any device, from the model files of our cases."""
import torch
from torch import nn

from gpu_torch import NoLike

ID_SETS = 4  # of a recommender, by turns, so that rows come from where the tables are


def resnet(model):
    from torchvision.models import resnet as of
    bottleneck = model.get("layer_type") == "bottleneck"
    widths = [w * (4 if bottleneck else 1) for w in (64, 128, 256, 512)]
    if model["hidden_sizes"] != widths or model.get("downsample_in_first_stage"):
        raise NoLike("torchvision has no ResNet of these widths")
    return folded(of.ResNet(of.Bottleneck if bottleneck else of.BasicBlock, model["depths"],
                            num_classes=model.get("num_labels", 1000)).eval())


def folded(network):
    """Normalisations into the convolutions before them, as ours has them."""
    from torch.nn.utils.fusion import fuse_conv_bn_eval
    for block in list(network.modules()):
        pairs = [(f"conv{i}", f"bn{i}") for i in (1, 2, 3)] if not isinstance(block, nn.Sequential) else [("0", "1")]
        for conv, norm in pairs:
            layers = getattr(block, conv, None), getattr(block, norm, None)
            if isinstance(layers[0], nn.Conv2d) and isinstance(layers[1], nn.BatchNorm2d):
                setattr(block, conv, fuse_conv_bn_eval(*layers))
                setattr(block, norm, nn.Identity())
    return network


def vit(model):
    from torchvision.models.vision_transformer import VisionTransformer
    return VisionTransformer(model["image_size"], model["patch_size"], model["num_hidden_layers"],
                             model["num_attention_heads"], model["hidden_size"], model["intermediate_size"],
                             num_classes=model.get("num_labels", 1000)).eval()


VISION = {"ResNetForImageClassification": resnet, "ViTForImageClassification": vit}


def vision(timer, case, dtype, compiled):
    model, load = case["model"], case["config"]["load"]
    name = model.get("architectures", [model.get("family", "such model")])[0]
    if name not in VISION:
        raise NoLike(f"this script has no {name}")
    network = VISION[name](model).requires_grad_(False)
    side = model.get("image_size", 224)
    layout = torch.channels_last if name.startswith("ResNet") else torch.contiguous_format
    network = network.to(timer.device, dtype).to(memory_format=layout)
    x = timer.tensor(load["batch"], 3, side, side, dtype=dtype).to(memory_format=layout)
    call = torch.compile(network, dynamic=False) if compiled else network
    return {"network": ([lambda: call(x)], 1)}


def skewed(rows, count, skew, device):
    """Ids by Zipf's law, from the inverse of its continuous distribution; popular rows lie apart."""
    u = torch.rand(count, device=device, dtype=torch.float64)
    if skew == 0:
        rank = u * rows
    elif skew == 1:
        rank = (rows + 1.0) ** u - 1
    else:
        rank = (u * ((rows + 1.0) ** (1 - skew) - 1) + 1) ** (1 / (1 - skew)) - 1
    return (rank.long().clamp_(0, rows - 1) * 1000003) % rows


def table_type(load):
    from torch_types import DTYPES
    rows = load.get("rows", "f32")
    if rows not in DTYPES:
        raise NoLike(f"EmbeddingBag has no rows of {rows}")
    if load.get("tables", "device") != "device":
        raise NoLike("EmbeddingBag does not read tables on the host from a GPU")
    return DTYPES[rows]


def recommender(timer, case, dtype, compiled):
    from torch_dlrm import Recommender
    model, load = dict(case["model"]), case["config"]["load"]
    stored = table_type(load)
    if load.get("max_rows"):
        model["table_rows"] = [min(rows, load["max_rows"]) for rows in model["table_rows"]]
    with torch.device(timer.device):
        network = Recommender(model).to(dtype).eval().requires_grad_(False)
    network.tables.to(stored)
    for table in network.tables:
        table.register_forward_hook(lambda _, __, out: out.to(dtype))
    lookups, batch, device = model.get("lookups", [1] * len(model["table_rows"])), load["batch"], timer.device
    offsets = [torch.arange(0, batch * count + 1, count, device=device) for count in lookups]
    sets = [[skewed(rows, batch * count, load.get("skew", 0), device)
             for rows, count in zip(model["table_rows"], lookups)] for _ in range(ID_SETS)]
    dense = timer.tensor(batch, model["dense_features"], dtype=dtype)
    call = torch.compile(network, dynamic=False) if compiled else network
    return {"rank": ([lambda ids=ids: call(dense, ids, offsets) for ids in sets], 1)}
