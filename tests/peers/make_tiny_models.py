# SPDX-License-Identifier: Apache-2.0
"""Makes tests/golden/tiny/: tiny random models of every architecture, with the logits and greedy tokens that
Hugging Face transformers computes from them. Not needed to build or test; run it to add a case:

    python tests/peers/make_tiny_models.py [CASE...]          (torch, transformers, safetensors)

Made with transformers 5.23 and torch 2.15, f32, eager attention, on a CPU.
"""
import json
import pathlib
import sys

import torch
import transformers

PROMPT, STEPS, BATCH = 20, 8, 2
GOLDEN = pathlib.Path(__file__).resolve().parents[1] / "golden"
SMALL = dict(vocab_size=96, hidden_size=32, intermediate_size=48, num_hidden_layers=2, num_attention_heads=4,
             num_key_value_heads=2, max_position_embeddings=64, bos_token_id=None, eos_token_id=None,
             pad_token_id=None)

# name: (config class, keys over SMALL, prompt tokens). Old spellings stand in REWRITES.
CASES = {
    "llama-llama3": ("llama", dict(rope_theta=10000.0, tie_word_embeddings=False, rope_scaling=dict(
        rope_type="llama3", factor=4.0, low_freq_factor=1.0, high_freq_factor=4.0,
        original_max_position_embeddings=16)), PROMPT),
    "llama-linear-biases": ("llama", dict(attention_bias=True, mlp_bias=True, tie_word_embeddings=True,
                                          rope_scaling=dict(rope_type="linear", factor=2.5)), PROMPT),
    "llama-dynamic": ("llama", dict(max_position_embeddings=16, num_key_value_heads=4,
                                    rope_scaling=dict(rope_type="dynamic", factor=2.0)), PROMPT),
    "llama-dynamic-crossing": ("llama", dict(max_position_embeddings=16,
                                             rope_scaling=dict(rope_type="dynamic", factor=2.0)), 12),
    "mistral-window": ("mistral", dict(sliding_window=8, head_dim=16), PROMPT),
    "qwen2-yarn-window": ("qwen2", dict(tie_word_embeddings=True, use_sliding_window=True, sliding_window=6,
                                        max_window_layers=1, rope_theta=1000000.0,
                                        rope_scaling=dict(rope_type="yarn", factor=4.0, beta_fast=8.0,
                                                          original_max_position_embeddings=16)), PROMPT),
    "qwen2-yarn-mscale": ("qwen2", dict(num_key_value_heads=1, rope_scaling=dict(
        rope_type="yarn", factor=3.0, mscale=0.7, mscale_all_dim=0.4, truncate=False,
        original_max_position_embeddings=16)), PROMPT),
    "qwen3": ("qwen3", dict(head_dim=16, tie_word_embeddings=True, rms_norm_eps=1e-4), PROMPT),
    "qwen3-biases": ("qwen3", dict(head_dim=12, attention_bias=True), PROMPT),
    "phi3": ("phi3", dict(sliding_window=7), PROMPT),
    "phi3-longrope": ("phi3", dict(original_max_position_embeddings=16, rope_scaling=dict(
        type="longrope", short_factor=[1.0, 1.1, 1.3, 1.6], long_factor=[1.0, 2.0, 3.5, 6.0])), PROMPT),
    "phi3-longrope-crossing": ("phi3", dict(original_max_position_embeddings=16, rope_scaling=dict(
        type="longrope", short_factor=[1.0, 1.1, 1.3, 1.6], long_factor=[1.0, 2.0, 3.5, 6.0])), 12),
    "gemma2": ("gemma2", dict(num_hidden_layers=3, head_dim=12, sliding_window=6, query_pre_attn_scalar=24,
                              attn_logit_softcapping=2.0, final_logit_softcapping=2.0), PROMPT),
    "gemma2-uncapped": ("gemma2", dict(head_dim=8, sliding_window=64, attn_logit_softcapping=None,
                                       final_logit_softcapping=None, tie_word_embeddings=False), PROMPT),
    "gemma": ("gemma", dict(head_dim=12, num_key_value_heads=1), PROMPT),
    "gemma3": ("gemma3_text", dict(num_hidden_layers=3, head_dim=12, sliding_window=6, query_pre_attn_scalar=24,
                                   layer_types=["sliding_attention", "sliding_attention", "full_attention"],
                                   rope_parameters=dict(
                                       full_attention=dict(rope_type="linear", factor=4.0, rope_theta=100000.0),
                                       sliding_attention=dict(rope_type="default", rope_theta=10000.0))), PROMPT),
    "smollm3": ("smollm3", dict(num_hidden_layers=4, no_rope_layers=[1, 0, 1, 1], tie_word_embeddings=True), PROMPT),
    "gpt2": ("gpt2", dict(tie_word_embeddings=True), PROMPT),
    "gpt2-scaled": ("gpt2", dict(n_inner=40, scale_attn_by_inverse_layer_idx=True, activation_function="gelu"), 12),
}
EXPERTS = dict(num_experts_per_tok=2, moe_intermediate_size=24)
LATENT = dict(q_lora_rank=None, kv_lora_rank=20, qk_nope_head_dim=8, qk_rope_head_dim=4, v_head_dim=12,
              num_key_value_heads=4, n_routed_experts=8, n_shared_experts=2, first_k_dense_replace=1, **EXPERTS)
