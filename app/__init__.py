"""The program: command line, settings, workspace, change sets, the pairing session and the Textual app."""
