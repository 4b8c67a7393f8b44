"""The kinds of models and of writers."""

READERS = ("bag", "rnn", "brnn")  # of sentences, in an alignment model
CELLS = ("rnn", "gru", "lstm")  # of a network that writes
RETRIEVAL = "retrieval"  # a writer that needs no training and has no seed
