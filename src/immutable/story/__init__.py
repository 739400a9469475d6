"""A case in plain words, by rule and without a model: the events as facts, the sentences about them, a draft of the answer."""
