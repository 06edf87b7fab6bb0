# SPDX-License-Identifier: Apache-2.0
"""Networks of images in torch, and torchvision's decoder and transforms."""
import copy

import torch

import picture_pieces
from peer_timing import faster, repeated
from picture_pieces import DEVIATION, MEAN, SHORTER, SIDE, for_each, threads
from torch_types import DTYPES


def network(request):
    import torch._inductor.config as inductor

    import vision_networks
    model, x = vision_networks.network(request["network"], request["batch"])
    model, x = model.to(DTYPES[request["dtype"]]), x.to(DTYPES[request["dtype"]])

    def eager(layout):
        placed, seen = copy.deepcopy(model).to(memory_format=layout), x.to(memory_format=layout)
        return lambda: placed(seen)

    def compiled():
        inductor.freezing = True  # weights as constants: normalisations folded, layouts of convolutions chosen
        call = torch.compile(model, dynamic=False)
        return lambda: call(x)

    ways = {"eager": lambda: eager(torch.contiguous_format)}
    if request["network"] != "vit_b_16":
        ways["eager, channels last"] = lambda: eager(torch.channels_last)
    name, run, times = faster({**ways, "compiled": compiled})
    return {"kernel": name, "tried": times}, repeated(run)


def one_thread():
    torch.set_num_threads(1)
    torch.set_grad_enabled(False)


def decoded(data):
    import torchvision
    return torchvision.io.decode_jpeg(data, mode=torchvision.io.ImageReadMode.RGB)


def as_tensor(data):
    return torch.frombuffer(bytearray(data), dtype=torch.uint8)


def decode(request):
    data = [as_tensor(one) for one in picture_pieces.files(request)]
    name, run, times = faster({"decode_jpeg, a thread a picture": lambda: for_each(threads(one_thread), decoded, data)})
    return {"kernel": name, "tried": times}, repeated(run)


def after_decode(request):
    from torchvision.transforms import v2
    transform = v2.Compose([v2.Resize(SHORTER, antialias=True), v2.CenterCrop(SIDE),
                            v2.ToDtype(torch.float32, scale=True), v2.Normalize(MEAN, DEVIATION)])
    pictures = [decoded(as_tensor(one)) for one in picture_pieces.files(request)]
    batch = torch.stack(pictures).contiguous(memory_format=torch.channels_last)
    name, run, times = faster({"v2, a thread a picture": lambda: for_each(threads(one_thread), transform, pictures),
                               "v2, batched": lambda: lambda: transform(batch)})
    return {"kernel": name, "tried": times}, repeated(run)


UNITS = {"network": network, "decode": decode, "after_decode": after_decode}
