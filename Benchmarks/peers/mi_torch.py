"""One optimizer step of an MI encoder (auxiliary supervised learning, Eq. 3) in PyTorch, as a competent user writes it."""

import os

import rounds

parser = rounds.arguments(__doc__)
parser.add_argument("--variant", choices=["default", "fused", "channels-last", "compile"], default="default",
                    help="default: Adam's default arguments; fused: Adam(fused=True); channels-last: fused, and that "
                         "memory format; compile: the loss under torch.compile, and fused Adam")
parser.set_defaults(batch=256)

if __name__ == "__main__":
    options = parser.parse_args()
    os.environ.setdefault("OMP_NUM_THREADS", str(options.threads))

import torch
from torch import nn

CODES, WEIGHT, BETA, FLOOR = 32, 100, 0.5, 1e-3


def stein_discrepancy(u):
    """The mean over pairs of different codes of the Stein kernel of N(0, I) with base kernel (1 + r^2)^-beta."""
    count = len(u)
    inner = u @ u.T
    squared = torch.cdist(u, u).square()
    base = 1 + squared
    kernel = (-4 * BETA * (BETA + 1) * squared * base ** (-BETA - 2)
              + 2 * BETA * (CODES - squared) * base ** (-BETA - 1) + inner * base ** -BETA)
    return (kernel.sum() - kernel.diagonal().sum()) / (count * (count - 1))


class MIEncoder(nn.Module):
    def __init__(self):
        super().__init__()
        self.features = nn.Sequential(
            nn.Conv2d(1, 64, 4, 2, 1), nn.ReLU(), nn.Conv2d(64, 64, 4, 2, 1), nn.ReLU(),
            nn.Conv2d(64, 128, 4, 2, 2), nn.ReLU(), nn.Flatten())  # 14, 7 and 4 pixels a side
        self.code = nn.Sequential(
            nn.Linear(128 * 16 + CODES, 256), nn.ReLU(), nn.Linear(256, 256), nn.ReLU(), nn.Linear(256, CODES))
        self.decoder = nn.Sequential(
            nn.Linear(CODES, 128 * 16), nn.ReLU(), nn.Unflatten(1, (128, 4, 4)),
            nn.ConvTranspose2d(128, 64, 4, 2, 2, output_padding=1), nn.ReLU(),
            nn.ConvTranspose2d(64, 64, 4, 2, 1), nn.ReLU(), nn.ConvTranspose2d(64, 1, 4, 2, 1), nn.Sigmoid())
        self.log_scale = nn.Parameter(torch.full((1, 28, 28), -2.0))

    def forward(self, x):
        """-log p(x|u) + weight KSD^2, averaged over the batch."""
        h = self.features(x)
        u = self.code(torch.cat([h, torch.randn(len(h), CODES)], dim=1))
        variance = FLOOR + (2 * self.log_scale).exp()
        error = (x - self.decoder(u)).square() / variance + variance.log()
        return 0.5 * error.sum() / len(x) + WEIGHT * stein_discrepancy(u)


def main(options):
    torch.set_num_threads(options.threads)
    torch.manual_seed(options.seed)
    model = MIEncoder()
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

    rounds.converse(f"mi torch {options.variant}", options, run, torch=torch.__version__)


if __name__ == "__main__":
    main(options)
