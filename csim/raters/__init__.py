"""Quality scores from several raters: the score that counts, how far they agree, who is strict."""
