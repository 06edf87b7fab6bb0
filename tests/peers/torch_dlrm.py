# SPDX-License-Identifier: Apache-2.0
"""DLRM and DLRM-DCNv2 in torch, from a description as in configs/models/: what our plans are held to, and timed
beside."""
import torch
from torch import nn


class Mlp(nn.ModuleList):
    """Relu behind every layer; none behind the last of a scoring one."""

    def __init__(self, inputs, widths, scoring):
        super().__init__(nn.Linear(a, b) for a, b in zip([inputs] + widths, widths))
        self.scoring = scoring

    def forward(self, x):
        for i, layer in enumerate(self):
            x = layer(x)
            if not self.scoring or i + 1 < len(self):
                x = torch.relu(x)
        return x


class CrossLayer(nn.Module):
    """x_0 * (W V x + b) + x"""

    def __init__(self, width, rank):
        super().__init__()
        self.v = nn.Linear(width, rank, bias=False)
        self.w = nn.Linear(rank, width)

    def forward(self, x0, x):
        return x0 * self.w(self.v(x)) + x


class Recommender(nn.Module):
    def __init__(self, m):
        super().__init__()
        width, vectors = m["embedding_width"], len(m["table_rows"]) + 1
        self.tables = nn.ModuleList(
            nn.EmbeddingBag(rows, width, mode="sum", include_last_offset=True) for rows in m["table_rows"])
        self.bottom = Mlp(m["dense_features"], m["bottom_mlp"], scoring=False)
        self.cross = nn.ModuleList(
            CrossLayer(vectors * width, m["cross_rank"]) for _ in range(m.get("cross_layers", 0)))
        self.dots = m["family"] == "dlrm"
        self.below = torch.tril_indices(vectors, vectors, -1)
        self.top = Mlp(width + self.below.shape[1] if self.dots else vectors * width, m["top_mlp"], scoring=True)

    def forward(self, dense, ids, offsets):
        bottom = self.bottom(dense)
        z = torch.stack([bottom] + [t(i, o) for t, i, o in zip(self.tables, ids, offsets)], dim=1)
        if self.dots:
            products = torch.einsum("bic,bjc->bij", z, z)
            met = torch.cat([bottom, products[:, self.below[0], self.below[1]]], dim=1)
        else:
            x0 = met = z.flatten(1)
            for layer in self.cross:
                met = layer(x0, met)
        return torch.sigmoid(self.top(met)).squeeze(1)
