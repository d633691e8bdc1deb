"""Running commands: only ever on a person's word, with live output, and stoppable."""
