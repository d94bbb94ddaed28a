"""Measure how similar a model rates related and unrelated texts: one says .87 and .71, another .6 and .1."""

from statistics import mean

from afcli.errors import MeaningError
from afcli.meaning.embedder import Embedder
from afcli.meaning.vectors import Model

PAIRS = (
    ("When was the bridge opened?", "The bridge was opened to traffic in May 1932."),
    ("Who wrote the novel?", "The novel was written by a schoolteacher from Cork."),
    ("How many people live on the island?", "About four thousand people live on the island."),
    ("What do bees eat in winter?", "In winter bees live on the honey that they have stored."),
    ("Why did the company close its factory?", "The company shut the factory because sales had fallen."),
    ("Which team won the final?", "The final was won by the home team, two goals to one."),
    ("How is cheese made?", "Cheese is made by curdling milk and pressing the curd."),
    ("What did the minister say about taxes?", "The minister promised that taxes would not rise."),
    ("Can the virus be passed on by touch?", "Doctors say that the virus is not transmitted by touch."),
    ("Where do the birds go in autumn?", "In autumn the birds fly to the south of Spain."),
)
"""Questions, each with its answer; no two pairs have to do with each other."""


def gauged(embedder: Embedder) -> Model:
    """Return the model of *embedder* with the mean similarity of questions to others' answers and to their own.

    Raises MeaningError as embedder.Embedder does, and where the model cannot tell them apart.
    """
    questions, answers = zip(*PAIRS, strict=True)
    asked, told = embedder.embed(questions, query=True), embedder.embed(answers, query=False)
    found = [[sum(a * b for a, b in zip(one, other, strict=True)) for other in told] for one in asked]
    own = [row[n] for n, row in enumerate(found)]
    others = [value for n, row in enumerate(found) for m, value in enumerate(row) if m != n]
    if mean(own) <= mean(others):
        raise MeaningError(f"{embedder.name} does not find an answer closer to its question than to another")
    return Model(embedder.name, mean(others), mean(own))
