"""Abstract interpretation of rule texts in Python: nothing of a text is run, its syntax tree is followed."""
