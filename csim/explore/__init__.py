"""What people play with: sliders over the compiled engine."""
