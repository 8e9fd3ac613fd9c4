"""Geometry: where things lie on screen, as plain numbers and arrays that know no Qt."""
