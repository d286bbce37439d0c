"""One optimizer step of an MMD-VAE of convolutions (Zhao et al. 2017) in PyTorch, as a competent user writes it."""

import os

import rounds

parser = rounds.arguments(__doc__)
parser.add_argument("--variant", choices=["default", "fused", "channels-last", "compile"], default="default",
                    help="default: Adam's default arguments; fused: Adam(fused=True); channels-last: fused, and that "
                         "memory format; compile: the loss under torch.compile, and fused Adam")
parser.set_defaults(batch=200)

if __name__ == "__main__":
    options = parser.parse_args()
    os.environ.setdefault("OMP_NUM_THREADS", str(options.threads))

import torch
import torch.nn.functional as F
from torch import nn

CODES, PRIOR_DRAWS, WEIGHT = 10, 200, 50 * 784


def kernel_mean(x, y):
    """The mean of exp(-|x - y|^2 / d^2), the kernel of the authors' code."""
    squared = x.square().sum(1)[:, None] + y.square().sum(1) - 2 * x @ y.T
    return torch.exp(-squared.clamp_min(0) / CODES**2).mean()


class MMDVAE(nn.Module):
    def __init__(self):
        super().__init__()
        self.encoder = nn.Sequential(
            nn.Conv2d(1, 64, 4, 2, 1), nn.LeakyReLU(0.1), nn.Conv2d(64, 128, 4, 2, 1), nn.LeakyReLU(0.1),
            nn.Flatten(), nn.Linear(128 * 49, 1024), nn.LeakyReLU(0.1))
        self.mean = nn.Linear(1024, CODES)
        self.log_variance = nn.Linear(1024, CODES)
        self.decoder = nn.Sequential(
            nn.Linear(CODES, 1024), nn.ReLU(), nn.Linear(1024, 128 * 49), nn.ReLU(), nn.Unflatten(1, (128, 7, 7)),
            nn.ConvTranspose2d(128, 64, 4, 2, 1), nn.ReLU(), nn.ConvTranspose2d(64, 1, 4, 2, 1))

    def forward(self, x):
        """-log p(x|z) + weight MMD^2 in nats, averaged over the batch."""
        h = self.encoder(x)
        mean, log_variance = self.mean(h), self.log_variance(h)
        z = mean + torch.exp(0.5 * log_variance) * torch.randn_like(mean)
        reconstruction = F.binary_cross_entropy_with_logits(self.decoder(z), x, reduction="sum") / len(x)
        prior = torch.randn(PRIOR_DRAWS, CODES)
        mmd = kernel_mean(z, z) + kernel_mean(prior, prior) - 2 * kernel_mean(z, prior)
        return reconstruction + WEIGHT * mmd


def main(options):
    torch.set_num_threads(options.threads)
    torch.manual_seed(options.seed)
    model = MMDVAE()
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

    rounds.converse(f"mmd-vae torch {options.variant}", options, run, torch=torch.__version__)


if __name__ == "__main__":
    main(options)
