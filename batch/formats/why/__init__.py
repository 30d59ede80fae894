"""How a figure came about, in sentences: the words of figures, rules and evidence, and the tree as lines of text."""