YARN = dict(rope_type="yarn", factor=4.0, beta_fast=8.0, original_max_position_embeddings=16)
# Of which some ops have no kernel yet.
SIZED = {
    "mixtral": ("mixtral", dict(num_local_experts=4, num_experts_per_tok=2), PROMPT),
    "qwen2-moe": ("qwen2_moe", dict(num_experts=5, shared_expert_intermediate_size=40, norm_topk_prob=False,
                                    mlp_only_layers=[0], **EXPERTS), PROMPT),
    "qwen3-moe": ("qwen3_moe", dict(num_experts=8, norm_topk_prob=True, head_dim=16, **EXPERTS), PROMPT),
    "deepseek-v2": ("deepseek_v2", dict(LATENT, q_lora_rank=16, topk_method="group_limited_greedy", n_group=4,
                                        topk_group=2, routed_scaling_factor=3.0, norm_topk_prob=False), PROMPT),
    "deepseek-v2-lite": ("deepseek_v2", dict(LATENT, topk_method="greedy", routed_scaling_factor=1.0,
                                             norm_topk_prob=False), PROMPT),
    "deepseek-v3": ("deepseek_v3", dict(LATENT, q_lora_rank=16, n_shared_experts=1, n_group=4, topk_group=2,
                                        norm_topk_prob=True, routed_scaling_factor=2.5,
                                        rope_scaling=dict(YARN, mscale=1.0, mscale_all_dim=1.0)), PROMPT),
    "gpt-oss": ("gpt_oss", dict(num_local_experts=4, num_experts_per_tok=2, head_dim=8, sliding_window=8,
                                rope_scaling=dict(YARN, truncate=False)), PROMPT),
    "granite": ("granite", dict(attention_multiplier=0.3, embedding_multiplier=3.0, residual_multiplier=0.4,
                                logits_scaling=1.0), PROMPT),
    "granite-moe": ("granitemoe", dict(num_local_experts=4, num_experts_per_tok=2, attention_multiplier=0.3,
                                       embedding_multiplier=3.0, residual_multiplier=0.4, logits_scaling=1.0), PROMPT),
    "glm4-moe": ("glm4_moe", dict(head_dim=16, use_qk_norm=True, attention_bias=True, n_routed_experts=8,
                                  n_shared_experts=1, first_k_dense_replace=1, n_group=2, topk_group=1,
                                  norm_topk_prob=True, routed_scaling_factor=1.5, partial_rotary_factor=0.5,
                                  **EXPERTS), PROMPT),
}
# Configs as published models spell them, which transformers would rewrite on saving.
OLD_SPELLING = {"llama-llama3", "llama-linear-biases", "qwen2-yarn-window", "phi3-longrope",
                "phi3-longrope-crossing", "mistral-window"}


