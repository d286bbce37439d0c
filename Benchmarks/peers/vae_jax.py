"""One optimizer step of the VAE 784-500-500-50 in JAX: a single jitted update with donated buffers."""

import os

import rounds

parser = rounds.arguments(__doc__)
parser.add_argument("--with-data", action="store_true",
                    help="count gathering and binarizing a fresh batch of bytes in the step")
options = parser.parse_args()

# XLA sizes its thread pool by the processors it is allowed to use, so the process is confined to `--threads` of them.
if hasattr(os, "sched_setaffinity"):
    allowed = sorted(os.sched_getaffinity(0))[:options.threads]
    os.sched_setaffinity(0, allowed)
os.environ.setdefault("JAX_PLATFORMS", "cpu")

from functools import partial  # noqa: E402

import jax  # noqa: E402
import jax.numpy as jnp  # noqa: E402

LAYERS = {
    "encoder0": (784, 500), "encoder1": (500, 500), "mean": (500, 50), "log_variance": (500, 50),
    "decoder0": (50, 500), "decoder1": (500, 500), "decoder2": (500, 784),
}


def initialize(key):
    """PyTorch's defaults for nn.Linear: uniform in +-1/sqrt(fan in), weight and bias alike."""
    parameters = {}
    for name, (inputs, outputs) in LAYERS.items():
        key, for_weight, for_bias = jax.random.split(key, 3)
        bound = inputs ** -0.5
        parameters[name] = {
            "weight": jax.random.uniform(for_weight, (inputs, outputs), minval=-bound, maxval=bound),
            "bias": jax.random.uniform(for_bias, (outputs,), minval=-bound, maxval=bound),
        }
    return parameters


def loss_of(parameters, x, key):
    def linear(name, h):
        return h @ parameters[name]["weight"] + parameters[name]["bias"]

    h = jax.nn.relu(linear("encoder1", jax.nn.relu(linear("encoder0", x))))
    mean, log_variance = linear("mean", h), linear("log_variance", h)
    z = mean + jnp.exp(0.5 * log_variance) * jax.random.normal(key, mean.shape)
    h = jax.nn.relu(linear("decoder1", jax.nn.relu(linear("decoder0", z))))
    logits = linear("decoder2", h)
    reconstruction = jnp.sum(jax.nn.softplus(logits) - x * logits)
    kl = 0.5 * jnp.sum(mean ** 2 + jnp.exp(log_variance) - log_variance - 1)
    return (reconstruction + kl) / x.shape[0]


@partial(jax.jit, donate_argnums=(0,))
def update(state, source, lr=1e-3, beta1=0.9, beta2=0.999, eps=1e-8):
    key, for_noise, for_rows, for_bits = jax.random.split(state["key"], 4)
    if options.with_data:
        rows = jax.random.randint(for_rows, (options.batch,), 0, source.shape[0])
        x = jax.random.bernoulli(for_bits, source[rows].astype(jnp.float32) / 255).astype(jnp.float32)
    else:
        x = source
    loss, gradients = jax.value_and_grad(loss_of)(state["parameters"], x, for_noise)
    count = state["count"] + 1
    first = jax.tree.map(lambda m, g: beta1 * m + (1 - beta1) * g, state["first"], gradients)
    second = jax.tree.map(lambda v, g: beta2 * v + (1 - beta2) * g * g, state["second"], gradients)
    scale1, scale2 = 1 - beta1 ** count, 1 - beta2 ** count
    parameters = jax.tree.map(
        lambda p, m, v: p - lr * (m / scale1) / (jnp.sqrt(v / scale2) + eps),
        state["parameters"], first, second)
    return {"parameters": parameters, "first": first, "second": second, "count": count, "key": key}, loss


def main():
    key, for_pixels, for_bits = jax.random.split(jax.random.key(options.seed), 3)
    parameters = initialize(key)
    state = {
        "parameters": parameters,
        "first": jax.tree.map(jnp.zeros_like, parameters),
        "second": jax.tree.map(jnp.zeros_like, parameters),
        "count": jnp.zeros((), jnp.float32),
        "key": key,
    }
    count = 60000 if options.with_data else options.batch
    source = jax.random.randint(for_pixels, (count, 784), 0, 256).astype(jnp.uint8)
    if not options.with_data:
        source = jax.random.bernoulli(for_bits, source / 255).astype(jnp.float32)

    def run(n):
        nonlocal state
        for _ in range(n):
            state, loss = update(state, source)
        jax.block_until_ready((state["parameters"], loss))

    name = "vae jax" + (" with data" if options.with_data else "")
    rounds.converse(name, options, run, jax=jax.__version__)


if __name__ == "__main__":
    main()
