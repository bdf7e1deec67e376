"""What functions and methods of Python, pandas, NumPy, re and datetime give, as far as they are known here."""
