"""The questions asked of the library, one module each, and the engine that runs them.

``python -m simulations list`` prints them; ``run``, ``status`` and ``verify`` do the
rest. A new question is one short module here and its name in `NAMES`.
"""

#: The simulations, in the order in which they are listed, run and reported.
NAMES: tuple[str, ...] = (
    "rate_in_error",
    "rate_in_margin",
    "rate_in_noise",
    "dimension",
    "tightness",
    "fluid",
    "hitting_time",
    "sure_hits",
    "link",
    "reduction",
    "lemmas",
    "adjustment",
    "landscape",
    "escape",
    "traps",
    "stall",
    "convergence",
    "convergence_rate",
    "consistency",
    "isotonic",
    "calibration",
    "plug_in",
    "noise_rate",
    "weighting",
    "weighted_laws",
    "weighted_descent",
    "active",
    "guide",
    "guide_start",
    "distillation",
    "teacher_noise",
    "mean_iterate",
    "fluid_rules",
    "learners",
    "knowing_alpha",
    "wrong_alpha",
    "sample_complexity",
    "ckmy",
    "convex_fails",
    "real_data",
)
