"""The results: one JSON file that partial runs merge into, and the Markdown page that is made from it."""
import json

from harness import ROOT, figures, machine

FOLDER = ROOT / "docs/benchmarks"


class Report:
    def __init__(self, name, title, head, items, folder=FOLDER):
        self.path, self.page = folder / f"{name}.json", folder / f"{name}.md"
        self.title, self.head, self.items = title, head, items
        self.results = json.loads(self.path.read_text()) if self.path.exists() else {}

    def put(self, item, data, seconds):
        """Also writes both files, so that a run which is broken off has left what it measured."""
        self.results[item.NAME] = {"machine": machine.describe()} | machine.stamp() | {
            "took_s": round(seconds), "data": data}
        self.path.parent.mkdir(parents=True, exist_ok=True)
        if hasattr(item, "draw"):
            figures.write(self.figure(item), item.TITLE, lambda axes: item.draw(data, axes))
        self.path.write_text(json.dumps(self.results, indent=1) + "\n")
        self.page.write_text(self.markdown())

    def figure(self, item):
        return self.path.with_name(f"{self.page.stem}-{item.NAME}.svg")

    def section(self, item):
        """One item's text, or what is missing."""
        result = self.results.get(item.NAME)
        if not result:
            return f"Not measured yet: `./dev bench {self.page.stem} --only {item.NAME}`.\n"
        where, figure = result["machine"], self.figure(item)
        picture = f"\n![{item.TITLE}]({figure.name})\n" if hasattr(item, "draw") and figure.exists() else ""
        try:
            text = item.table(result["data"])
        except KeyError:  # what an older version measured
            return f"Not measured by this version yet: `./dev bench {self.page.stem} --only {item.NAME}`.\n"
        return text + picture + (
            f"\nMeasured on {result['date']} at {result['commit']}: {where['cpu']}, {where['cores']} cores, "
            f"{where['memory_gib']} GiB, Linux {where['kernel']}; it took {result['took_s']} s.\n")

    def markdown(self):
        sections = [f"## {number}. {item.TITLE}\n\n{self.section(item)}"
                    for number, item in enumerate(self.items, 1)]
        return f"# {self.title}\n\n{self.head}\n\n" + "\n".join(sections)


def table(head, rows):
    """A Markdown table of texts, padded so that it is a table on a terminal, too."""
    widths = [max(len(str(row[i])) for row in [head, *rows]) for i in range(len(head))]
    line = lambda row: "| " + " | ".join(str(cell).ljust(width) for cell, width in zip(row, widths)) + " |"  # noqa: E731
    return "\n".join([line(head), "|" + "|".join("-" * (width + 2) for width in widths) + "|", *map(line, rows)]) + "\n"
