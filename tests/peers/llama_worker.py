# SPDX-License-Identifier: Apache-2.0
"""llama.cpp's side of cpu_side_by_side.py, through llama-cpp-python's C interface: models of the same shapes with
random weights, written as GGUF to a temporary folder. Flash attention on and off are both tried; the faster is
what is compared."""
import ctypes
import json
import os
import pathlib
import tempfile
import time

import gguf
import llama_cpp
import numpy

import peer_process

ARCHITECTURES = {"LlamaForCausalLM": "llama", "Qwen2ForCausalLM": "qwen2"}
TYPES = {"bf16": gguf.GGMLQuantizationType.BF16, "f32": gguf.GGMLQuantizationType.F32}
CACHE_TYPES = {"bf16": 30, "f32": 0, "f16": 1}  # ggml_type
FOLDER = tempfile.TemporaryDirectory(prefix="assay-gguf-")


def random_tensor(rng, shape, dtype):
    """Uniform of variance 1 / columns, in the file's type. Large tensors repeat a random megabyte of elements:
    no cache or arithmetic unit can tell."""
    count = int(numpy.prod(shape))
    block = rng.uniform(-1, 1, min(count, 1 << 20)).astype(numpy.float32)
    values = numpy.resize(block * numpy.float32((3 / shape[-1]) ** 0.5), count).reshape(shape)
    return gguf.quants.quantize(values, TYPES[dtype])


def write_model(config, dtype, path):
    kind = ARCHITECTURES[config["architectures"][0]]
    hidden, inner, vocab = config["hidden_size"], config["intermediate_size"], config["vocab_size"]
    heads, kv_heads = config["num_attention_heads"], config["num_key_value_heads"]
    head_dim = config.get("head_dim") or hidden // heads
    rng = numpy.random.default_rng(1)
    writer = gguf.GGUFWriter(path, kind)
    writer.add_context_length(config["max_position_embeddings"])
    writer.add_embedding_length(hidden)
    writer.add_block_count(config["num_hidden_layers"])
    writer.add_feed_forward_length(inner)
    writer.add_head_count(heads)
    writer.add_head_count_kv(kv_heads)
    writer.add_rope_dimension_count(head_dim)
    writer.add_rope_freq_base(config["rope_theta"])
    writer.add_layer_norm_rms_eps(config["rms_norm_eps"])
    writer.add_vocab_size(vocab)
    writer.add_tokenizer_model("none")

    def matrix(name, rows, columns):
        writer.add_tensor(name, random_tensor(rng, (rows, columns), dtype), raw_dtype=TYPES[dtype])

    def vector(name, length, offset):
        writer.add_tensor(name, (offset + rng.normal(size=length) * 0.02).astype(numpy.float32))

    matrix("token_embd.weight", vocab, hidden)
    if not config.get("tie_word_embeddings"):
        matrix("output.weight", vocab, hidden)
    vector("output_norm.weight", hidden, 1)
    for i in range(config["num_hidden_layers"]):
        block = f"blk.{i}."
        vector(block + "attn_norm.weight", hidden, 1)
        vector(block + "ffn_norm.weight", hidden, 1)
        for name, rows in (("attn_q", heads * head_dim), ("attn_k", kv_heads * head_dim),
                           ("attn_v", kv_heads * head_dim)):
            matrix(block + name + ".weight", rows, hidden)
            if kind == "qwen2":
                vector(block + name + ".bias", rows, 0)
        matrix(block + "attn_output.weight", hidden, heads * head_dim)
        matrix(block + "ffn_gate.weight", inner, hidden)
        matrix(block + "ffn_up.weight", inner, hidden)
        matrix(block + "ffn_down.weight", hidden, inner)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


