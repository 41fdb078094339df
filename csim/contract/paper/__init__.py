"""A contract for people: as a workbook, as YAML, as an annex in Word."""
