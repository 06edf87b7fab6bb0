# SPDX-License-Identifier: Apache-2.0
"""Embedding bags of torch and of FBGEMM, and a recommender in torch, on the ids that our side has written."""
import json

import numpy
import torch
import torch.nn.functional as functional

from peer_timing import faster, repeated
from torch_dlrm import Recommender
from torch_types import DTYPES


def ids_of(request):
    return torch.from_numpy(numpy.fromfile(request["ids_file"], dtype=numpy.int32))


def in_turns(call, sets):
    """The sets of ids one after the other, so that rows come from where the table is."""
    turn = [0]

    def run():
        turn[0] += 1
        return call(sets[turn[0] % len(sets)])
    return run


def byte_rows(rows, dim):
    """`dim` bytes, then scale and bias as f32. Times do not depend on the values, and random ones take long."""
    table = torch.full((rows, dim + 8), 60, dtype=torch.uint8)
    table[:, dim:].view(torch.float32).copy_(torch.tensor([1 / 64, -2.0]))
    return table


def torch_bags(request, ids, offsets):
    if request["dtype"] == "int8":
        table = byte_rows(request["rows"], request["dim"])

        def call(indices, begins):
            return torch.ops.quantized.embedding_bag_byte_rowwise_offsets(
                table, indices, begins, False, 0, include_last_offset=True)
    else:
        table = torch.full((request["rows"], request["dim"]), 0.5)

        def call(indices, begins):
            return functional.embedding_bag(indices, table, begins, mode="sum", include_last_offset=True)

    def with_integers(dtype):
        begins = offsets.to(dtype)
        return in_turns(lambda indices: call(indices, begins), list(ids.to(dtype)))
    return {"eager, i32 ids": lambda: with_integers(torch.int32),
            "eager, i64 ids": lambda: with_integers(torch.int64)}


def fbgemm_bags(request, ids, offsets):
    """Its table-batched bags for inference; in f32 those for training too, whose forward pass is another."""
    import fbgemm_gpu  # registers its ops
    from fbgemm_gpu.split_embedding_configs import SparseType
    from fbgemm_gpu.split_table_batched_embeddings_ops_common import EmbeddingLocation
    from fbgemm_gpu.split_table_batched_embeddings_ops_inference import IntNBitTableBatchedEmbeddingBagsCodegen
    from fbgemm_gpu.split_table_batched_embeddings_ops_training import (
        ComputeDevice, SplitTableBatchedEmbeddingBagsCodegen)
    rows, dim = request["rows"], request["dim"]
    kind = SparseType.INT8 if request["dtype"] == "int8" else SparseType.FP32

    def inference(dtype=torch.int32):
        bags = IntNBitTableBatchedEmbeddingBagsCodegen(
            [("table", rows, dim, kind, EmbeddingLocation.HOST)], device="cpu", output_dtype=SparseType.FP32)
        bags.initialize_weights()
        for weights, _ in bags.split_embedding_weights():
            weights.fill_(60)  # as f32, and as the f16 of scale and bias, a sane number too
        begins = offsets.to(dtype)
        return in_turns(lambda indices: bags(indices, begins), list(ids.to(dtype)))

    def training():
        bags = SplitTableBatchedEmbeddingBagsCodegen(
            [(rows, dim, EmbeddingLocation.HOST, ComputeDevice.CPU)], device=torch.device("cpu")).eval()
        bags.split_embedding_weights()[0].data.fill_(0.5)
        begins = offsets.to(torch.int64)
        return in_turns(lambda indices: bags(indices, begins), list(ids.to(torch.int64)))
    ways = {"TBE of inference": inference}
    return ways if request["dtype"] == "int8" else ways | {"TBE of training": training}


def bag(request):
    per_set = request["batch"] * request["bag"]
    ids = ids_of(request).view(-1, per_set)
    offsets = torch.arange(0, per_set + 1, request["bag"])
    library = {"torch": torch_bags, "fbgemm": fbgemm_bags}[request["library"]]
    name, run, times = faster(library(request, ids, offsets))
    return {"kernel": name, "tried": times}, repeated(run)


def recommender(request):
    with open(request["model"]) as file:
        model = json.load(file)
    if request["max_rows"]:
        model["table_rows"] = [min(rows, request["max_rows"]) for rows in model["table_rows"]]
    dtype, batch = DTYPES[request["dtype"]], request["batch"]
    torch.manual_seed(1)
    network = Recommender(model).to(dtype).eval().requires_grad_(False)
    lookups = model.get("lookups", [1] * len(model["table_rows"]))
    ids = [part.to(torch.int64) for part in ids_of(request).split([batch * count for count in lookups])]
    offsets = [torch.arange(0, batch * count + 1, count) for count in lookups]
    dense = torch.randn(batch, model["dense_features"]).to(dtype)

    def with_call(call):
        return lambda: call(dense, ids, offsets)
    name, run, times = faster({"eager": lambda: with_call(network),
                               "compiled": lambda: with_call(torch.compile(network, dynamic=False))})
    return {"kernel": name, "tried": times}, repeated(run)


UNITS = {"bag": bag, "recommender": recommender}
