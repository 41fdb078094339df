"""What happens: the rules of the centre, and the engines that follow them on the same path."""
