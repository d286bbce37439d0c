"""One optimizer step of the VAE 784-500-500-50 in PyTorch, as a competent user writes it."""

import os

import rounds

parser = rounds.arguments(__doc__)
parser.add_argument("--variant", choices=["default", "fused", "compile"], default="default",
                    help="default: Adam's default arguments; fused: Adam(fused=True); "
                         "compile: the loss under torch.compile, and fused Adam")
parser.add_argument("--bf16", action="store_true", help="matrix products in bfloat16 by autocast")
parser.add_argument("--with-data", action="store_true",
                    help="count gathering and binarizing a fresh batch of bytes in the step")

if __name__ == "__main__":
    options = parser.parse_args()
    os.environ.setdefault("OMP_NUM_THREADS", str(options.threads))

import torch
import torch.nn.functional as F
from torch import nn


class VAE(nn.Module):
    """Bernoulli decoder, Gaussian encoder with a mean head and a log-variance head."""

    def __init__(self, features=784, hidden=500, latent=50):
        super().__init__()
        self.encoder = nn.Sequential(
            nn.Linear(features, hidden), nn.ReLU(), nn.Linear(hidden, hidden), nn.ReLU())
        self.mean = nn.Linear(hidden, latent)
        self.log_variance = nn.Linear(hidden, latent)
        self.decoder = nn.Sequential(
            nn.Linear(latent, hidden), nn.ReLU(), nn.Linear(hidden, hidden), nn.ReLU(),
            nn.Linear(hidden, features))

    def encode(self, x):
        h = self.encoder(x)
        return self.mean(h), self.log_variance(h)

    def forward(self, x):
        """The negative ELBO in nats, averaged over the batch (Kingma & Welling 2014, Eq. 10)."""
        mean, log_variance = self.encode(x)
        z = mean + torch.exp(0.5 * log_variance) * torch.randn_like(mean)
        logits = self.decoder(z)
        reconstruction = F.binary_cross_entropy_with_logits(logits, x, reduction="sum")
        kl = 0.5 * torch.sum(mean.pow(2) + log_variance.exp() - log_variance - 1)
        return (reconstruction + kl) / x.shape[0]


def main(options):
    torch.set_num_threads(options.threads)
    torch.manual_seed(options.seed)
    model = VAE()
    optimizer = torch.optim.Adam(
        model.parameters(), lr=1e-3, **({} if options.variant == "default" else {"fused": True}))
    loss_of = torch.compile(model) if options.variant == "compile" else model

    pixels = torch.randint(0, 256, (60000 if options.with_data else options.batch, 784),
                           dtype=torch.uint8)
    fixed = torch.bernoulli(pixels[:options.batch].float() / 255)

    def batch():
        if not options.with_data:
            return fixed
        rows = torch.randint(0, len(pixels), (options.batch,))
        return torch.bernoulli(pixels[rows].float().div_(255))

    def step():
        x = batch()
        optimizer.zero_grad(set_to_none=True)
        if options.bf16:
            with torch.autocast("cpu", dtype=torch.bfloat16):
                loss = loss_of(x)
        else:
            loss = loss_of(x)
        loss.backward()
        optimizer.step()
        return loss

    def run(n):
        for _ in range(n):
            loss = step()
        loss.item()

    name = f"vae torch {options.variant}"
    name += " bf16" if options.bf16 else ""
    name += " with data" if options.with_data else ""
    rounds.converse(name, options, run, torch=torch.__version__)


if __name__ == "__main__":
    main(options)
