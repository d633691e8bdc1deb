"""The offline engine: rules, not a model. It edits real code on request, so that the whole loop works without one.

A request is understood (``task``), what the chain already tells is gathered (``dialogue``), the next step is chosen
(``planner``), and its words and patches are streamed at a settable pace (``engine``).
"""
