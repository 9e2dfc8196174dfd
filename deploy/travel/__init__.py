"""Makes the table of travel minutes that comes with the program, from a road graph entered by hand."""
