"""Trains the VAE 784-500-500-50 in PyTorch on IDX files and prints its test ELBO and importance-weighted bound.

The yard-stick for results at equal epochs: dynamic binarization, Adam 1e-3, batch 100, PyTorch's initialization.
Numbers are nats, means over test examples; the test set is binarized once, by a draw of its own seed.
"""

import argparse
import gzip
import math
import os
import struct
import time

import rounds

parser = argparse.ArgumentParser(description=__doc__)
parser.add_argument("--data", required=True, help="folder with train-images-idx3-ubyte.gz and t10k-...")
parser.add_argument("--epochs", type=int, default=20)
parser.add_argument("--batch", type=int, default=100)
parser.add_argument("--lr", type=float, default=1e-3)
parser.add_argument("--seed", type=int, default=0)
parser.add_argument("--test-seed", type=int, default=0, help="seed of the binarization of the test set")
parser.add_argument("--latent", type=int, default=50)
parser.add_argument("--hidden", type=int, nargs=2, default=[500, 500], metavar=("OUTER", "INNER"),
                    help="widths, the outer beside the pixels, the inner beside the latent")
parser.add_argument("--iwae", type=int, default=0, help="samples of the importance-weighted bound (0: none)")
parser.add_argument("--iwae-examples", type=int, default=1000, help="test examples it is taken over")
parser.add_argument("--elbo-samples", type=int, default=1, help="draws of z for the ELBO of an example")
parser.add_argument("--every", type=int, default=0, help="test ELBO every n-th epoch (0: at the end)")
parser.add_argument("--train-examples", type=int, default=0, help="use only the first N training examples (0: all)")
parser.add_argument("--threads", type=int, default=2)
options = parser.parse_args()
os.environ.setdefault("OMP_NUM_THREADS", str(options.threads))

import torch  # noqa: E402
import torch.nn.functional as F  # noqa: E402
from torch import nn  # noqa: E402


def images(name):
    """An IDX file of images as bytes, shape [count, rows * columns]."""
    path = os.path.join(options.data, name)
    if os.path.exists(path + ".gz"):
        path += ".gz"
    with (gzip.open if path.endswith(".gz") else open)(path, "rb") as file:
        content = file.read()
    magic, count, rows, columns = struct.unpack(">IIII", content[:16])
    if magic != 2051 or len(content) != 16 + count * rows * columns:
        raise SystemExit(f"{path}: not an IDX file of images")
    return torch.frombuffer(bytearray(content[16:]), dtype=torch.uint8).view(count, rows * columns)


def binarize(pixels, generator=None):
    return torch.bernoulli(pixels.float().div_(255), generator=generator)


class VAE(nn.Module):
    def __init__(self, features, hidden, latent):
        super().__init__()
        outer, inner = hidden
        self.encoder = nn.Sequential(
            nn.Linear(features, outer), nn.ReLU(), nn.Linear(outer, inner), nn.ReLU())
        self.mean = nn.Linear(inner, latent)
        self.log_variance = nn.Linear(inner, latent)
        self.decoder = nn.Sequential(
            nn.Linear(latent, inner), nn.ReLU(), nn.Linear(inner, outer), nn.ReLU(),
            nn.Linear(outer, features))

    def encode(self, x):
        h = self.encoder(x)
        return self.mean(h), self.log_variance(h)

    def log_likelihood(self, x, z):
        """log p(x|z) in nats, shape [batch]."""
        logits = self.decoder(z)
        return -F.binary_cross_entropy_with_logits(logits, x.expand_as(logits), reduction="none").sum(-1)

    def elbo(self, x):
        """The ELBO in nats with the closed-form KL divergence, shape [batch]."""
        mean, log_variance = self.encode(x)
        z = mean + torch.exp(0.5 * log_variance) * torch.randn_like(mean)
        kl = 0.5 * (mean.pow(2) + log_variance.exp() - log_variance - 1).sum(-1)
        return self.log_likelihood(x, z) - kl

    def loss(self, x):
        """-mean of the ELBO, as one fused reduction."""
        mean, log_variance = self.encode(x)
        z = mean + torch.exp(0.5 * log_variance) * torch.randn_like(mean)
        reconstruction = F.binary_cross_entropy_with_logits(self.decoder(z), x, reduction="sum")
        kl = 0.5 * torch.sum(mean.pow(2) + log_variance.exp() - log_variance - 1)
        return (reconstruction + kl) / x.shape[0]

    def importance_weighted_bound(self, x, samples, chunk=1000):
        """log 1/K sum of p(x, z_k) / q(z_k|x) in nats for each x (Burda et al. 2016, Eq. 8)."""
        bounds = []
        for example in x:
            mean, log_variance = self.encode(example[None])
            terms = []
            for begin in range(0, samples, chunk):
                eps = torch.randn(min(chunk, samples - begin), mean.shape[1])
                z = mean + torch.exp(0.5 * log_variance) * eps
                # The constants of log p(z) and log q(z|x) cancel.
                terms.append(self.log_likelihood(example[None], z) - 0.5 * z.pow(2).sum(-1)
                             + 0.5 * (eps.pow(2) + log_variance).sum(-1))
            bounds.append(torch.logsumexp(torch.cat(terms), 0) - math.log(samples))
        return torch.stack(bounds)


def test_elbo(model, test):
    with torch.inference_mode():
        passes = [torch.cat([model.elbo(x) for x in test.split(1000)]) for _ in range(options.elbo_samples)]
        return torch.stack(passes).mean().item()


def main():
    torch.set_num_threads(options.threads)
    torch.manual_seed(options.seed)
    train = images("train-images-idx3-ubyte")
    if options.train_examples:
        train = train[:options.train_examples]
    test = binarize(images("t10k-images-idx3-ubyte"), torch.Generator().manual_seed(options.test_seed))
    model = VAE(train.shape[1], options.hidden, options.latent)
    optimizer = torch.optim.Adam(model.parameters(), lr=options.lr, fused=True)

    training_seconds = 0.0
    for epoch in range(1, options.epochs + 1):
        began = time.perf_counter()
        total = torch.zeros(())
        batches = torch.randperm(len(train)).split(options.batch)
        for rows in batches:
            loss = model.loss(binarize(train[rows]))
            optimizer.zero_grad(set_to_none=True)
            loss.backward()
            optimizer.step()
            total += loss.detach() * len(rows)
        train_elbo = -total.item() / len(train)
        seconds = time.perf_counter() - began
        training_seconds += seconds
        record = {"epoch": epoch, "train_elbo_nats": round(train_elbo, 3), "seconds": round(seconds, 2),
                  "ms_per_step": round(seconds / len(batches) * 1e3, 3)}
        if options.every and epoch % options.every == 0:
            record["test_elbo_nats"] = round(test_elbo(model, test), 3)
        rounds.say(**record)

    result = {"name": "vae train torch", "epochs": options.epochs, "seed": options.seed,
              "test_elbo_nats": round(test_elbo(model, test), 3), "training_seconds": round(training_seconds, 1)}
    if options.iwae:
        with torch.inference_mode():
            bounds = model.importance_weighted_bound(test[:options.iwae_examples], options.iwae)
            first = test_elbo(model, test[:options.iwae_examples])
        result |= {"iwae_samples": options.iwae, "iwae_examples": len(bounds),
                   "iwae_nats": round(bounds.mean().item(), 3),
                   "iwae_standard_error_nats": round(bounds.std().item() / math.sqrt(len(bounds)), 3),
                   "elbo_of_those_examples_nats": round(first, 3)}
    rounds.say(**result)


if __name__ == "__main__":
    main()
