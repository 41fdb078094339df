"""What a vendor does who reads the terms: its best answer, and what deters it."""
