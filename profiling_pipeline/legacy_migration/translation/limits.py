"""How large a rule text may be, and how long its translation may take."""

LONGEST_TEXT = 20_000  # characters
MOST_STEPS = 20_000  # of the interpretation of one text
MOST_CALLS = 8  # of functions within functions
MOST_ELEMENTS = 5_000  # of a list
MOST_ITERATIONS = 50  # over a list
