"""Medians with their spread."""
import statistics


def spread(values):
    """Of the repeats of one measurement; None among them: it failed."""
    good = [value for value in values if value is not None]
    if not good:
        return None
    return {"median": statistics.median(good), "min": min(good), "max": max(good), "n": len(good)}


def ratio(ours, theirs):
    """Of values taken side by side: the spread of the pairs' ratios."""
    return spread([a / b if a is not None and b else None for a, b in zip(ours, theirs)])


def quantile(values, q):
    """Nearest rank; None of nothing."""
    if not values:
        return None
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(q * len(ordered)))]


def text(value, digits=2, scale=1.0):
    """"0.95 (0.94 to 0.96)"; a dash where nothing was measured."""
    if value is None:
        return "–"
    show = lambda number: f"{number * scale:.{digits}f}"  # noqa: E731
    if value["n"] == 1 or show(value["min"]) == show(value["max"]):
        return show(value["median"])
    return f"{show(value['median'])} ({show(value['min'])} to {show(value['max'])})"
