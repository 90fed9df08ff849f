"""The identities of section B, symbol by symbol: p = sigma(z), any rate."""

import pytest
import sympy as sp

p, eta = sp.symbols("p eta", positive=True)
z = sp.symbols("z", real=True)
beta = 1 - 2 * eta
m = beta * p + eta
sigma = 1 / (1 + sp.exp(-z))


def slope(loss):
    """Return the derivative of a loss of p in z: dp/dz = p (1 - p)."""
    return sp.diff(loss, p) * p * (1 - p)


def mean(right, wrong):
    """Return the mean over the label."""
    return (1 - eta) * right + eta * wrong


clean, other = -sp.log(p), -sp.log(1 - p)
forward = slope(-sp.log(m)), slope(-sp.log(1 - m))
backward = (
    slope((1 - eta) * clean - eta * other) / beta,
    slope((1 - eta) * other - eta * clean) / beta,
)
weight = beta**2 * p * (1 - p) / (m * (1 - m))
kappa = eta * (1 - eta) / beta**2
steepest = sp.sqrt(eta) / (sp.sqrt(eta) + sp.sqrt(1 - eta))
push = p * (1 - p) ** 2 / (kappa + p * (1 - p))
area = z + sp.exp(z) + kappa * (3 * z + 3 * sp.exp(z) + sp.exp(2 * z) / 2 - sp.exp(-z))

IDENTITIES = {
    "B1": mean(*forward) - weight * slope(clean),
    "B2": sp.diff(forward[0], p).subs(p, steepest),
    "B3": mean(*backward) - slope(clean),
    "B4, backward": (backward[0] - backward[1]) ** 2 - 1 / beta**2,
    "B4, forward": (forward[0] - forward[1]) ** 2
    - (beta * p * (1 - p) / (m * (1 - m))) ** 2,
    "B5": mean(*forward) + push,
    "B6": (sp.diff(area, z) - (1 / push).subs(p, sigma)),
    "B7": (m - 1) - beta * backward[0],
}


@pytest.mark.parametrize("name", IDENTITIES)
def test_an_identity_holds_for_all_symbols(name):
    assert sp.simplify(sp.together(IDENTITIES[name])) == 0


def test_an_identity_with_another_factor_does_not():
    """Negative control: B1 with beta in place of its square."""
    assert sp.simplify(mean(*forward) - weight / beta * slope(clean)) != 0
