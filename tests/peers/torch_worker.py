# SPDX-License-Identifier: Apache-2.0
"""PyTorch's side of cpu_side_by_side.py, and FBGEMM's: eager and torch.compile, the faster of the two is what is
compared. Language models are transformers' own classes with random weights."""
import importlib.metadata
import json
import os

import torch
import torch.nn.functional as functional

import peer_process
import torch_recommender
import torch_vision
from peer_timing import faster, repeated
from torch_types import DTYPES

def matmul(request):
    m, n, k, dtype = request["m"], request["n"], request["k"], DTYPES[request["dtype"]]
    generator = torch.Generator().manual_seed(1)
    x = torch.randn(m, k, generator=generator).to(dtype)
    weights = [torch.randn(n, k, generator=generator).to(dtype) for _ in range(request.get("copies", 1))]
    turn = [0]

    def with_call(call):
        def run():
            turn[0] += 1
            return call(x, weights[turn[0] % len(weights)])
        return run

    compiled = torch.compile(lambda x, w: functional.linear(x, w), dynamic=False)
    name, run, times = faster({"eager": lambda: with_call(functional.linear),
                               "compiled": lambda: with_call(compiled)})
    return {"kernel": name, "tried": times}, repeated(run)


def make_model(request):
    import transformers
    with open(request["model"]) as file:
        config = transformers.AutoConfig.for_model(**json.load(file))
    model = transformers.AutoModelForCausalLM.from_config(config, dtype=DTYPES[request["dtype"]],
                                                          attn_implementation="sdpa").eval()
    return model, config, transformers


def model(request):
    torch.manual_seed(1)
    network, config, transformers = make_model(request)
    prompt, steps = request["prompt_tokens"], request["generate_tokens"] - 1
    ids = torch.randint(0, config.vocab_size, (1, prompt))
    capacity = prompt + steps + 1

    def next_token(call, tokens, cache):
        out = call(input_ids=tokens, past_key_values=cache, use_cache=True, logits_to_keep=1)
        return out.logits[:, -1].argmax(-1, keepdim=True)

    def static_cache():
        return transformers.StaticCache(config=config, max_cache_len=capacity)

    def rewind(cache, length):
        for layer in cache.layers:
            layer.cumulative_length.fill_(length)

    def compiled():
        return torch.compile(network, dynamic=False)

    if request["stage"] == "prefill":
        def eager():
            return lambda: next_token(network, ids, transformers.DynamicCache(config=config))

        def with_static(call):
            cache = static_cache()
            next_token(network, ids, cache)

            def run():
                rewind(cache, 0)
                next_token(call, ids, cache)
            return run
        name, run, times = faster({"eager": eager, "compiled": lambda: with_static(compiled())})
        return {"kernel": name, "tried": times}, repeated(run)

    def decode_dynamic():
        cache = transformers.DynamicCache(config=config)
        first = next_token(network, ids, cache)

        def run():
            token = first
            for _ in range(steps):
                token = next_token(network, token, cache)
            cache.crop(-steps)
        return run

    def decode_static(call):
        cache = static_cache()
        first = next_token(network, ids, cache)

        def run():
            rewind(cache, prompt)
            token = first
            for _ in range(steps):
                token = next_token(call, token, cache)
        return run

    name, run, times = faster({"eager": decode_dynamic, "compiled": lambda: decode_static(compiled())})
    return {"kernel": name, "tried": times}, repeated(run, steps)


UNITS = {"matmul": matmul, "model": model, **torch_recommender.UNITS, **torch_vision.UNITS}


def prepare(request):
    torch._dynamo.reset()
    with torch.inference_mode():
        facts, run = UNITS[request["unit"]](request)

    def without_gradients(repeats):
        with torch.inference_mode():
            return run(repeats)
    return facts, without_gradients


def version_of(package):
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return None


def about():
    packages = {name: version_of(name) for name in ("transformers", "torchvision", "fbgemm-gpu-cpu")}
    return {"torch": torch.__version__, **{name: version for name, version in packages.items() if version},
            "threads": torch.get_num_threads(), "capability": torch.backends.cpu.get_cpu_capability()}


if __name__ == "__main__":
    torch.set_num_threads(int(os.environ["OMP_NUM_THREADS"]))
    peer_process.serve(prepare, about)
