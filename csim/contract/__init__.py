"""What was agreed: terms as data, checked."""
