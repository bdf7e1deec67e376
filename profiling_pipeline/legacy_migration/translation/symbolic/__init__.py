"""What a rule text computes of one row, as expressions over the row's columns and conditions on them."""
