"""One optimizer step of a RealNVP with 16 couplings of two hidden layers of 256 on 32 dimensions, in PyTorch.

masks: every network takes and gives all dimensions, and a mask of zeros and ones says which count, as the usual scripts have it.
halves: a network takes one half and gives numbers of the other one alone, so that no product is by a zero.
"""

import math
import os

import rounds

parser = rounds.arguments(__doc__)
parser.add_argument("--variant", choices=["default", "fused"], default="default",
                    help="default: Adam's default arguments; fused: Adam(fused=True)")
parser.add_argument("--form", choices=["masks", "halves"], default="masks")

if __name__ == "__main__":
    options = parser.parse_args()
    os.environ.setdefault("OMP_NUM_THREADS", str(options.threads))

import torch
from torch import nn

DIMENSION, COUPLINGS, HIDDEN = 32, 16, 256


def network(inputs, outputs):
    return nn.Sequential(
        nn.Linear(inputs, HIDDEN), nn.ReLU6(), nn.Linear(HIDDEN, HIDDEN), nn.ReLU6(), nn.Linear(HIDDEN, outputs))


class MaskedCoupling(nn.Module):
    def __init__(self, parity):
        super().__init__()
        self.register_buffer("mask", (torch.arange(DIMENSION) % 2 == parity).float())
        self.network = network(DIMENSION, 2 * DIMENSION)

    def forward(self, x):
        kept = x * self.mask
        s, t = self.network(kept).chunk(2, 1)
        s = torch.tanh(s) * (1 - self.mask)
        return kept + (1 - self.mask) * (x * torch.exp(s) + t), s.sum(1)


class HalfCoupling(nn.Module):
    def __init__(self, parity):
        super().__init__()
        self.parity = parity
        self.network = network(DIMENSION // 2, DIMENSION)

    def forward(self, x):
        a, b = x.chunk(2, 1)
        if self.parity:
            a, b = b, a
        s, t = self.network(a).chunk(2, 1)
        s = torch.tanh(s)
        b = b * torch.exp(s) + t
        return torch.cat([b, a] if self.parity else [a, b], 1), s.sum(1)


class RealNVP(nn.Module):
    def __init__(self, form):
        super().__init__()
        coupling = MaskedCoupling if form == "masks" else HalfCoupling
        self.couplings = nn.ModuleList(coupling(index % 2) for index in range(COUPLINGS))

    def log_prob(self, x):
        log_det = 0
        for coupling in self.couplings:
            x, change = coupling(x)
            log_det = log_det + change
        return log_det - 0.5 * (x.square() + math.log(2 * math.pi)).sum(1)


def main(options):
    torch.set_num_threads(options.threads)
    torch.manual_seed(options.seed)
    model = RealNVP(options.form)
    optimizer = torch.optim.Adam(
        model.parameters(), lr=1e-3, **({} if options.variant == "default" else {"fused": True}))
    x = torch.randn(options.batch, DIMENSION)

    def run(n):
        for _ in range(n):
            optimizer.zero_grad(set_to_none=True)
            loss = -model.log_prob(x).mean()
            loss.backward()
            optimizer.step()
        loss.item()

    rounds.converse(f"realnvp torch {options.form} {options.variant}", options, run, torch=torch.__version__)


if __name__ == "__main__":
    main(options)