def fill(model, generator):
    """Weights at which every part matters: gains that differ, biases, outputs near 1."""
    for name, weight in model.named_parameters():
        noise = torch.randn(weight.shape, generator=generator)
        if weight.dim() == 1:
            gain = "norm" in name or "ln_" in name
            gemma = model.config.model_type.startswith("gemma")
            weight.data = 0.2 * noise + (1.0 if gain and name.endswith("weight") and not gemma else 0.0)
        elif "embed" in name or "wte" in name or "wpe" in name or "lm_head" in name:
            weight.data = (0.2 if model.config.model_type.startswith("gemma") else 0.5) * noise
        else:
            turned = model.config.model_type == "gpt2" or (model.config.model_type == "gpt_oss" and weight.dim() == 3)
            fan_in = weight.shape[-2 if turned else -1]
            weight.data = 1.5 * noise / fan_in ** 0.5


def config_of(kind, keys):
    if kind == "gpt2":
        small = dict(vocab_size=96, n_embd=32, n_layer=2, n_head=4, n_positions=48, bos_token_id=None,
                     eos_token_id=None, pad_token_id=None)
        return small | keys
    return SMALL | keys


@torch.no_grad()
def generate(model, prompts):
    logits, tokens, cache, ids = [], [], None, prompts
    for _ in range(STEPS + 1):
        out = model(input_ids=ids, past_key_values=cache, use_cache=True)
        cache = out.past_key_values
        last = out.logits[:, -1, :]
        logits.append(last)
        ids = last.argmax(-1, keepdim=True)
        tokens.append(ids[:, 0])
    return torch.stack(logits), torch.stack(tokens)


def fill_buffers(model, generator):
    """The corrections of a router's choice are no parameters."""
    for name, buffer in model.named_buffers():
        if name.endswith("e_score_correction_bias"):
            buffer.copy_(0.1 * torch.randn(buffer.shape, generator=generator))


def make(folder, kind, keys, prompt_tokens):
    name = folder.name
    written = config_of(kind, keys)
    for seed in range(100):
        generator = torch.Generator().manual_seed(seed)
        config = transformers.AutoConfig.for_model(kind, **json.loads(json.dumps(written)))
        model = transformers.AutoModelForCausalLM.from_config(config, attn_implementation="eager",
                                                              dtype=torch.float32).eval()
        fill(model, generator)
        fill_buffers(model, generator)
        model.tie_weights()
        prompts = torch.randint(0, 96, (BATCH, prompt_tokens), generator=generator)
        logits, tokens = generate(model, prompts)
        top = logits.topk(2, -1).values
        if ((top[..., 0] - top[..., 1]) > 0.02 * logits.std()).all():  # no near ties: tokens must be equal
            break
    model.save_pretrained(folder)
    (folder / "generation_config.json").unlink(missing_ok=True)
    if name in OLD_SPELLING:
        old = {"architectures": [type(model).__name__], "model_type": kind, "torch_dtype": "float32"} | written
        (folder / "config.json").write_text(json.dumps(old, indent=2) + "\n")
    again = transformers.AutoModelForCausalLM.from_pretrained(folder, attn_implementation="eager",
                                                              dtype=torch.float32).eval()
    logits, tokens = generate(again, prompts)  # what is committed is what was run
    (folder / "expected.json").write_text(json.dumps({
        "seed": seed,
        "prompt_ids": prompts.tolist(),
        "tokens": tokens.T.tolist(),  # [sequence][step]; step 0 follows the prompt
        "logits": [[[float(f"{x:.8g}") for x in row] for row in step] for step in logits.tolist()],
    }, separators=(",", ":")) + "\n")
    size = sum(f.stat().st_size for f in folder.iterdir())
    print(f"{name:24} seed {seed:2} {size / 1024:6.1f} KiB  logits std {logits.std():.2f}  {tokens[:, 0].tolist()}")


if __name__ == "__main__":
    transformers.logging.set_verbosity_error()
    torch.set_num_threads(1)
    for set_name, cases in (("tiny", CASES), ("tiny_sized", SIZED)):
        for case, (kind, keys, prompt_tokens) in cases.items():
            if len(sys.argv) < 2 or case in sys.argv[1:]:
                make(GOLDEN / set_name / case, kind, keys, prompt_tokens)
