# SPDX-License-Identifier: Apache-2.0
"""Our names of number formats, in torch."""
import torch

DTYPES = {"bf16": torch.bfloat16, "f16": torch.float16, "f32": torch.float32}
