"""The Textual app: it composes the widgets, hands what they post to the session, and draws once a frame."""
