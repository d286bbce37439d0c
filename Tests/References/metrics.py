"""Writes Tests/EvaluationTests/Fixtures/metrics.json: small arrays and what other implementations make of them.

    pip install numpy scipy POT && python Tests/References/metrics.py

Transport is by POT (ot.emd2, network simplex) and SciPy (linprog with HiGHS, linear_sum_assignment); the rest is the
definition written with NumPy and SciPy, independently of the library.
"""

import json
import pathlib

import numpy as np
import ot
import scipy.linalg
import scipy.optimize
from scipy.spatial.distance import cdist


def linear_program(costs):
    n, m = costs.shape
    rows = np.kron(np.eye(n), np.ones(m))
    columns = np.kron(np.ones(n), np.eye(m))
    found = scipy.optimize.linprog(
        costs.ravel(), A_eq=np.vstack([rows, columns]),
        b_eq=np.concatenate([np.full(n, 1 / n), np.full(m, 1 / m)]), method="highs")
    return found.fun


def assignment(costs):
    return costs[scipy.optimize.linear_sum_assignment(costs)].mean()


def fid(x, y):
    s1, s2 = np.cov(x, rowvar=False), np.cov(y, rowvar=False)
    root = scipy.linalg.sqrtm(s1 @ s2)
    return np.sum((x.mean(0) - y.mean(0)) ** 2) + np.trace(s1 + s2 - 2 * root.real)


def kid(x, y):
    kernel = lambda a, b: (a @ b.T / a.shape[1] + 1) ** 3
    within = lambda a: (kernel(a, a).sum() - np.trace(kernel(a, a))) / (len(a) * (len(a) - 1))
    return within(x) + within(y) - 2 * kernel(x, y).mean()


def prdc(x, y, k):
    radius = lambda a: np.sort(cdist(a, a), axis=1)[:, k]
    cross = cdist(x, y)
    in_real, in_generated = cross < radius(x)[:, None], cross < radius(y)[None, :]
    return [in_real.any(0).mean(), in_generated.any(1).mean(), in_real.sum(0).mean() / k,
            (cross.min(1) < radius(x)).mean()]


def inception_score(p, splits):
    scores = []
    for i in range(splits):
        part = p[i * len(p) // splits:(i + 1) * len(p) // splits]
        kl = (part * (np.log(part) - np.log(part.mean(0)))).sum(1)
        scores.append(np.exp(kl.mean()))
    return [np.mean(scores), np.std(scores)]


rng = np.random.default_rng(20)
cases = []
for n, m, d in [(7, 7, 2), (12, 18, 3), (1, 9, 2), (20, 13, 5), (30, 30, 1), (25, 40, 1)]:
    x, y = rng.normal(size=(n, d)), rng.normal(size=(m, d)) * 1.5 + 0.5
    costs = cdist(x, y)
    case = {"x": x.tolist(), "y": y.tolist(), "emd2": float(ot.emd2(ot.unif(n), ot.unif(m), costs)),
            "linprog": linear_program(costs)}
    if n == m:
        case["assignment"] = assignment(costs)
    cases.append(case)

x, y = rng.normal(size=(40, 6)), rng.normal(size=(50, 6)) * 1.2 + 0.3
p = rng.dirichlet(np.ones(5), size=33)
fixture = {
    "transport": cases,
    "features": {"x": x.tolist(), "y": y.tolist(), "fid": fid(x, y), "kid": kid(x, y), "prdc": prdc(x, y, 5),
                 "prdc1": prdc(x, y, 1)},
    "probabilities": {"p": p.tolist(), "score10": inception_score(p, 10), "score1": inception_score(p, 1)},
}
path = pathlib.Path(__file__).parents[1] / "EvaluationTests" / "Fixtures" / "metrics.json"
path.write_text(json.dumps(fixture) + "\n")
