"""The mean forward descent with small steps, as an ordinary differential equation."""

import numpy as np
from scipy import integrate

from halfspace._check import Array
from halfspace.finite import Atoms
from halfspace.theory.landscape import forward_drift


def path_of_flow(law: Atoms, rate: float, start: Array, at: Array) -> Array:
    """Return w at the times `at`, shape (k, d), from `start` at time 0.

    >>> law = Atoms(points=((1.0, 0.0),), weights=(1.0,))
    >>> path_of_flow(law, 0.25, np.zeros(2), np.array([1.0, 100.0])).round(3)
    array([[0.121, 0.   ],
           [2.497, 0.   ]])
    """
    points, weights = np.array(law.points), np.array(law.weights)

    def slope(log_time: float, w: Array) -> Array:
        push: Array = (weights * forward_drift(points @ w, rate)) @ points
        push *= np.exp(log_time)
        return push

    found = integrate.solve_ivp(
        slope,
        (np.log(at[0]) - 10, np.log(at[-1])),
        start,
        method="LSODA",
        t_eval=np.log(at),
        rtol=1e-8,
        atol=1e-10,
    )
    if found.status != 0:
        raise RuntimeError(found.message)
    path: Array = found.y.T
    return path


def end_of_flow(law: Atoms, rate: float, start: Array, *, horizon: float) -> Array:
    """Return the margins s w.x of the atoms at a time: of the sign they keep.

    >>> law = Atoms(points=((1.0, 0.0),), weights=(1.0,))
    >>> end_of_flow(law, 0.25, np.zeros(2), horizon=100.0).round(3)
    array([2.497])
    """
    path = path_of_flow(law, rate, start, np.array([1e-3, horizon]))
    margins: Array = np.array(law.points) @ path[-1]
    return margins
