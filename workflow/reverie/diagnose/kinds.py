"""The kinds of models, and the tasks."""

NETWORKS = ("lstm", "gru_d", "mlp")
FITS = ("base_rate", "persistence", "logistic", "trees")
ENSEMBLES = ("mean", "max")
TASKS = ("conditions", "death")  # of the Challenge
OWN = "labels"  # the one task of the user's own episodes
