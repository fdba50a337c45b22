"""Words: what is spoken, and how spoken numbers are heard. One Fluent file a locale; no other room has prose."""