class Runner:
    """A model in a context, with its prompt ready."""

    def __init__(self, path, request, flash, threads):
        parameters = llama_cpp.llama_model_default_params()
        parameters.n_gpu_layers = 0
        parameters.use_mmap = False  # anonymous memory, which may be repacked
        self.model = llama_cpp.llama_model_load_from_file(str(path).encode(), parameters)
        if not self.model:
            raise peer_process.Unsupported("llama.cpp does not load the model")
        self.sampler = llama_cpp.llama_sampler_init_greedy()
        self.prompt, self.steps = request["prompt_tokens"], request["generate_tokens"] - 1
        context = llama_cpp.llama_context_default_params()
        context.n_ctx = self.prompt + self.steps + 1
        context.n_batch = context.n_ubatch = max(self.prompt, 32)
        context.n_threads = context.n_threads_batch = threads
        context.flash_attn_type = 1 if flash else 0
        context.type_k = context.type_v = CACHE_TYPES["f32" if request["dtype"] == "f32" else "f16"]
        context.offload_kqv = context.op_offload = False
        self.context = llama_cpp.llama_init_from_model(self.model, context)
        if not self.context:
            raise peer_process.Unsupported("llama.cpp makes no context")
        vocab = llama_cpp.llama_vocab_n_tokens(llama_cpp.llama_model_get_vocab(self.model))
        tokens = numpy.random.default_rng(2).integers(0, vocab, self.prompt)
        self.ids = (ctypes.c_int32 * self.prompt)(*tokens.tolist())
        self.memory = llama_cpp.llama_get_memory(self.context)
        self.one = (ctypes.c_int32 * 1)()

    def step(self, ids, count):
        if llama_cpp.llama_decode(self.context, llama_cpp.llama_batch_get_one(ids, count)) != 0:
            raise peer_process.Unsupported("llama_decode failed")
        return llama_cpp.llama_sampler_sample(self.sampler, self.context, -1)

    def prefill(self):
        llama_cpp.llama_memory_seq_rm(self.memory, 0, -1, -1)
        start = time.perf_counter()
        self.first = self.step(self.ids, self.prompt)
        return time.perf_counter() - start

    def decode(self):
        llama_cpp.llama_memory_seq_rm(self.memory, 0, self.prompt, -1)
        self.one[0] = self.first
        start = time.perf_counter()
        for _ in range(self.steps):
            self.one[0] = self.step(self.one, 1)
        return (time.perf_counter() - start) / self.steps

    def __del__(self):
        llama_cpp.llama_sampler_free(self.sampler)
        llama_cpp.llama_free(self.context)
        llama_cpp.llama_model_free(self.model)


def prepare(request):
    if request["unit"] != "model":
        raise peer_process.Unsupported("llama.cpp is compared on models")
    with open(request["model"]) as file:
        config = json.load(file)
    threads = int(os.environ["OMP_NUM_THREADS"])
    path = pathlib.Path(FOLDER.name) / f"{pathlib.Path(request['model']).stem}-{request['dtype']}.gguf"
    if not path.exists():
        write_model(config, request["dtype"], path)
    times, best = {}, None
    for name, flash in (("flash attention", True), ("plain attention", False)):
        runner = Runner(path, request, flash, threads)
        call = runner.prefill if request["stage"] == "prefill" else runner.decode
        runner.prefill()
        times[name] = min(call() for _ in range(2))
        if best is None or times[name] < times[best[0]]:
            best = (name, call)
    name, call = best

    def run(repeats):
        return sum(call() for _ in range(repeats)) / repeats
    return {"kernel": name, "tried": times}, run


def about():
    return {"llama_cpp_python": llama_cpp.__version__, "gguf": getattr(gguf, "__version__", None),
            "system": llama_cpp.llama_print_system_info().decode().strip()}


if __name__ == "__main__":
    llama_cpp.llama_backend_init()
    quiet = llama_cpp.llama_log_callback(lambda level, text, data: None)
    llama_cpp.llama_log_set(quiet, ctypes.c_void_p(0))
    peer_process.serve(prepare, about)
