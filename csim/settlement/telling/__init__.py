"""A statement for people: in words, on a console, as a workbook, as a page."""
