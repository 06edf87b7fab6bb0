# SPDX-License-Identifier: Apache-2.0
"""YOLOX (Ge et al., 2021) in torch, by the paper's figures and the names in its checkpoints."""
import torch
from torch import nn


def focus(x):
    """Space to depth: of each square of 2 x 2 the top left, bottom left, top right and bottom right pixel."""
    return torch.cat([x[..., ::2, ::2], x[..., 1::2, ::2], x[..., ::2, 1::2], x[..., 1::2, 1::2]], 1)


class Conv(nn.Module):
    def __init__(self, inputs, outputs, kernel, stride=1, groups=1):
        super().__init__()
        self.conv = nn.Conv2d(inputs, outputs, kernel, stride, kernel // 2, groups=groups, bias=False)
        self.bn = nn.BatchNorm2d(outputs, eps=1e-3)

    def forward(self, x):
        return nn.functional.silu(self.bn(self.conv(x)))


class Separable(nn.Module):
    def __init__(self, inputs, outputs, kernel, stride=1):
        super().__init__()
        self.dconv = Conv(inputs, inputs, kernel, stride, groups=inputs)
        self.pconv = Conv(inputs, outputs, 1)

    def forward(self, x):
        return self.pconv(self.dconv(x))


class Bottleneck(nn.Module):
    def __init__(self, width, shortcut, block):
        super().__init__()
        self.conv1, self.conv2, self.shortcut = Conv(width, width, 1), block(width, width, 3), shortcut

    def forward(self, x):
        y = self.conv2(self.conv1(x))
        return x + y if self.shortcut else y


class Csp(nn.Module):
    def __init__(self, inputs, outputs, count, shortcut, block):
        super().__init__()
        half = outputs // 2
        self.conv1, self.conv2, self.conv3 = Conv(inputs, half, 1), Conv(inputs, half, 1), Conv(2 * half, outputs, 1)
        self.m = nn.Sequential(*[Bottleneck(half, shortcut, block) for _ in range(count)])

    def forward(self, x):
        return self.conv3(torch.cat([self.m(self.conv1(x)), self.conv2(x)], 1))


class PyramidPool(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.conv1, self.conv2 = Conv(width, width // 2, 1), Conv(width * 2, width, 1)

    def forward(self, x):
        x = self.conv1(x)
        return self.conv2(torch.cat([x] + [nn.functional.max_pool2d(x, k, 1, k // 2) for k in (5, 9, 13)], 1))


class Stem(nn.Module):
    def __init__(self, outputs):
        super().__init__()
        self.conv = Conv(12, outputs, 3)

    def forward(self, focused):
        return self.conv(focused)


class Darknet(nn.Module):
    def __init__(self, base, depth, block):
        super().__init__()
        self.stem = Stem(base)
        self.dark2 = nn.Sequential(block(base, 2 * base, 3, 2), Csp(2 * base, 2 * base, depth, True, block))
        self.dark3 = nn.Sequential(block(2 * base, 4 * base, 3, 2), Csp(4 * base, 4 * base, 3 * depth, True, block))
        self.dark4 = nn.Sequential(block(4 * base, 8 * base, 3, 2), Csp(8 * base, 8 * base, 3 * depth, True, block))
        self.dark5 = nn.Sequential(block(8 * base, 16 * base, 3, 2), PyramidPool(16 * base),
                                   Csp(16 * base, 16 * base, depth, False, block))

    def forward(self, x):
        fine = self.dark3(self.dark2(self.stem(x)))
        middle = self.dark4(fine)
        return fine, middle, self.dark5(middle)


class Neck(nn.Module):
    def __init__(self, base, depth, block):
        super().__init__()
        self.backbone = Darknet(base, depth, block)
        self.lateral_conv0 = Conv(16 * base, 8 * base, 1)
        self.C3_p4 = Csp(16 * base, 8 * base, depth, False, block)
        self.reduce_conv1 = Conv(8 * base, 4 * base, 1)
        self.C3_p3 = Csp(8 * base, 4 * base, depth, False, block)
        self.bu_conv2 = block(4 * base, 4 * base, 3, 2)
        self.C3_n3 = Csp(8 * base, 8 * base, depth, False, block)
        self.bu_conv1 = block(8 * base, 8 * base, 3, 2)
        self.C3_n4 = Csp(16 * base, 16 * base, depth, False, block)

    def forward(self, x):
        fine, middle, coarse = self.backbone(x)
        double = lambda y: nn.functional.interpolate(y, scale_factor=2, mode="nearest")
        top = self.lateral_conv0(coarse)
        reduced = self.reduce_conv1(self.C3_p4(torch.cat([double(top), middle], 1)))
        out8 = self.C3_p3(torch.cat([double(reduced), fine], 1))
        out16 = self.C3_n3(torch.cat([self.bu_conv2(out8), reduced], 1))
        return out8, out16, self.C3_n4(torch.cat([self.bu_conv1(out16), top], 1))


class Head(nn.Module):
    def __init__(self, base, classes, block):
        super().__init__()
        width = 4 * base
        twice = lambda: nn.Sequential(block(width, width, 3), block(width, width, 3))
        each = lambda make: nn.ModuleList([make() for _ in range(3)])
        self.stems = nn.ModuleList([Conv(c * base, width, 1) for c in (4, 8, 16)])
        self.cls_convs, self.reg_convs = each(twice), each(twice)
        self.cls_preds = each(lambda: nn.Conv2d(width, classes, 1))
        self.reg_preds = each(lambda: nn.Conv2d(width, 4, 1))
        self.obj_preds = each(lambda: nn.Conv2d(width, 1, 1))

    def forward(self, levels):
        """Of each level, before they are decoded: boxes, objects, classes."""
        predictions = []
        for i, level in enumerate(levels):
            x = self.stems[i](level)
            of_class, of_box = self.cls_convs[i](x), self.reg_convs[i](x)
            predictions.append((self.reg_preds[i](of_box), self.obj_preds[i](of_box), self.cls_preds[i](of_class)))
        return predictions

    @staticmethod
    def decoded(predictions, side):
        """Boxes as corners, their scores, their classes."""
        flat = lambda y: y.flatten(2).transpose(1, 2)
        boxes, objects, classes = [], [], []
        for of_box, of_object, of_class in predictions:
            reg, cells = flat(of_box), of_box.shape[-1]
            stride = side / cells
            row, column = torch.meshgrid(torch.arange(cells), torch.arange(cells), indexing="ij")
            grid = torch.stack([column.flatten(), row.flatten()], 1)
            centre, size = (reg[..., :2] + grid) * stride, reg[..., 2:].exp() * stride
            boxes.append(torch.cat([centre - size / 2, centre + size / 2], -1))
            objects.append(flat(of_object).sigmoid())
            classes.append(flat(of_class).sigmoid())
        best, kind = torch.cat(classes, 1).max(-1)
        return torch.cat(boxes, 1), torch.cat(objects, 1)[..., 0] * best, kind


class Yolox(nn.Module):
    def __init__(self, depth, width, depthwise, classes):
        super().__init__()
        block = Separable if depthwise else Conv
        base, count = int(64 * width), max(1, round(3 * depth))
        self.backbone, self.head = Neck(base, count, block), Head(base, classes, block)

    def predictions(self, focused):
        return self.head(self.backbone(focused))

    def forward(self, x):
        return self.head.decoded(self.predictions(focus(x)), x.shape[-1])
