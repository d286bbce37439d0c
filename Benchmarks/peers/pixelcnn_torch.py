"""One optimizer step of a gated PixelCNN, 7 layers of 32 maps, in PyTorch, as a competent user writes it."""

import os

import rounds

parser = rounds.arguments(__doc__)
parser.add_argument("--variant", choices=["default", "fused", "channels-last", "compile"], default="default",
                    help="default: Adam's default arguments; fused: Adam(fused=True); channels-last: fused, and that "
                         "memory format; compile: the loss under torch.compile, and fused Adam")
parser.set_defaults(batch=50)

if __name__ == "__main__":
    options = parser.parse_args()
    os.environ.setdefault("OMP_NUM_THREADS", str(options.threads))

import torch
import torch.nn.functional as F
from torch import nn


class MaskedConv2d(nn.Conv2d):
    """A convolution whose kernel is multiplied by a mask."""

    def __init__(self, inputs, outputs, mask):
        super().__init__(inputs, outputs, tuple(mask.shape), padding=tuple(side // 2 for side in mask.shape))
        self.register_buffer("mask", mask[None, None])

    def forward(self, x):
        return self._conv_forward(x, self.weight * self.mask, self.bias)


def vertical_mask(kernel, first):
    mask = torch.zeros(kernel, kernel)
    mask[:kernel // 2 + (0 if first else 1)] = 1
    return mask


def horizontal_mask(kernel, first):
    mask = torch.zeros(1, kernel)
    mask[:, :kernel // 2 + (0 if first else 1)] = 1
    return mask


class Layer(nn.Module):
    """van den Oord et al. 2016, Figure 2."""

    def __init__(self, inputs, maps, first):
        super().__init__()
        kernel = 7 if first else 3
        self.first = first
        self.vertical = MaskedConv2d(inputs, 2 * maps, vertical_mask(kernel, first))
        self.link = nn.Conv2d(2 * maps, 2 * maps, 1, bias=False)
        self.horizontal = MaskedConv2d(inputs, 2 * maps, horizontal_mask(kernel, first))
        self.residual = nn.Conv2d(maps, maps, 1)

    def forward(self, v, h):
        v = self.vertical(v)
        a, b = (self.horizontal(h) + self.link(v)).chunk(2, 1)
        new = self.residual(torch.tanh(a) * torch.sigmoid(b))
        a, b = v.chunk(2, 1)
        return torch.tanh(a) * torch.sigmoid(b), new if self.first else new + h


class PixelCNN(nn.Module):
    def __init__(self, layers=7, maps=32):
        super().__init__()
        self.layers = nn.ModuleList(Layer(1 if i == 0 else maps, maps, i == 0) for i in range(layers))
        self.head = nn.Sequential(nn.ReLU(), nn.Conv2d(maps, maps, 1), nn.ReLU(), nn.Conv2d(maps, 1, 1))

    def forward(self, x):
        """-log p(x) in nats, averaged over the batch."""
        v = h = x
        for layer in self.layers:
            v, h = layer(v, h)
        return F.binary_cross_entropy_with_logits(self.head(h), x, reduction="sum") / len(x)


def main(options):
    torch.set_num_threads(options.threads)
    torch.manual_seed(options.seed)
    model = PixelCNN()
    x = torch.bernoulli(torch.full((options.batch, 1, 28, 28), 0.5))
    if options.variant == "channels-last":
        model = model.to(memory_format=torch.channels_last)
        x = x.to(memory_format=torch.channels_last)
    fused = {} if options.variant == "default" else {"fused": True}
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3, **fused)
    loss_of = torch.compile(model) if options.variant == "compile" else model

    def run(n):
        for _ in range(n):
            optimizer.zero_grad(set_to_none=True)
            loss = loss_of(x)
            loss.backward()
            optimizer.step()
        loss.item()

    rounds.converse(f"pixelcnn torch {options.variant}", options, run, torch=torch.__version__)


if __name__ == "__main__":
    main(options)
