"""One optimizer step of a VAE 784-500-500-32 with a posterior beyond a Gaussian in PyTorch, as a competent user writes it.

planar: 80 planar layers (Rezende & Mohamed 2015). iaf: 8 inverse autoregressive layers with masked weights (Kingma et
al. 2016). hvi: 16 leapfrog steps on log p(x, z), differentiated through (Salimans et al. 2015).
"""

import math
import os

import rounds

parser = rounds.arguments(__doc__)
parser.add_argument("--variant", choices=["default", "fused"], default="default",
                    help="default: Adam's default arguments; fused: Adam(fused=True)")
parser.add_argument("--posterior", choices=["planar", "iaf", "hvi"], default="planar")

if __name__ == "__main__":
    options = parser.parse_args()
    os.environ.setdefault("OMP_NUM_THREADS", str(options.threads))

import torch
import torch.nn.functional as F
from torch import nn

PIXELS, HIDDEN, CODES = 784, 500, 32


def log_normal(x, mean, log_variance):
    squared = (x - mean).square() * torch.exp(-log_variance)
    return -0.5 * (squared + log_variance + math.log(2 * math.pi)).sum(1)


def log_standard_normal(x):
    return -0.5 * (x.square() + math.log(2 * math.pi)).sum(1)


class Planar(nn.Module):
    def __init__(self, layers=80):
        super().__init__()
        self.layers = layers
        self.u, self.w = (nn.Linear(HIDDEN, layers * CODES) for _ in range(2))
        self.b = nn.Linear(HIDDEN, layers)

    def forward(self, z, h):
        u, w, b = self.u(h).view(-1, self.layers, CODES), self.w(h).view(-1, self.layers, CODES), self.b(h)
        slope = (w * u).sum(2, keepdim=True)
        u = u + (F.softplus(slope) - 1 - slope) * w / w.square().sum(2, keepdim=True)
        bends = []
        for u_t, w_t, b_t in zip(u.unbind(1), w.unbind(1), b.unbind(1)):
            bend = torch.tanh((w_t * z).sum(1) + b_t)
            z = z + u_t * bend.unsqueeze(1)
            bends.append(bend)
        bends = torch.stack(bends, 1)
        return z, torch.log(torch.abs(1 + (1 - bends.square()) * (w * u).sum(2))).sum(1)


class Masked(nn.Linear):
    def __init__(self, inputs, outputs, mask):
        super().__init__(inputs, outputs)
        self.register_buffer("mask", mask)

    def forward(self, x):
        return F.linear(x, self.weight * self.mask, self.bias)


class MADE(nn.Module):
    def __init__(self, hidden, context):
        super().__init__()
        places, degrees = torch.arange(CODES), torch.arange(hidden) * CODES // hidden
        self.input = Masked(CODES, hidden, (places < degrees[:, None]).float())
        self.context = nn.Linear(context, hidden, bias=False)
        self.output = Masked(hidden, 2 * CODES, (degrees <= places[:, None]).float().repeat(2, 1))

    def forward(self, z, context):
        return self.output(F.elu(self.input(z) + self.context(context))).chunk(2, 1)


class IAF(nn.Module):
    def __init__(self, layers=8, hidden=128, context=32):
        super().__init__()
        self.context = nn.Linear(HIDDEN, context)
        self.layers = nn.ModuleList(MADE(hidden, context) for _ in range(layers))

    def forward(self, z, h):
        context, log_det = self.context(h), 0
        for layer in self.layers:
            shift, gate = layer(z, context)
            shift, gate = 0.1 * shift, 1 + 0.01 * gate
            sigma = torch.sigmoid(gate)
            z = (sigma * z + (1 - sigma) * shift) / (1 / (1 + math.exp(-1)))
            log_det = log_det + (F.logsigmoid(gate) + math.log(1 + math.exp(-1))).sum(1)
            z = z.flip(1)
        return z, log_det


class VAE(nn.Module):
    def __init__(self, posterior):
        super().__init__()
        self.encoder = nn.Sequential(nn.Linear(PIXELS, HIDDEN), nn.ReLU(), nn.Linear(HIDDEN, HIDDEN), nn.ReLU())
        self.heads = nn.Linear(HIDDEN, 2 * CODES)
        self.decoder = nn.Sequential(
            nn.Linear(CODES, HIDDEN), nn.ReLU(), nn.Linear(HIDDEN, HIDDEN), nn.ReLU(), nn.Linear(HIDDEN, PIXELS))
        self.posterior = posterior

    def log_likelihood(self, x, z):
        return -F.binary_cross_entropy_with_logits(self.decoder(z), x, reduction="none").sum(1)

    def forward(self, x):
        h = self.encoder(x)
        mean, log_variance = self.heads(h).chunk(2, 1)
        z0 = mean + torch.exp(0.5 * log_variance) * torch.randn_like(mean)
        log_q = log_normal(z0, mean, log_variance)
        if isinstance(self.posterior, HMC):
            return -self.posterior(self, x, z0, log_q).mean()
        z, log_det = self.posterior(z0, h)
        return -(self.log_likelihood(x, z) + log_standard_normal(z) - log_q + log_det).mean()


class HMC(nn.Module):
    def __init__(self, steps=16, hidden=640):
        super().__init__()
        self.log_step = nn.Parameter(torch.full((steps,), math.log(0.05)))
        self.log_scale = nn.Parameter(torch.zeros(CODES))
        self.reverse = nn.Sequential(nn.Linear(PIXELS + CODES, hidden), nn.ReLU(), nn.Linear(hidden, 2 * CODES))

    def forward(self, model, x, z, log_q):
        def force(z):
            log_joint = model.log_likelihood(x, z) + log_standard_normal(z)
            return log_joint, torch.autograd.grad(log_joint.sum(), z, create_graph=True)[0]

        v0 = v = torch.randn_like(z)
        _, gradient = force(z)
        for log_step in self.log_step:
            length = torch.exp(log_step - self.log_scale)
            v = v + 0.5 * length * gradient
            z = z + length * v
            log_joint, gradient = force(z)
            v = v + 0.5 * length * gradient
        log_r = log_normal(v, *self.reverse(torch.cat([x, z], 1)).chunk(2, 1))
        return log_joint + log_r - log_q - log_standard_normal(v0)


def main(options):
    torch.set_num_threads(options.threads)
    torch.manual_seed(options.seed)
    model = VAE({"planar": Planar, "iaf": IAF, "hvi": HMC}[options.posterior]())
    optimizer = torch.optim.Adam(
        model.parameters(), lr=1e-3, **({} if options.variant == "default" else {"fused": True}))
    x = torch.randint(0, 2, (options.batch, PIXELS)).float()

    def run(n):
        for _ in range(n):
            optimizer.zero_grad(set_to_none=True)
            loss = model(x)
            loss.backward()
            optimizer.step()
        loss.item()

    rounds.converse(f"vae torch {options.posterior} {options.variant}", options, run, torch=torch.__version__)


if __name__ == "__main__":
    main(options)
