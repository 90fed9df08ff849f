"""Tables of the guide about where forward adjustment stalls."""

from pathlib import Path

from simulations.engine.results import load
from simulations.landscape_measures import stalls
from simulations.markdown import table

SCALE = "paper"


def stuck(folder: Path) -> list[str]:
    """Return the share of runs stuck, of each rule on laws at the common mass."""
    spec = load("stall", SCALE, folder)["spec"]
    rows: list[tuple[str, ...]] = []
    named = [("forward", step) for step in spec["steps"]]
    named += [(rule, None) for rule in spec["rules"]]
    for law in ("two", "three"):
        for rule, step in named:
            cells = stalls(
                law=law,
                rule=rule,
                step=step,
                mass=spec["mass"],
                scale=SCALE,
                folder=folder,
            )
            found = {it["cell"]["height"]: it["row"] for it in cells}
            texts = [
                f"{found[h]['stuck'] / found[h]['trials']:.2f}" if h in found else ""
                for h in spec["heights"]
            ]
            name = rule if step is None else f"{rule}, step {step:g}"
            rows.append((f"{law} atoms", name, *texts))
    ratios = {
        it["cell"]["height"]: it["row"]["stall_ratio"]
        for it in stalls(SCALE, folder, rule="forward")
    }
    heads = (f"h = {h:g}, r = {ratios[h]:.2f}" for h in spec["heights"])
    return table(("share stuck", "rule", *heads), rows)
