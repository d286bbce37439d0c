"""How far one step of the no-U-turn sampler goes on N(0, I) in the plane: E[start . end] / 2 at step size 0.4.

    python3 Tests/References/nuts.py

The trajectory is a plain list of states; every aligned dyadic stretch of it is looked at, without recursion over
trees. The mean is the constant in Tests/InferenceTests/ChainTests.swift. Takes about a minute.
"""

import math
import random


def leapfrog(q, p, step):
    p = [a - step / 2 * b for a, b in zip(p, q)]
    q = [b + step * a for a, b in zip(p, q)]
    return q, [a - step / 2 * b for a, b in zip(p, q)]


def dot(a, b):
    return sum(x * y for x, y in zip(a, b))


def turns(states):
    def turned(momenta):
        total = [sum(axis) for axis in zip(*momenta)]
        return dot(total, momenta[0]) <= 0 or dot(total, momenta[-1]) <= 0

    momenta, half = [p for _, p in states], len(states) // 2
    return turned(momenta) or turned(momenta[: half + 1]) or turned(momenta[half - 1 :])


def turns_within(states):
    count = len(states)
    stretches = [
        states[i : i + size]
        for size in (2**k for k in range(1, count.bit_length()))
        for i in range(0, count, size)
    ]
    return any(turns(stretch) for stretch in stretches)


def weight(state, start):
    return math.exp((dot(start[0], start[0]) + dot(start[1], start[1]) - dot(state[0], state[0]) - dot(state[1], state[1])) / 2)


def step(q, size):
    start = (q, [random.gauss(0, 1) for _ in q])
    states, draw = [start], q
    while True:
        backwards = random.random() < 0.5
        new, state = [], states[0] if backwards else states[-1]
        for _ in states:
            state = leapfrog(*state, -size if backwards else size)
            new.append(state)
        if backwards:
            new.reverse()
        if turns_within(new):
            return draw
        weights = [weight(s, start) for s in new]
        if random.random() < sum(weights) / sum(weight(s, start) for s in states):
            draw = random.choices(new, weights)[0][0]
        states = new + states if backwards else states + new
        if turns(states):
            return draw


random.seed(1)
products = []
for _ in range(100_000):
    q = [random.gauss(0, 1), random.gauss(0, 1)]
    products.append(dot(q, step(q, 0.4)) / 2)
mean = sum(products) / len(products)
deviation = math.sqrt(sum((x - mean) ** 2 for x in products) / len(products))
print(f"{mean:.4f} +- {deviation / math.sqrt(len(products)):.4f}")
