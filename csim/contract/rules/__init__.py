"""What a contract file must keep, rule by rule: what the linter finds, and what to write instead."""
