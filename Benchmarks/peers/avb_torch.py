"""One round of adversarial variational Bayes with adaptive contrast (Mescheder et al. 2017) in PyTorch, as a competent
user writes it: both players on one batch, each with its own Adam.
"""

import math
import os

import rounds

parser = rounds.arguments(__doc__)
parser.add_argument("--variant", choices=["default", "batched", "compile"], default="default",
                    help="default: a module for every noise, Adam's default arguments; batched: the noises as batched "
                         "products, Adam(fused=True); compile: that under torch.compile")

if __name__ == "__main__":
    options = parser.parse_args()
    os.environ.setdefault("OMP_NUM_THREADS", str(options.threads))

import torch
import torch.nn.functional as F
from torch import nn

CODES, BASIS, NOISE, HIDDEN, WIDTH = 32, 32, 64, 128, 1024


class NoiseList(nn.Module):
    """32 networks of their own."""

    def __init__(self):
        super().__init__()
        self.nets = nn.ModuleList(
            nn.Sequential(nn.Linear(NOISE, HIDDEN), nn.ELU(), nn.Linear(HIDDEN, HIDDEN), nn.ELU(),
                          nn.Linear(HIDDEN, HIDDEN), nn.ELU(), nn.Linear(HIDDEN, CODES)) for _ in range(BASIS))

    def forward(self, rows):
        return torch.stack([net(torch.randn(rows, NOISE)) for net in self.nets])


class NoiseBatch(nn.Module):
    """The same as one product a layer."""

    def __init__(self):
        super().__init__()
        widths = [NOISE, HIDDEN, HIDDEN, HIDDEN, CODES]
        self.weights = nn.ParameterList(
            nn.Parameter(torch.empty(BASIS, a, b).uniform_(-1 / math.sqrt(a), 1 / math.sqrt(a)))
            for a, b in zip(widths, widths[1:]))
        self.biases = nn.ParameterList(nn.Parameter(torch.zeros(BASIS, 1, b)) for b in widths[1:])

    def forward(self, rows):
        h = torch.randn(BASIS, rows, NOISE)
        for index, (weight, bias) in enumerate(zip(self.weights, self.biases)):
            h = torch.baddbmm(bias, h, weight)
            h = F.elu(h) if index < len(self.weights) - 1 else h
        return h


class Autoencoder(nn.Module):
    def __init__(self, noises):
        super().__init__()
        self.noises = noises
        self.encoder = nn.Sequential(
            nn.Conv2d(1, 16, 5, 2, 2), nn.ELU(), nn.Conv2d(16, 32, 5, 2, 2), nn.ELU(), nn.Conv2d(32, 32, 5, 2, 2),
            nn.ELU(), nn.Flatten(), nn.Linear(512, 800), nn.ELU())
        self.shift = nn.Linear(800, CODES)
        self.coefficients = nn.Linear(800, BASIS * CODES)
        self.decoder = nn.Sequential(
            nn.Linear(CODES, 300), nn.Softplus(), nn.Linear(300, 512), nn.Softplus(), nn.Unflatten(1, (32, 4, 4)),
            nn.ConvTranspose2d(32, 32, 5, 2, 2), nn.Softplus(), nn.ConvTranspose2d(32, 16, 5, 2, 2, 1), nn.Softplus(),
            nn.ConvTranspose2d(16, 1, 5, 2, 2, 1))

    def encode(self, x):
        """z, and the moments of q(z|x) by those of the batch's noises."""
        h = self.encoder(2 * x - 1)
        a = (F.elu(self.coefficients(h) - 5) + 1).view(-1, BASIS, CODES).transpose(0, 1)
        v = self.noises(len(x))
        shift = self.shift(h)
        z = shift + (a * v).sum(0)
        with torch.no_grad():
            mean = shift + (a * v.mean(1, keepdim=True)).sum(0)
            variance = (a.square() * v.var(1, correction=0, keepdim=True)).sum(0)
        return z, mean, (variance + 1e-4).sqrt()


def layers(inputs):
    widths = [inputs, WIDTH, WIDTH, WIDTH, WIDTH]
    parts = [part for a, b in zip(widths, widths[1:]) for part in (nn.Linear(a, b), nn.LeakyReLU(0.2))]
    return nn.Sequential(*parts, nn.Linear(WIDTH, 1))


class Critic(nn.Module):
    def __init__(self):
        super().__init__()
        self.both, self.of_x, self.of_z = layers(784 + CODES), layers(784), layers(CODES)

    def forward(self, x, z):
        x = x.flatten(1)
        logit = self.both(torch.cat([x, z], 1)) + self.of_x(x) + self.of_z(z)
        return logit.squeeze(1) + z.square().sum(1) / 2


def log_normal(z, mean, deviation):
    return -0.5 * (((z - mean) / deviation).square() + math.log(2 * math.pi)).sum(1) - deviation.log().sum(1)


class Losses(nn.Module):
    def __init__(self, noises):
        super().__init__()
        self.autoencoder, self.critic = Autoencoder(noises), Critic()

    def forward(self, x):
        """Both players' losses on one batch, made before either moves."""
        z, mean, deviation = self.autoencoder.encode(x)
        normalized = (z - mean) / deviation
        ratio = self.critic(x, normalized)
        kl = ratio + log_normal(z, mean, deviation) - log_normal(z, torch.zeros_like(z), torch.ones_like(z))
        reconstruction = F.binary_cross_entropy_with_logits(
            self.autoencoder.decoder(z), x, reduction="none").sum((1, 2, 3))
        fake = self.critic(x, normalized.detach())
        real = self.critic(x, torch.randn_like(z))
        return (reconstruction + kl).mean(), (F.softplus(-fake) + F.softplus(real)).mean() / 2


def main(options):
    torch.set_num_threads(options.threads)
    torch.manual_seed(options.seed)
    model = Losses(NoiseList() if options.variant == "default" else NoiseBatch())
    fused = {} if options.variant == "default" else {"fused": True}
    primal = torch.optim.Adam(model.autoencoder.parameters(), lr=5e-5, betas=(0.5, 0.999), **fused)
    adversary = torch.optim.Adam(model.critic.parameters(), lr=1e-4, betas=(0.5, 0.999), **fused)
    losses = torch.compile(model) if options.variant == "compile" else model
    mine, theirs = list(model.autoencoder.parameters()), list(model.critic.parameters())
    x = torch.bernoulli(torch.full((options.batch, 1, 28, 28), 0.5))

    def run(n):
        for _ in range(n):
            own, opposed = losses(x)
            for parameters, gradients in (
                    (mine, torch.autograd.grad(own, mine, retain_graph=True)),
                    (theirs, torch.autograd.grad(opposed, theirs))):
                for parameter, gradient in zip(parameters, gradients):
                    parameter.grad = gradient
            primal.step()
            adversary.step()
        own.item()

    rounds.converse(f"avb-ac torch {options.variant}", options, run, torch=torch.__version__)


if __name__ == "__main__":
    main(options)
