"""What is drawn. Widgets take plain data and post messages; they do no I/O and hold no session state."""
