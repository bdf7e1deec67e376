"""Moving the earlier system's rows into this project's tables, with an account of every row and a way back."""
