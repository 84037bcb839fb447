"""What leaves for the web: the guard that every outgoing connection passes."""
