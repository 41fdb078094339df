"""Better terms, with the vendor's answer inside the search."""
