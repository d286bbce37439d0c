"""Writes Tests/InferenceTests/Fixtures/convergence.json: chains and what ArviZ says of them.

    pip install arviz==0.22.0 && python Tests/References/convergence.py
"""

import json
import pathlib

import arviz
import numpy as np

rng = np.random.default_rng(7)


def autoregressive(chains, draws, phi):
    x = np.zeros((chains, draws))
    x[:, 0] = rng.normal(size=chains)
    for t in range(1, draws):
        x[:, t] = phi * x[:, t - 1] + np.sqrt(1 - phi**2) * rng.normal(size=chains)
    return x.round(4)


apart = autoregressive(4, 40, 0.2)
apart[0] += 1.5
wide = autoregressive(4, 40, 0.0)
wide[2] *= 5  # equal means, another scale: only the folded draws show it
cases = {
    "independent": autoregressive(4, 50, 0.0),
    "slow": autoregressive(4, 60, 0.9),
    "antithetic": autoregressive(3, 50, -0.6),
    "odd length": autoregressive(2, 41, 0.5),
    "one chain": autoregressive(1, 50, 0.3),
    "apart": apart,
    "wide": wide.round(4),
    "ties": rng.integers(0, 3, size=(4, 30)).astype(float),
    "heavy tails": rng.standard_cauchy(size=(4, 50)).round(4),
    "short": autoregressive(2, 8, 0.5),
}
found = [
    {
        "name": name,
        "chains": x.tolist(),
        # ArviZ has no R-hat of one chain.
        "rhat": float(arviz.rhat(x, method="rank")) if len(x) > 1 else None,
        "bulk": float(arviz.ess(x, method="bulk")),
        "tail": float(arviz.ess(x, method="tail")),
        "mean": float(arviz.ess(x, method="mean")),
    }
    for name, x in cases.items()
]
path = pathlib.Path(__file__).parents[1] / "InferenceTests/Fixtures/convergence.json"
path.write_text(json.dumps(found))
