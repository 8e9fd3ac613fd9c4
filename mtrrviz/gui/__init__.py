"""The window: everything that draws or listens. The only package that imports Qt."""
