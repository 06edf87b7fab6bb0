# SPDX-License-Identifier: Apache-2.0
"""Llama-like decoders in PyTorch's operators: fused qkv and gate_up, a contiguous cache, greedy.

A layer leaves its last sum to the next normalisation, so that compiling layer by layer, which takes seconds instead
of minutes, keeps every fusion that compiling the whole stage would find.
"""
import torch
import torch.nn.functional as F

from gpu_torch import NoLike

LIKE_LLAMA = {"LlamaForCausalLM", "MistralForCausalLM", "Qwen2ForCausalLM"}


def tokens_of(load):
    return load["batch"], load["prompt_tokens"], load.get("generate_tokens", 1)


def objection(model, load):
    _, prompt, generated = tokens_of(load)
    if model["architectures"][0] not in LIKE_LLAMA:
        return f"this script has no {model['architectures'][0]}"
    window = model.get("sliding_window") if model.get("use_sliding_window", True) else None
    if window and window < prompt + generated:
        return "scaled_dot_product_attention has a window only as a mask in memory"
    if model.get("mlp_bias"):
        return "this script's layers have no biases in the MLP"
    if load.get("in_flight", 1) > 1:
        return "this script has one pass in flight"
    return None


class Decoder:
    def __init__(self, timer, model, load, dtype, compiled):
        why = objection(model, load)
        if why:
            raise NoLike(why)
        batch, prompt, generated = tokens_of(load)
        self.hidden, self.queries = model["hidden_size"], model["num_attention_heads"]
        self.keys = model.get("num_key_value_heads") or self.queries
        self.width = model.get("head_dim") or self.hidden // self.queries
        self.eps = model.get("rms_norm_eps", 1e-6)
        self.generated, self.context = generated, prompt + max(1, generated // 2)
        self.device, self.dtype = timer.device, dtype
        self.embed = self.weight(model["vocab_size"], self.hidden)
        self.head = self.embed if model.get("tie_word_embeddings") else self.weight(model["vocab_size"], self.hidden)
        self.last_norm = self.ones(self.hidden)
        bias = model["architectures"][0] == "Qwen2ForCausalLM" or model.get("attention_bias", False)
        self.stack = [self.layer_of(model, batch, prompt + generated, bias) for _ in range(model["num_hidden_layers"])]
        places = torch.arange(prompt + generated, device=self.device)
        angles = torch.outer(places, 1e4 ** (-torch.arange(0, self.width, 2, device=self.device) / self.width))
        self.cos, self.sin = angles.cos().to(dtype), angles.sin().to(dtype)
        self.tokens = torch.randint(model["vocab_size"], (batch, prompt), device=self.device)
        self.layer_call, self.last_call = self.layer, self.last
        if compiled:
            self.layer_call = torch.compile(self.layer, dynamic=False)
            self.last_call = torch.compile(self.last, dynamic=False)

    def weight(self, n, k):
        return torch.randn(n, k, device=self.device, dtype=self.dtype) / k**0.5

    def ones(self, n):
        return torch.ones(n, device=self.device, dtype=self.dtype)

    def layer_of(self, model, batch, capacity, bias):
        inner, rows = model["intermediate_size"], (self.queries + 2 * self.keys) * self.width
        cache = torch.randn(2, batch, self.keys, capacity, self.width, device=self.device, dtype=self.dtype)
        return [self.ones(self.hidden), self.ones(self.hidden), self.weight(rows, self.hidden),
                self.weight(self.hidden, self.queries * self.width), self.weight(2 * inner, self.hidden),
                self.weight(self.hidden, inner), cache[0].clone(), cache[1].clone(), self.ones(rows) if bias else None]

    def turned(self, x, begin, end):
        a, b = x.chunk(2, -1)
        cos, sin = self.cos[begin:end], self.sin[begin:end]
        return torch.cat((a * cos - b * sin, b * cos + a * sin), -1)

    def norm(self, x, weight):
        return F.rms_norm(x, (self.hidden,), weight, self.eps)

    def layer(self, x, delta, begin, first_norm, second_norm, qkv_weight, out_weight, gate_up, down, k_cache, v_cache,
              bias):
        """`x` + `delta` comes in, [batch, n] tokens at positions begin..; so does it go out."""
        batch, n, _ = x.shape
        x = x if delta is None else x + delta
        qkv = F.linear(self.norm(x, first_norm), qkv_weight, bias).view(batch, n, -1, self.width).transpose(1, 2)
        q, k, v = qkv.split([self.queries, self.keys, self.keys], 1)
        q, k = self.turned(q, begin, begin + n), self.turned(k, begin, begin + n)
        k_cache[:, :, begin:begin + n] = k
        v_cache[:, :, begin:begin + n] = v
        if n == 1:
            k, v = k_cache[:, :, :begin + 1], v_cache[:, :, :begin + 1]
        y = F.scaled_dot_product_attention(q, k, v, is_causal=n > 1, enable_gqa=self.keys != self.queries)
        x = x + F.linear(y.transpose(1, 2).reshape(batch, n, -1), out_weight)
        gate, up = F.linear(self.norm(x, second_norm), gate_up).chunk(2, -1)
        return x, F.linear(F.silu(gate) * up, down)

    def last(self, x, delta):
        return F.linear(self.norm(x[:, -1] + delta[:, -1], self.last_norm), self.head).argmax(-1)

    def run(self, tokens, begin):
        x, delta = F.embedding(tokens, self.embed), None
        for weights in self.stack:
            x, delta = self.layer_call(x, delta, begin, *weights)
        return self.last_call(x, delta)

    def prefill(self):
        return self.run(self.tokens, 0)

    def decode(self):
        return self.run(self.tokens[:, :1], self.context - 1)  # the mean context of a pass


def stages(timer, case, dtype, compiled):
    """{stage: (works, runs of it in a pass)}"""
    decoder = Decoder(timer, case["model"], case["config"]["load"], dtype, compiled)
    found = {"prefill": ([decoder.prefill], 1)}
    if decoder.generated > 1:
        found["decode"] = ([decoder.decode], decoder.generated - 1)
    return found
