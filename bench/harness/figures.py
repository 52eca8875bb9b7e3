"""Figures, where matplotlib is installed (./dev bench sees to that)."""


def write(path, title, draw):
    """draw(axes). Leaves an older figure as it is where there is no matplotlib."""
    try:
        import matplotlib
    except ImportError:
        return
    matplotlib.use("svg")
    matplotlib.rcParams |= {"svg.fonttype": "none", "svg.hashsalt": "turbo", "font.size": 9}
    from matplotlib import pyplot
    figure, axes = pyplot.subplots(figsize=(11, 3.6), layout="constrained")
    axes.set_title(title)
    axes.spines[["top", "right"]].set_visible(False)
    draw(axes)
    figure.savefig(path, metadata={"Date": None})
    pyplot.close(figure)
