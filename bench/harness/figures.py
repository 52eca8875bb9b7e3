"""Figures, where matplotlib is installed (./dev bench sees to that). They look like turbo-curves' and turbo-simulate's: colours that
colour-blind people tell apart, and dashes, markers and hatching for a grey print; the legend beside the data."""

COLOURS = ["#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#333333", "#8C6D46"]
DASHES = ["-", (0, (5, 2)), (0, (1.2, 1.6)), (0, (6, 1.6, 1.2, 1.6)), (0, (2.6, 1.6)), (0, (8, 2, 2.6, 2)), (0, (6, 1.6, 1.2, 1.6, 1.2, 1.6)),
          (0, (10, 3))]
MARKERS = "osDv^xP*"
HATCHES = ["", "////", "\\\\\\\\", "----", "||||", "xxxx"]
MOST_MARKERS = 10  # of a line; each begins at another of its points, so that lines on each other show the markers of both


def write(path, title, draw):
    """draw(axes), with a label for everything that the legend is to name. Leaves an older figure as it is where there is no
    matplotlib."""
    try:
        import matplotlib
    except ImportError:
        return
    matplotlib.use("svg")
    matplotlib.rcParams |= {"svg.fonttype": "none", "svg.hashsalt": "turbo", "font.size": 9, "lines.linewidth": 1.3,
                            "lines.markersize": 4, "hatch.color": "white",
                            "axes.prop_cycle": matplotlib.cycler(color=COLOURS, linestyle=DASHES, marker=list(MARKERS))}
    from matplotlib import container, pyplot
    figure, axes = pyplot.subplots(figsize=(11, 3.9), layout="constrained")
    figure.suptitle(title)
    axes.spines[["top", "right"]].set_visible(False)
    draw(axes)
    for index, line in enumerate(axes.lines):
        distance = -(-len(line.get_xdata()) // MOST_MARKERS)
        line.set_markevery((index % distance, distance))
    bars = [each for each in axes.containers if isinstance(each, container.BarContainer)]
    for index, each in enumerate(bars):
        for patch in each:
            patch.set(hatch=HATCHES[index % len(HATCHES)], facecolor=COLOURS[index % len(COLOURS)])
    longest = max((len(label) for label in axes.get_legend_handles_labels()[1]), default=0)
    axes.legend(loc="lower left", bbox_to_anchor=(0, 1), ncols=max(1, 130 // (longest + 8)), frameon=False)
    figure.savefig(path, metadata={"Date": None})
    pyplot.close(figure)
