"""The steps from one released schema to the next. A step never changes once it is released."""
