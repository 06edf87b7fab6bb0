# SPDX-License-Identifier: Apache-2.0
"""Single ops of a result in PyTorch's operators: as many calls as the stage makes, with weights of their own."""
import functools

import torch
import torch.nn.functional as F

import gpu_shapes as shapes
from gpu_torch import NoLike

ACTIVATIONS = {"relu": F.relu, "silu": F.silu, "gelu": F.gelu, "gelu_erf": F.gelu,
               "gelu_tanh": functools.partial(F.gelu, approximate="tanh"), "sigmoid": torch.sigmoid}


def activation_of(options, also):
    unknown = set(options) - set(ACTIVATIONS) - set(also)
    if unknown:
        raise NoLike(f"options {', '.join(sorted(unknown))}")
    return next((ACTIVATIONS[name] for name in options if name in ACTIVATIONS), lambda y: y)


def matmul(timer, op, dtype):
    m, n, k = shapes.matmul_of(op["shape"])
    options = shapes.options_of(op["shape"])
    activate = activation_of(options, ("bias", "residual"))
    x, w = timer.tensor(m, k, dtype=dtype), [timer.tensor(n, k, dtype=dtype) for _ in range(op["calls"])]
    bias = timer.tensor(n, dtype=dtype) if "bias" in options else None
    residual = timer.tensor(m, n, dtype=dtype) if "residual" in options else None

    def work():
        for each in w:
            y = activate(F.linear(x, each, bias))
            if residual is not None:
                y = y + residual
    return work


def normalised(timer, op, dtype, parameters, norm):
    rows, columns = shapes.rows_of(op["shape"])
    options = shapes.options_of(op["shape"])
    x, residual = timer.tensor(rows, columns, dtype=dtype), timer.tensor(rows, columns, dtype=dtype)
    w = [[timer.tensor(columns, dtype=dtype) for _ in range(parameters)] for _ in range(op["calls"])]
    eps = float(options.get("eps", 1e-5))

    def work():
        for each in w:
            norm(x + residual if "residual" in options else x, (columns,), *each, eps)
    return work


def rmsnorm(timer, op, dtype):
    return normalised(timer, op, dtype, 1, F.rms_norm)


def layernorm(timer, op, dtype):
    return normalised(timer, op, dtype, 2, F.layer_norm)


def gated(timer, op, dtype):
    rows, columns = shapes.rows_of(op["shape"])
    x = timer.tensor(rows, 2 * columns, dtype=dtype)
    activate = ACTIVATIONS[op["shape"].split()[-1]]

    def work():
        for _ in range(op["calls"]):
            activate(x[:, :columns]) * x[:, columns:]
    return work


def embedding(timer, op, dtype):
    rows, table, columns = shapes.embedding_of(op["shape"])
    if "positions" in shapes.options_of(op["shape"]):
        raise NoLike("embedding with positions is two lookups and a sum")
    w = timer.tensor(table, columns, dtype=dtype)
    ids = torch.randint(table, (rows,), device=timer.device)

    def work():
        for _ in range(op["calls"]):
            F.embedding(ids, w)
    return work


def attention_options(options):
    if "softcap" in options:
        raise NoLike("scaled_dot_product_attention has no soft-cap")
    return {"scale": float(options["scale"])} if "scale" in options else {}


def attention_prefill(timer, op, dtype):
    batch, tokens = shapes.prefill_of(op["shape"])
    queries, keys, width = shapes.heads_of(op["shape"])
    options = shapes.options_of(op["shape"])
    how = attention_options(options) | {"is_causal": "bidirectional" not in options, "enable_gqa": keys != queries}
    if int(options.get("window", tokens)) < tokens:
        raise NoLike("scaled_dot_product_attention has a window only as a mask in memory")
    qkv = timer.tensor(batch, tokens, queries + 2 * keys, width, dtype=dtype).transpose(1, 2)
    q, k, v = qkv.split([queries, keys, keys], 1)

    def work():
        for _ in range(op["calls"]):
            F.scaled_dot_product_attention(q, k, v, **how)
    return work


def attention_decode(timer, op, dtype):
    batch, context = shapes.decode_of(op["shape"])
    queries, keys, width = shapes.heads_of(op["shape"])
    options = shapes.options_of(op["shape"])
    how = attention_options(options) | {"enable_gqa": keys != queries}
    context = min(context, int(options.get("window", context)))
    q = timer.tensor(batch, queries, 1, width, dtype=dtype)
    caches = [[timer.tensor(batch, keys, context, width, dtype=dtype) for _ in "kv"] for _ in range(op["calls"])]

    def work():
        for k, v in caches:
            F.scaled_dot_product_attention(q, k, v, **how)
    return work


def conv2d(timer, op, dtype):
    conv, options = shapes.conv_of(op["shape"]), shapes.options_of(op["shape"])
    activate = activation_of(options, ("residual",))
    top, left, bottom, right = conv["padding"]
    if top != bottom or left != right:
        raise NoLike("convolutions pad both ends alike")
    x = timer.tensor(conv["batch"], conv["channels"], conv["height"], conv["width"], dtype=dtype)
    x = x.to(memory_format=torch.channels_last)
    filters = (conv["filters"], conv["channels"] // conv["groups"], conv["kernel_h"], conv["kernel_w"])
    w = [timer.tensor(*filters, dtype=dtype).to(memory_format=torch.channels_last) for _ in range(op["calls"])]
    bias = timer.tensor(conv["filters"], dtype=dtype)
    where = {"stride": conv["stride"], "padding": (top, left), "dilation": conv["dilation"], "groups": conv["groups"]}
    residual = torch.randn_like(F.conv2d(x, w[0], bias, **where)) if "residual" in options else None
    # The sum is before the activation where it is named first.
    first = residual is not None and list(options)[0] == "residual"

    def work():
        for each in w:
            y = F.conv2d(x, each, bias, **where)
            y = y + residual if first else y
            y = activate(y)
            y = y + residual if residual is not None and not first else y
    return work


OPS = {f.__name__: f for f in (matmul, rmsnorm, layernorm, gated, embedding, attention_prefill, attention_decode,
                               conv2d)}
