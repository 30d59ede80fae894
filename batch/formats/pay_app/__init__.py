"""The pay application workbook: written pre-filled, read when it comes back, annotated when it is wrong."""
